/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of a lab, put together by student, and graded. */
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/documents.h"
#include "collector/grade.h"
#include "collector/lab.h"
#include "collector/lab_kinds.h"
#include "collector/rubric.h"
#include "collector/suspect.h"
#include "collector/words.h"

/* STUDENT/REPORT: into the array of that student. */
static int take_attempt(void *context, const char *rest, json_t *body,
                        const struct store_document *row)
{
	json_t *attempts = context;
	const char *slash = strrchr(rest, '/');
	char student[LAB_KEY_SIZE];
	(void)row;
	if (slash == NULL || (size_t)(slash - rest) >= sizeof student)
		return 0;
	memcpy(student, rest, (size_t)(slash - rest));
	student[slash - rest] = '\0';
	json_t *list = json_object_get(attempts, student);
	if (list == NULL) {
		list = json_array();
		json_object_set_new(attempts, student, list);
	}
	return json_array_append(list, body);
}

static int take_override(void *context, const char *student, json_t *body,
                         const struct store_document *row)
{
	(void)row;
	return json_object_set(context, student, body);
}

static int take_challenges(void *context, const char *student, json_t *body,
                           const struct store_document *row)
{
	(void)row;
	json_t *challenges = json_object_get(body, "challenges");
	return challenges == NULL ? 0 : json_object_set(context, student, challenges);
}

int lab_marks_load(struct store *store, const char *name, struct lab_marks *marks,
                   struct error *err)
{
	char prefix[LAB_KEY_SIZE];
	*marks = (struct lab_marks){ .attempts = json_object(),
		                     .overrides = json_object(),
		                     .challenges = json_object() };
	if (lab_load(store, name, &marks->lab, err) != 0)
		return -1;
	if (marks->lab.document == NULL)
		return 0;
	lab_key(name, "", prefix);
	if (documents_each(store, KIND_ATTEMPT, prefix, take_attempt, marks->attempts, err) != 0 ||
	    documents_each(store, KIND_OVERRIDE, prefix, take_override, marks->overrides, err) !=
	            0 ||
	    documents_each(store, KIND_STUDENT, prefix, take_challenges, marks->challenges, err) !=
	            0)
		return -1;
	marks->flags = suspect(marks->attempts, marks->challenges);
	return 0;
}

void lab_marks_clear(struct lab_marks *marks)
{
	lab_clear(&marks->lab);
	json_decref(marks->attempts);
	json_decref(marks->overrides);
	json_decref(marks->challenges);
	json_decref(marks->flags);
}

json_t *lab_marks_of(const struct lab_marks *marks, const json_t *student)
{
	const char *id = json_at_text(student, "student");
	json_t *flags = json_object_get(marks->flags, id);
	json_t *made = grade(marks->lab.rubric, json_object_get(marks->attempts, id),
	                     json_object_get(marks->overrides, id));
	json_object_set_new(made, "student", json_string(id));
	if (json_at_text(student, "name")[0] != '\0')
		json_object_set(made, "name", json_object_get(student, "name"));
	json_object_set_new(made, "flags", flags == NULL ? json_array() : json_incref(flags));
	return made;
}

static json_t *write_item(const json_t *rubric, const json_t *item)
{
	char when[WORD_TIME_SIZE];
	int64_t deadline = rubric_deadline(rubric, item);
	json_t *made = json_pack("{s:O, s:s, s:s, s:O}", "id", json_object_get(item, "id"), "title",
	                         rubric_title(item), "target", rubric_target(rubric, item),
	                         "points", json_object_get(item, "points"));
	static const char *const members[] = { "finding", "verdict", "note" };
	for (size_t i = 0; i < 3; i++) {
		json_t *member = json_object_get(item, members[i]);
		if (member != NULL)
			json_object_set(made, members[i], member);
	}
	if (deadline >= 0) {
		word_time_write(deadline, when);
		json_object_set_new(made, "deadline", json_string(when));
	}
	return made;
}

/* Of an item what a cell of a table shows. */
static json_t *write_cell(const json_t *item)
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

/* A row of the table: its cells are in the order of the items. */
static json_t *write_row(json_t *whole)
{
	const json_t *items = json_object_get(whole, "items");
	const json_t *flags = json_object_get(whole, "flags");
	json_t *cells = json_array(), *words = json_array();
	for (size_t i = 0; i < json_array_size(items); i++)
		json_array_append_new(cells, write_cell(json_array_get(items, i)));
	for (size_t i = 0; i < json_array_size(flags); i++)
		json_array_append(words, json_object_get(json_array_get(flags, i), "flag"));
	json_object_del(whole, "items");
	json_object_set_new(whole, "cells", cells);
	json_object_set_new(whole, "flags", words);
	return whole;
}

json_t *lab_matrix(const struct lab_marks *marks, bool whole)
{
	const json_t *rubric = marks->lab.rubric, *items = json_object_get(rubric, "items");
	json_t *heads = json_array(), *rows = json_array();
	char when[WORD_TIME_SIZE];
	for (size_t i = 0; i < json_array_size(items); i++)
		json_array_append_new(heads, write_item(rubric, json_array_get(items, i)));
	for (size_t i = 0; i < json_array_size(marks->lab.students); i++) {
		json_t *row = lab_marks_of(marks, json_array_get(marks->lab.students, i));
		json_array_append_new(rows, whole ? row : write_row(row));
	}
	word_time_write(marks->lab.updated, when);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "schema", "nestready.marks/1",
	                 "lab", marks->lab.name, "title", json_at_text(rubric, "title"), "updated",
	                 when, "possible", grade_number(grade_possible(rubric)), "items", heads,
	                 "students", rows);
}
