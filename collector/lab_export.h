/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Marks for other programs: a spreadsheet, a reader of JUnit's XML, anything that takes JSON. Pure.
 */
#ifndef NESTREADY_COLLECTOR_LAB_EXPORT_H
#define NESTREADY_COLLECTOR_LAB_EXPORT_H

#include <jansson.h>

#include "base/text.h"

struct lab_export {
	const char *name; /* NULL ends the table */
	const char *type; /* Content-Type */
	/* `matrix`: lab_matrix, whole. */
	void (*write)(const json_t *matrix, struct text *out);
};

extern const struct lab_export lab_exports[];

/* NULL when there is no such format. */
const struct lab_export *lab_export_find(const char *name);

#endif
