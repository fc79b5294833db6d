/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One pass over the bytes, a cell at a time. */
#include "collector/csv.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

struct reader {
	const char *at, *end;
	char separator;
	unsigned line;   /* where `at` is, from 1 */
	unsigned column; /* the cell's, from 1 */
	struct error *err;
};

static int complain(const struct reader *reader, const char *what)
{
	return error_set(reader->err, ERROR_BAD_INPUT, 0, "line %u, column %u: %s", reader->line,
	                 reader->column, what);
}

/* What is there most often in the first line, outside of quotes. */
static char find_separator(const char *bytes, size_t length)
{
	static const char known[] = { ',', ';', '\t' };
	size_t counts[3] = { 0 };
	bool quoted = false;
	for (size_t i = 0; i < length && (quoted || (bytes[i] != '\n' && bytes[i] != '\r')); i++) {
		quoted ^= bytes[i] == '"';
		for (size_t k = 0; k < 3; k++)
			counts[k] += !quoted && bytes[i] == known[k];
	}
	size_t best = counts[1] > counts[0] ? 1 : 0;
	return known[counts[2] > counts[best] ? 2 : best];
}

/* Behind the opening quote, to behind the closing one. */
static int read_quoted(struct reader *reader, struct text *cell)
{
	unsigned line = reader->line;
	for (; reader->at < reader->end; reader->at++) {
		if (*reader->at == '"' && reader->at + 1 < reader->end && reader->at[1] == '"')
			reader->at++;
		else if (*reader->at == '"')
			break;
		reader->line += *reader->at == '\n';
		text_add_bytes(cell, reader->at, 1);
	}
	if (reader->at == reader->end) {
		reader->line = line;
		return complain(reader, "a quote is opened and not closed");
	}
	reader->at++;
	if (reader->at < reader->end && *reader->at != reader->separator && *reader->at != '\n' &&
	    *reader->at != '\r')
		return complain(reader, "text behind a closing quote (a quote within is doubled)");
	return 0;
}

static int read_plain(struct reader *reader, struct text *cell)
{
	const char *start = reader->at;
	while (reader->at < reader->end && *reader->at != reader->separator &&
	       *reader->at != '\n' && *reader->at != '\r') {
		if (*reader->at == '"')
			return complain(reader,
			                "a quote within a cell that does not begin with one");
		reader->at++;
	}
	text_add_bytes(cell, start, (size_t)(reader->at - start));
	return 0;
}

static int add_cell(struct reader *reader, json_t *row)
{
	cleanup_text struct text cell = TEXT_INIT;
	bool quoted = reader->at < reader->end && *reader->at == '"';
	reader->at += quoted;
	if ((quoted ? read_quoted(reader, &cell) : read_plain(reader, &cell)) != 0)
		return -1;
	if (json_array_size(row) == CSV_COLUMNS_MAX)
		return complain(reader, "one column too many");
	if (memchr(text_string(&cell), '\0', cell.length) != NULL)
		return complain(reader, "a NUL byte: is this a text file in UTF-8?");
	json_t *value = json_string(text_string(&cell));
	if (value == NULL && !cell.failed)
		return complain(reader, "no UTF-8: save it as \"CSV UTF-8\"");
	if (cell.failed || json_array_append_new(row, value) != 0)
		return error_set(reader->err, ERROR_INTERNAL, 0, "out of memory");
	return 0;
}

/* One row up to the end of its line; behind that afterwards. */
static int read_row(struct reader *reader, json_t *row)
{
	for (reader->column = 1;; reader->column++) {
		if (add_cell(reader, row) != 0)
			return -1;
		if (reader->at == reader->end || *reader->at != reader->separator)
			break;
		reader->at++;
	}
	if (reader->at < reader->end && *reader->at == '\r')
		reader->at++;
	if (reader->at < reader->end && *reader->at == '\n')
		reader->at++;
	return 0;
}

static bool is_empty(const json_t *row)
{
	for (size_t i = 0; i < json_array_size(row); i++) {
		if (json_string_length(json_array_get(row, i)) > 0)
			return false;
	}
	return true;
}

static int read_rows(struct reader *reader, json_t *rows, json_t *lines)
{
	for (; reader->at < reader->end; reader->line++) {
		json_t *row = json_array();
		json_int_t line = reader->line;
		int status = row == NULL
		                     ? error_set(reader->err, ERROR_INTERNAL, 0, "out of memory")
		                     : read_row(reader, row);
		if (status == 0 && !is_empty(row)) {
			reader->column = 1;
			if (json_array_size(rows) == CSV_ROWS_MAX)
				status = complain(reader, "one row too many");
			else if (json_array_append(rows, row) != 0 ||
			         json_array_append_new(lines, json_integer(line)) != 0)
				status = error_set(reader->err, ERROR_INTERNAL, 0, "out of memory");
		}
		json_decref(row);
		if (status != 0)
			return -1;
	}
	return 0;
}

json_t *csv_read(const char *bytes, size_t length, json_t **lines, struct error *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (length >= 3 && memcmp(bytes, mark, 3) == 0) {
		bytes += 3;
		length -= 3;
	}
	struct reader reader = { .at = bytes,
		                 .end = bytes + length,
		                 .separator = find_separator(bytes, length),
		                 .line = 1,
		                 .err = err };
	json_t *rows = json_array();
	*lines = json_array();
	if (read_rows(&reader, rows, *lines) == 0)
		return rows;
	json_decref(rows);
	json_decref(*lines);
	*lines = NULL;
	return NULL;
}

bool csv_is_control(char c)
{
	return ((unsigned char)c < ' ' && strchr("\t\r\n", c) == NULL) || c == 0x7f;
}

/* The full-width ones are what some keyboards type, and what some spreadsheets take for the others.
 */
static bool is_formula(const char *at)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
		                            "\xef\xbc\xa0" };
	for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
		if (strncmp(at, wide[i], 3) == 0)
			return true;
	}
	return *at != '\0' && strchr("=+-@", *at) != NULL;
}

void csv_add(struct text *out, const char *cell)
{
	bool control = *cell == '\t' || *cell == '\r';
	bool quoted = strpbrk(cell, "\",;\t\r\n'") != NULL || is_formula(cell + strspn(cell, " "));
	bool first = true; /* here a cell begins, for who has another separator */
	text_add(out, control ? "\"'" : quoted ? "\"" : "");
	for (; *cell != '\0'; cell++) {
		if (first && is_formula(cell))
			text_add(out, "'");
		if (*cell == '"')
			text_add(out, "\"\"");
		else
			text_add_bytes(out, csv_is_control(*cell) ? "?" : cell, 1);
		first = strchr(";\t\r\n", *cell) != NULL ||
		        (first && (*cell == ' ' || *cell == '"'));
	}
	text_add(out, quoted ? "\"" : "");
}
