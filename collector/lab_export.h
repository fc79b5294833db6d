/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Marks for other programs: a spreadsheet, a reader of JUnit's XML, anything that takes JSON.  A
 * student at a time, so that a class is never in memory as a whole. */
#ifndef NESTREADY_COLLECTOR_LAB_EXPORT_H
#define NESTREADY_COLLECTOR_LAB_EXPORT_H

#include <jansson.h>

#include "base/text.h"
#include "collector/lab.h"

struct lab_export {
	const char *name; /* NULL ends the table */
	const char *type; /* Content-Type */
	/* `head`: lab_marks_head; `student`: lab_marks_of. */
	void (*begin)(const json_t *head, struct text *out);
	void (*student)(const json_t *head, json_t *student, bool first, struct text *out);
	void (*end)(struct text *out);
};

extern const struct lab_export lab_exports[];

/* What GET /v1/labs/LAB/matrix answers: JSON with cells in the order of the items. */
extern const struct lab_export lab_matrix;

/* NULL when there is no such format. */
const struct lab_export *lab_export_find(const char *name);

/* All students of a lab, after lab_marks_all. */
int lab_export_write(const struct lab_export *format, const struct lab_marks *marks,
                     struct text *out, struct error *err);

#endif
