/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots out of what people already have: dumps of registers, and what
 * administrators paste from systems on which no agent runs.  Bytes in, a
 * snapshot (machine/snapshot.h) out; no I/O.
 *
 * A dump of registers becomes answers of the machine, which the probes judge
 * like any others.  What another program concluded for itself becomes facts;
 * where it says nothing there is no fact, and what it is known to get wrong is
 * `skipped` with the reason.
 */
#ifndef NESTREADY_IMPORT_IMPORT_H
#define NESTREADY_IMPORT_IMPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "import/record.h"

/* What is read at most; the longest dump of 128 CPUs is below 2 MiB. */
#define IMPORT_LIMIT ((size_t)16 << 20)

/* One format: one file of this room that defines it, one line in the table. */
struct import_format {
	const char *name; /* becomes the snapshot's `imported` */
	const char *help; /* what writes it */

	/* Whether the text claims to be of this format, sound or not. */
	bool (*recognises)(const char *text, size_t length);

	/* Puts what the text says into the record.  0, or -1 and "NAME:LINE: ..." */
	int (*parse)(struct record *record, const char *text, size_t length, struct error *err);
};

extern const struct import_format *const import_formats[]; /* ends with NULL */

/* Facts that only imports tell; all others are facts of a probe too.  Ends with NULL. */
extern const struct import_fact {
	const char *key, *help;
} import_facts[];

/*
 * Makes a snapshot; `name` is for messages.  A new reference; or NULL and *err,
 * ERROR_BAD_INPUT unless memory ran out.
 */
json_t *import_snapshot(const char *name, const char *bytes, size_t length, struct error *err);

#endif
