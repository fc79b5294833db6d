/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See roster.h. */
#include "collector/roster.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "collector/csv.h"

static const struct column {
	const char *name;
	size_t max; /* bytes of a value */
	bool unique;
} columns[] = {
	{ "student", ROSTER_STUDENT_MAX, true },
	{ "name", ROSTER_NAME_MAX, false },
	{ "guest", 255, true },
	{ "token", 12, true },
};

#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

struct reading {
	const json_t *rows, *lines;
	const struct column *at[CSV_COLUMNS_MAX]; /* what each column of the file is */
	json_t *seen[COLUMN_COUNT];               /* value -> its line */
	struct error *err;
};

static int complain(const struct reading *reading, size_t row, size_t column, const char *what,
                    const char *word)
{
	return error_set(reading->err, ERROR_BAD_INPUT, 0, "line %lld, column %zu: %s%.60s",
	                 (long long)json_integer_value(json_array_get(reading->lines, row)),
	                 column + 1, what, word);
}

static const char *cell(const json_t *row, size_t column)
{
	const char *text = json_string_value(json_array_get(row, column));
	return text == NULL ? "" : text;
}

static int read_head(struct reading *reading)
{
	const json_t *head = json_array_get(reading->rows, 0);
	bool student = false;
	for (size_t i = 0; i < json_array_size(head); i++) {
		const char *name = cell(head, i);
		for (size_t k = 0; k < COLUMN_COUNT; k++) {
			if (strcasecmp(columns[k].name, name) == 0)
				reading->at[i] = &columns[k];
		}
		if (reading->at[i] == NULL)
			return complain(reading, 0, i,
			                "expected student, name, guest or token, found ", name);
		for (size_t k = 0; k < i; k++) {
			if (reading->at[k] == reading->at[i])
				return complain(reading, 0, i, "a second column ", name);
		}
		student = student || reading->at[i] == &columns[0];
	}
	return student ? 0 : complain(reading, 0, 0, "expected a column student", "");
}

bool roster_is_student(const char *word)
{
	size_t length = strlen(word);
	for (const char *at = word; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f || *at == '/')
			return false;
	}
	/* Paths with these names mean something else. */
	return length > 0 && length <= ROSTER_STUDENT_MAX && strcmp(word, ".") != 0 &&
	       strcmp(word, "..") != 0;
}

/* A name ends up on graders' terminals; a line end in it is a spreadsheet's. */
static bool has_control(const char *word)
{
	while (*word != '\0' && !csv_is_control(*word))
		word++;
	return *word != '\0';
}

static int take_cell(struct reading *reading, size_t row, size_t at, const char *word,
                     json_t *entry)
{
	const struct column *column = reading->at[at];
	size_t index = (size_t)(column - columns);
	if (strlen(word) > column->max)
		return complain(reading, row, at, "longer than it may be: ", word);
	if (index == 0 && !roster_is_student(word))
		return complain(reading, row, at,
		                word[0] == '\0' ? "the student is missing"
		                                : "no / and no control character may be in ",
		                word);
	if (has_control(word))
		return complain(reading, row, at, "no control character may be in a cell", "");
	if (word[0] == '\0')
		return 0;
	if (column->unique && json_object_get(reading->seen[index], word) != NULL)
		return complain(reading, row, at, "a second time: ", word);
	if (json_object_set(reading->seen[index], word, json_true()) != 0 ||
	    json_object_set_new(entry, column->name, json_string(word)) != 0)
		return error_set(reading->err, ERROR_INTERNAL, 0, "out of memory");
	return 0;
}

static int take_row(struct reading *reading, size_t row, json_t *students)
{
	const json_t *cells = json_array_get(reading->rows, row);
	size_t expected = json_array_size(json_array_get(reading->rows, 0));
	if (json_array_size(cells) > expected)
		return complain(reading, row, expected, "more cells than the first line has", "");
	json_t *entry = json_object();
	int status = entry == NULL || json_array_append_new(students, entry) != 0
	                     ? error_set(reading->err, ERROR_INTERNAL, 0, "out of memory")
	                     : 0;
	for (size_t i = 0; i < expected && status == 0; i++)
		status = take_cell(reading, row, i, cell(cells, i), entry);
	return status;
}

/* Bytes of the blank there: a no-break space comes with what is copied from a web page. */
static size_t blank_at(const char *at)
{
	return strncmp(at, "\xc2\xa0", 2) == 0 ? 2 : *at != '\0' && strchr(" \t\r\n", *at) != NULL;
}

/* Nobody sees blanks at the ends of a cell, nor means them.  Whether something is left of the row.
 */
static bool trim(json_t *row)
{
	bool any = false;
	for (size_t i = 0; i < json_array_size(row); i++) {
		const char *start = cell(row, i), *at, *end;
		while (blank_at(start) > 0)
			start += blank_at(start);
		for (at = end = start; *at != '\0';) {
			size_t blank = blank_at(at);
			at += blank > 0 ? blank : 1;
			end = blank > 0 ? end : at;
		}
		any = any || end > start;
		json_array_set_new(row, i, json_stringn(start, (size_t)(end - start)));
	}
	return any;
}

static void trim_rows(json_t *rows, json_t *lines)
{
	for (size_t i = json_array_size(rows); i-- > 0;) {
		if (trim(json_array_get(rows, i)))
			continue;
		json_array_remove(rows, i);
		json_array_remove(lines, i);
	}
}

json_t *roster_read(const char *bytes, size_t length, struct error *err)
{
	json_t *lines;
	json_t *rows = csv_read(bytes, length, &lines, err);
	if (rows == NULL)
		return NULL;
	trim_rows(rows, lines);
	struct reading reading = { .rows = rows, .lines = lines, .err = err };
	json_t *students = json_array();
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		reading.seen[i] = json_object();
	int status = json_array_size(rows) < 2
	                     ? error_set(err, ERROR_BAD_INPUT, 0,
	                                 "line 1, column 1: expected a first line of column names "
	                                 "(student,name) and a student a line")
	                     : read_head(&reading);
	for (size_t row = 1; row < json_array_size(rows) && status == 0; row++)
		status = take_row(&reading, row, students);
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		json_decref(reading.seen[i]);
	json_decref(rows);
	json_decref(lines);
	if (status == 0)
		return students;
	json_decref(students);
	return NULL;
}
