/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See lab_export.h. */
#include "collector/lab_export.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/csv.h"
#include "report/escape.h"

/* ---- CSV: a student a line, three columns an item ------------------------------ */

static void add_cell(struct text *out, const char *cell)
{
	text_add(out, ",");
	csv_add(out, cell);
}

static void add_head(struct text *out, const json_t *items)
{
	text_add(out, "student,name,points,possible,attempts,last seen,stale,platform,flags");
	for (size_t i = 0; i < json_array_size(items); i++) {
		const char *id = json_at_text(json_array_get(items, i), "id");
		static const char *const parts[] = { "", " state", " reason" };
		for (size_t k = 0; k < 3; k++) {
			char head[80];
			snprintf(head, sizeof head, "%.60s%s", id, parts[k]);
			add_cell(out, head);
		}
	}
	text_add(out, "\r\n");
}

static void add_flags(struct text *out, const json_t *flags)
{
	cleanup_text struct text words = TEXT_INIT;
	for (size_t i = 0; i < json_array_size(flags); i++)
		text_printf(&words, "%s%s", i == 0 ? "" : " ",
		            json_at_text(json_array_get(flags, i), "flag"));
	add_cell(out, text_string(&words));
}

static void begin_csv(const json_t *head, struct text *out)
{
	add_head(out, json_object_get(head, "items"));
}

/* Of a student who was never heard of, "": neither is so. */
static const char *stale_of(const json_t *student)
{
	const json_t *stale = json_object_get(student, "stale");
	return stale == NULL ? "" : json_is_true(stale) ? "true" : "false";
}

static void add_student(const json_t *head, json_t *student, bool first, struct text *out)
{
	const json_t *items = json_object_get(student, "items");
	(void)head;
	(void)first;
	csv_add(out, json_at_text(student, "student"));
	add_cell(out, json_at_text(student, "name"));
	text_printf(out, ",%g,%g,%g", json_at_number(student, "points"),
	            json_at_number(student, "possible"), json_at_number(student, "attempts"));
	add_cell(out, json_at_text(student, "last_seen"));
	add_cell(out, stale_of(student));
	add_cell(out, json_at_text(student, "platform"));
	add_flags(out, json_object_get(student, "flags"));
	for (size_t k = 0; k < json_array_size(items); k++) {
		const json_t *item = json_array_get(items, k);
		text_printf(out, ",%g", json_at_number(item, "points"));
		add_cell(out, json_at_text(item, "state"));
		add_cell(out, json_at_text(item, "reason"));
	}
	text_add(out, "\r\n");
}

static void end_csv(struct text *out)
{
	(void)out;
}

/* ---- JUnit: a student is a suite, an item a case -------------------------------- */

/* Inside attributes (XML 1.0, 3.3.3). */
static const struct escape attribute[] = { { '<', "&lt;" },   { '>', "&gt;" },  { '&', "&amp;" },
	                                   { '"', "&quot;" }, { '\t', "&#9;" }, { 0, NULL } };

/* Which element says how a case went; a state that is not here went well. */
static const struct {
	const char *state, *element;
} elements[] = {
	{ "not-met", "failure" },
	{ "not-received", "failure" },
	{ "unknown", "error" },
	{ "excused", "skipped" },
};

static const char *element_of(const char *state)
{
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
		if (strcmp(elements[i].state, state) == 0)
			return elements[i].element;
	}
	return NULL;
}

static void put(struct text *out, const char *name, const char *value)
{
	text_printf(out, " %s=\"", name);
	escape_add(out, attribute, value);
	text_add(out, "\"");
}

static size_t count_of(const json_t *items, const char *element)
{
	size_t count = 0;
	for (size_t i = 0; i < json_array_size(items); i++) {
		const char *own = element_of(json_at_text(json_array_get(items, i), "state"));
		count += own != NULL && strcmp(own, element) == 0;
	}
	return count;
}

static void write_case(const char *class, const json_t *item, struct text *out)
{
	const char *element = element_of(json_at_text(item, "state"));
	char points[64];
	snprintf(points, sizeof points, "%g of %g points", json_at_number(item, "points"),
	         json_at_number(item, "possible"));
	text_add(out, "    <testcase");
	put(out, "classname", class);
	put(out, "name", json_at_text(item, "id"));
	text_add(out, " time=\"0\">\n");
	if (element != NULL) {
		text_printf(out, "      <%s", element);
		put(out, "message", json_at_text(item, "reason"));
		if (strcmp(element, "skipped") != 0)
			put(out, "type", json_at_text(item, "state"));
		text_add(out, "/>\n");
	}
	text_add(out, "      <system-out>");
	escape_add(out, attribute, json_at_text(item, "title"));
	text_printf(out, ": %s", points);
	if (strcmp(json_at_text(item, "state"), "late") == 0) {
		text_add(out, ", ");
		escape_add(out, attribute, json_at_text(item, "reason"));
	}
	text_add(out, "</system-out>\n    </testcase>\n");
}

static void begin_junit(const json_t *head, struct text *out)
{
	text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	put(out, "name", json_at_text(head, "lab"));
	text_add(out, ">\n");
}

static void add_property(struct text *out, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	text_add(out, "      <property");
	put(out, "name", name);
	put(out, "value", value);
	text_add(out, "/>\n");
}

static void add_suite(const json_t *head, json_t *student, bool first, struct text *out)
{
	const json_t *items = json_object_get(student, "items");
	(void)first;
	text_add(out, "  <testsuite");
	put(out, "name", json_at_text(student, "student"));
	text_printf(out,
	            " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
	            "time=\"0\">\n",
	            json_array_size(items), count_of(items, "failure"), count_of(items, "error"),
	            count_of(items, "skipped"));
	if (stale_of(student)[0] != '\0') {
		text_add(out, "    <properties>\n");
		add_property(out, "last_seen", json_at_text(student, "last_seen"));
		add_property(out, "stale", stale_of(student));
		text_add(out, "    </properties>\n");
	}
	for (size_t k = 0; k < json_array_size(items); k++)
		write_case(json_at_text(head, "lab"), json_array_get(items, k), out);
	text_add(out, "  </testsuite>\n");
}

static void end_junit(struct text *out)
{
	text_add(out, "</testsuites>\n");
}

/* ---- JSON ----------------------------------------------------------------------- */

static void add_dump(struct text *out, const json_t *value)
{
	char *dump = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(15));
	text_add(out, dump == NULL ? "" : dump);
	out->failed = out->failed || dump == NULL;
	free(dump);
}

/* The head is an object of its own; its last brace makes room for the students. */
static void begin_json(const json_t *head, struct text *out)
{
	add_dump(out, head);
	if (!out->failed)
		out->length--;
	text_add(out, ",\"students\":[");
}

static void add_json(const json_t *head, json_t *student, bool first, struct text *out)
{
	(void)head;
	text_add(out, first ? "\n" : ",\n");
	add_dump(out, student);
}

static void end_json(struct text *out)
{
	text_add(out, "\n]}\n");
}

/* Of an item what a cell of a table shows. */
static json_t *make_cell(const json_t *item)
{
	static const char *const members[] = { "state", "points", "possible", "reason", "gap" };
	json_t *cell = json_object();
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		json_t *member = json_object_get(item, members[i]);
		if (member != NULL)
			json_object_set(cell, members[i], member);
	}
	if (json_object_get(item, "override") != NULL)
		json_object_set_new(cell, "by_hand", json_true());
	return cell;
}

static void add_row(const json_t *head, json_t *student, bool first, struct text *out)
{
	const json_t *items = json_object_get(student, "items");
	const json_t *flags = json_object_get(student, "flags");
	json_t *cells = json_array(), *words = json_array();
	for (size_t i = 0; i < json_array_size(items); i++)
		json_array_append_new(cells, make_cell(json_array_get(items, i)));
	for (size_t i = 0; i < json_array_size(flags); i++)
		json_array_append(words, json_object_get(json_array_get(flags, i), "flag"));
	json_object_del(student, "items");
	json_object_set_new(student, "cells", cells);
	json_object_set_new(student, "flags", words);
	add_json(head, student, first, out);
}

const struct lab_export lab_matrix = { "matrix", "application/json", begin_json, add_row,
	                               end_json };

const struct lab_export lab_exports[] = {
	{ "csv", "text/csv; charset=utf-8", begin_csv, add_student, end_csv },
	{ "junit", "application/xml", begin_junit, add_suite, end_junit },
	{ "json", "application/json", begin_json, add_json, end_json },
	{ NULL, NULL, NULL, NULL, NULL },
};

const struct lab_export *lab_export_find(const char *name)
{
	for (const struct lab_export *export = lab_exports; export->name != NULL; export ++) {
		if (strcmp(export->name, name) == 0)
			return export;
	}
	return NULL;
}

int lab_export_write(const struct lab_export *format, const struct lab_marks *marks,
                     struct text *out, struct error *err)
{
	json_t *head = lab_marks_head(marks);
	int status = head == NULL ? -1 : 0;
	if (status == 0)
		format->begin(head, out);
	for (size_t i = 0; i < json_array_size(marks->lab.students) && status == 0; i++) {
		json_t *student;
		status = lab_marks_of(marks, json_array_get(marks->lab.students, i), &student, err);
		if (status == 0)
			format->student(head, student, i == 0, out);
		json_decref(student);
	}
	if (status == 0)
		format->end(out);
	json_decref(head);
	if (out->failed || (status != 0 && err->code == ERROR_NONE))
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return status;
}
