/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from outside inside a format that gives some characters a meaning. */
#ifndef NESTREADY_REPORT_ESCAPE_H
#define NESTREADY_REPORT_ESCAPE_H

#include "base/text.h"

/* A character and what is written for it.  A table of them ends with { 0, NULL }. */
struct escape {
	char character;
	const char *instead;
};

/*
 * Adds `string` by the table.  What the table does not name comes out as
 * well-formed UTF-8 on one line: '?' stands for bytes that are none, for
 * control characters, for what ends a line in Unicode, and for U+FFFE and U+FFFF,
 * which XML does not know.
 */
void escape_add(struct text *out, const struct escape *table, const char *string);

#endif
