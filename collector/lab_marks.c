/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of a lab, put together by student, and graded. */
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/documents.h"
#include "collector/grade.h"
#include "collector/lab.h"
#include "collector/lab_kinds.h"
#include "collector/lab_sum.h"
#include "collector/rubric.h"
#include "collector/suspect.h"
#include "collector/words.h"

static int take_body(void *context, const char *student, json_t *body,
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

static int take_guest(void *context, const struct store_report *row)
{
	json_t *heard = context;
	if (json_at_integer(heard, row->guest) >= row->received)
		return 0;
	return json_object_set_new(heard, row->guest, json_integer(row->received));
}

int lab_marks_load(struct store *store, const char *name, int64_t stale, struct lab_marks *marks,
                   struct error *err)
{
	*marks = (struct lab_marks){ .store = store, .stale = stale, .heard = json_object() };
	if (lab_load(store, name, &marks->lab, err) != 0)
		return -1;
	if (marks->lab.document == NULL)
		return 0;
	const struct store_filter filter = { .lab = marks->lab.name };
	return store->type->latest(store, &filter, NULL, NULL, UINT32_MAX >> 1, take_guest,
	                           marks->heard, err);
}

/* A sum of another version of the lab says nothing of this one, and older stores have none. */
static int renew_sum(struct lab_marks *marks, const char *student, struct error *err)
{
	json_t *attempts = NULL, *overrides = NULL;
	marks->old_sums = true;
	int status = lab_attempts(marks->store, marks->lab.name, student, &attempts, err);
	if (status == 0)
		status = lab_overrides(marks->store, marks->lab.name, student, &overrides, err);
	if (status == 0)
		status = json_object_set_new(marks->sums, student,
		                             lab_sum_of(&marks->lab, attempts, overrides));
	json_decref(attempts);
	json_decref(overrides);
	return status;
}

static int read_sums(struct lab_marks *marks, const char *prefix, struct error *err)
{
	if (documents_each(marks->store, KIND_SUM, prefix, take_body, marks->sums, err) != 0)
		return -1;
	for (size_t i = 0; i < json_array_size(marks->lab.students); i++) {
		const char *student =
		        json_at_text(json_array_get(marks->lab.students, i), "student");
		const json_t *sum = json_object_get(marks->sums, student);
		if ((sum == NULL || json_at_integer(sum, "lab") != marks->lab.version) &&
		    renew_sum(marks, student, err) != 0)
			return -1;
	}
	return 0;
}

int lab_marks_all(struct lab_marks *marks, struct error *err)
{
	char prefix[LAB_KEY_SIZE];
	const char *student;
	json_t *sum, *said = json_object(), *challenges = json_object();
	lab_key(marks->lab.name, "", prefix);
	marks->sums = json_object();
	int status = read_sums(marks, prefix, err);
	if (status == 0)
		status = documents_each(marks->store, KIND_STUDENT, prefix, take_challenges,
		                        challenges, err);
	json_object_foreach(marks->sums, student, sum)
	        json_object_set(said, student, json_object_get(sum, "said"));
	if (status == 0)
		marks->flags = suspect(said, challenges);
	json_decref(said);
	json_decref(challenges);
	return status;
}

void lab_marks_clear(struct lab_marks *marks)
{
	lab_clear(&marks->lab);
	json_decref(marks->heard);
	json_decref(marks->sums);
	json_decref(marks->flags);
}

/* The last of these attempts, and of what their guests said since. */
static int64_t seen_of(const struct lab_marks *marks, const json_t *attempts)
{
	int64_t last = 0;
	for (size_t i = 0; i < json_array_size(attempts); i++) {
		const json_t *attempt = json_array_get(attempts, i);
		const int64_t times[] = {
			json_at_integer(attempt, "received"),
			json_at_integer(marks->heard, json_at_text(attempt, "guest")),
		};
		for (size_t k = 0; k < 2; k++)
			last = times[k] > last ? times[k] : last;
	}
	return last;
}

int64_t lab_marks_seen(const struct lab_marks *marks, const char *student)
{
	return seen_of(marks, json_object_get(json_object_get(marks->sums, student), "said"));
}

static void set_seen(json_t *made, const struct lab_marks *marks, const json_t *attempts)
{
	char when[WORD_TIME_SIZE];
	int64_t seen = seen_of(marks, attempts);
	if (seen == 0)
		return;
	word_time_write(seen, when);
	json_object_set_new(made, "last_seen", json_string(when));
	json_object_set_new(made, "stale", json_boolean(seen < marks->stale));
}

int lab_marks_of(const struct lab_marks *marks, const json_t *student, json_t **made,
                 struct error *err)
{
	const char *id = json_at_text(student, "student");
	json_t *attempts = NULL, *overrides = NULL;
	*made = NULL;
	int status = lab_attempts(marks->store, marks->lab.name, id, &attempts, err);
	if (status == 0)
		status = lab_overrides(marks->store, marks->lab.name, id, &overrides, err);
	if (status == 0) {
		*made = grade(marks->lab.rubric, attempts, overrides);
		set_seen(*made, marks, attempts);
		json_object_set_new(*made, "student", json_string(id));
		if (json_at_text(student, "name")[0] != '\0')
			json_object_set(*made, "name", json_object_get(student, "name"));
	}
	if (*made != NULL && marks->flags != NULL) {
		json_t *flags = json_object_get(marks->flags, id);
		json_object_set_new(*made, "flags",
		                    flags == NULL ? json_array() : json_incref(flags));
	}
	json_decref(attempts);
	json_decref(overrides);
	return status == 0 && *made == NULL ? error_set(err, ERROR_INTERNAL, 0, "out of memory")
	                                    : status;
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

json_t *lab_marks_head(const struct lab_marks *marks)
{
	const json_t *rubric = marks->lab.rubric, *items = json_object_get(rubric, "items");
	json_t *heads = json_array();
	char when[WORD_TIME_SIZE];
	for (size_t i = 0; i < json_array_size(items); i++)
		json_array_append_new(heads, write_item(rubric, json_array_get(items, i)));
	word_time_write(marks->lab.updated, when);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "schema", "nestready.marks/1", "lab",
	                 marks->lab.name, "title", json_at_text(rubric, "title"), "updated", when,
	                 "possible", grade_number(grade_possible(rubric)), "items", heads);
}
