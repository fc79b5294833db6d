/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a collector wants to know of a report: a few of its words, and its
 * findings.  One table says where they stand, for both who read it: out of a
 * tree, and straight out of the bytes (collector/scan.h).
 */
#ifndef NESTREADY_COLLECTOR_GIST_H
#define NESTREADY_COLLECTOR_GIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum gist_word {
	GIST_ID,
	GIST_TIME,
	GIST_VERDICT,
	GIST_BASIS,
	GIST_AGENT,
	GIST_UUID,
	GIST_HOSTNAME,
	GIST_PLATFORM,
	GIST_PLATFORM_VERSION, /* a number may be one, as its digits */
	GIST_TARGET,
	/* Facts. */
	GIST_HYPERV_VERSION,
	GIST_XEN_VERSION,
	GIST_VMWARE_PRODUCT,
	GIST_CPU_NAME,
	GIST_CPU_MICROCODE,
	GIST_KERNEL,
	GIST_COUNT,

	GIST_ROW = 32, /* from here on: of a finding */
	GIST_FINDING = GIST_ROW,
	GIST_OUTCOME,
	GIST_SEVERITY,
	GIST_GAP,
	GIST_END,
};

struct gist_finding {
	const char *words[GIST_END - GIST_ROW]; /* NULL: it is not there */
};

struct gist {
	const char *words[GIST_COUNT]; /* NULL: it is not there, or no text */
	struct gist_finding *findings;
	size_t count, room;
	/* The bytes of its member `guest`, where it was read out of bytes. */
	const char *guest;
	size_t guest_length;
	char *letters; /* where the words stand, unless they are a tree's */
	size_t used;
	bool failed; /* memory ran out */
};

/* A place in a report: a member, and what is wanted inside of it.  A NULL name ends a table. */
struct gist_place {
	const char *name;
	const struct gist_place *inner; /* NULL: the word itself is wanted, as `word` */
	enum gist_word word;
};

/* What is wanted of a whole report; of an array, what is wanted of each item, a finding. */
extern const struct gist_place gist_report[];

/* Begins a finding; false on lack of memory. */
bool gist_add_finding(struct gist *gist);

/* `text` stays where it is. */
void gist_set(struct gist *gist, enum gist_word word, const char *text);

/* NULL and "" are both "". */
const char *gist_text(const struct gist *gist, enum gist_word word);

/* Out of a tree, which has to outlive the gist; its shape was checked. */
void gist_read(struct gist *gist, const json_t *report);

void gist_clear(struct gist *gist);

#endif
