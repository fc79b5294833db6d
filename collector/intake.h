/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A report as it came in: the bytes, checked against schema/report.schema.json,
 * and what the collector sorts reports by.  Pure: bytes in, a value or one line
 * of complaint out.
 */
#ifndef NESTREADY_COLLECTOR_INTAKE_H
#define NESTREADY_COLLECTOR_INTAKE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* A report of nestready is 10 deep. */
#define INTAKE_DEPTH_MAX 32
/* Bytes of a name that is kept beside the report. */
#define INTAKE_NAME_MAX   255
#define INTAKE_GUEST_SIZE 33

struct intake {
	char id[37];
	/*
	 * Who it is about: the same for every report of one guest in one lab, hexadecimal and so
	 * at home in a URL.  Of `lab` and `name`.
	 */
	char guest[INTAKE_GUEST_SIZE];
	char *lab;      /* "" for none */
	char *name;     /* the system UUID; without one, the host name */
	char *hostname; /* "" when not said */
	char *platform; /* "" when not recognised */
	char *target;
	char *verdict;
	char *basis;
	char *agent;
	int64_t time_ms; /* when the agent says that it ran */
	/*
	 * The findings, sorted: lines of "ID OUTCOME SEVERITY GAP" with - for no gap.  Most guests
	 * of a fleet share theirs with others, so a store keeps each such text once.
	 */
	struct text profile;
	struct text traits; /* see collector/standing.h */
	json_t *said;       /* what it says of its guest */
	char *body;         /* as received */
	size_t length;
};

/*
 * Takes over `body`, which was allocated, and frees it when that fails.  0; or -1 and *err:
 * ERROR_BAD_INPUT when it is no JSON or no report, ERROR_INTERNAL on lack of memory.
 * `*well_formed` says whether it was JSON at all.
 */
int intake_read(char *body, size_t length, const char *lab, struct intake *intake,
                bool *well_formed, struct error *err);

/* JSON of a stranger, no deeper than INTAKE_DEPTH_MAX and no member twice; NULL and *err. */
json_t *intake_json(const char *bytes, size_t length, struct error *err);

/* The same by way of a tree: slower, and it has the words for what is wrong. */
int intake_read_tree(char *body, size_t length, const char *lab, struct intake *intake,
                     bool *well_formed, struct error *err);

void intake_clear(struct intake *intake);

/* The guest that `name` in `lab` is. */
void intake_guest(const char *lab, const char *name, char guest[INTAKE_GUEST_SIZE]);

#endif
