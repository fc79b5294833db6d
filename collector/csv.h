/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comma-separated values as RFC 4180 has them and as spreadsheets write them:
 * a byte order mark, CRLF, and semicolons or tabs where a comma is the decimal
 * sign.  Pure.
 */
#ifndef NESTREADY_COLLECTOR_CSV_H
#define NESTREADY_COLLECTOR_CSV_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

#define CSV_ROWS_MAX    20000
#define CSV_COLUMNS_MAX 64

/*
 * A new array with an array of strings a row; rows with nothing in them are left out.  The first
 * line says what stands between cells.  *lines is an array with the line of each row, from 1.
 * NULL and *err, which names line and column, when this is no such text.
 */
json_t *csv_read(const char *bytes, size_t length, json_t **lines, struct error *err);

/* Other than tab and line ends: no text has it, and a terminal obeys it. */
bool csv_is_control(char c);

/*
 * Adds a cell, quoted where it must be.  What a spreadsheet would take for a formula gets an
 * apostrophe in front, also within a cell behind what parts cells where commas do not (OWASP, CSV
 * Injection), and a control character is a question mark.
 */
void csv_add(struct text *out, const char *cell);

#endif
