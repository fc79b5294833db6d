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
	text_add(out, "student,name,points,possible,attempts,last seen,platform,flags");
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

static void write_csv(const json_t *matrix, struct text *out)
{
	const json_t *students = json_object_get(matrix, "students");
	add_head(out, json_object_get(matrix, "items"));
	for (size_t i = 0; i < json_array_size(students); i++) {
		const json_t *student = json_array_get(students, i);
		const json_t *items = json_object_get(student, "items");
		csv_add(out, json_at_text(student, "student"));
		add_cell(out, json_at_text(student, "name"));
		text_printf(out, ",%g,%g,%g", json_at_number(student, "points"),
		            json_at_number(student, "possible"),
		            json_at_number(student, "attempts"));
		add_cell(out, json_at_text(student, "last_seen"));
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

static void write_junit(const json_t *matrix, struct text *out)
{
	const json_t *students = json_object_get(matrix, "students");
	text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	put(out, "name", json_at_text(matrix, "lab"));
	text_add(out, ">\n");
	for (size_t i = 0; i < json_array_size(students); i++) {
		const json_t *student = json_array_get(students, i);
		const json_t *items = json_object_get(student, "items");
		text_add(out, "  <testsuite");
		put(out, "name", json_at_text(student, "student"));
		text_printf(out,
		            " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
		            "time=\"0\">\n",
		            json_array_size(items), count_of(items, "failure"),
		            count_of(items, "error"), count_of(items, "skipped"));
		for (size_t k = 0; k < json_array_size(items); k++)
			write_case(json_at_text(matrix, "lab"), json_array_get(items, k), out);
		text_add(out, "  </testsuite>\n");
	}
	text_add(out, "</testsuites>\n");
}

/* ---- JSON ----------------------------------------------------------------------- */

static void write_json(const json_t *matrix, struct text *out)
{
	char *dump = json_dumps(matrix, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
	text_add(out, dump == NULL ? "" : dump);
	text_add(out, "\n");
	out->failed = out->failed || dump == NULL;
	free(dump);
}

const struct lab_export lab_exports[] = {
	{ "csv", "text/csv; charset=utf-8", write_csv },
	{ "junit", "application/xml", write_junit },
	{ "json", "application/json", write_json },
	{ NULL, NULL, NULL },
};

const struct lab_export *lab_export_find(const char *name)
{
	for (const struct lab_export *export = lab_exports; export->name != NULL; export ++) {
		if (strcmp(export->name, name) == 0)
			return export;
	}
	return NULL;
}
