/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One item at a time: each attempt is marked for it, and the rubric says which of them counts. */
#include "collector/grade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "base/text.h"
#include "base/utf8.h"
#include "collector/attempt.h"
#include "collector/mark.h"
#include "collector/rubric.h"
#include "collector/words.h"

json_t *grade_number(int64_t hundredths)
{
	return hundredths % 100 == 0 ? json_integer(hundredths / 100)
	                             : json_real((double)hundredths / 100);
}

/*
 * The last attempt counts; or, of the best, the one with most points, of equal ones the last unless
 * an earlier one has some.  Whether an item is excused is for the last one to say: a student who
 * once was on another platform owes here what is possible here.
 */
static void add_attempts(const json_t *rubric, const json_t *item, const json_t *attempts,
                         struct mark *mark)
{
	bool best = strcmp(json_at_text(rubric, "attempts"), "best") == 0;
	const char *target = rubric_target(rubric, item);
	for (size_t i = 0; i < json_array_size(attempts); i++) {
		struct mark other;
		const json_t *attempt = json_array_get(attempts, i);
		if (strcmp(json_at_text(attempt, "target"), target) != 0)
			continue;
		mark_attempt(rubric, item, attempt, &other);
		if (!best || mark->points == 0 || other.points > mark->points)
			*mark = other;
	}
}

static void begin_mark(const json_t *rubric, const json_t *item, struct mark *mark)
{
	*mark = (struct mark){ .state = "not-received", .gap = "" };
	snprintf(mark->reason, sizeof mark->reason, "no report for %.60s was received",
	         rubric_target(rubric, item));
}

static void apply_override(const json_t *override, struct mark *mark)
{
	const char *note = json_at_text(override, "note");
	if (json_is_true(json_object_get(override, "excused"))) {
		mark->state = "excused";
		mark->points = 0;
	} else {
		mark->points = json_at_integer(override, "points");
		mark->state = mark->points > 0 ? "met" : "not-met";
	}
	snprintf(mark->reason, sizeof mark->reason, "set by hand: %.250s", note);
}

struct total {
	int64_t points, possible;
	bool open; /* an item could bring more points */
};

/* What an item counts for in the end.  How many points it could have brought. */
static int64_t settle(const json_t *item, const json_t *overrides, struct mark *mark,
                      struct total *total)
{
	const json_t *override = json_object_get(overrides, json_at_text(item, "id"));
	if (override != NULL)
		apply_override(override, mark);
	bool excused = strcmp(mark->state, "excused") == 0;
	int64_t possible = excused ? 0 : json_at_integer(item, "points") * 100;
	total->points += mark->points;
	total->possible += possible;
	total->open = total->open || (!excused && strcmp(mark->state, "met") != 0);
	return possible;
}

static json_t *write_mark(const json_t *rubric, const json_t *item, struct mark *mark,
                          int64_t possible, const json_t *override)
{
	/* It may have been cut within a character. */
	utf8_sanitize(mark->reason, strlen(mark->reason));
	json_t *made =
	        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:s}", "id", json_at_text(item, "id"),
	                  "title", rubric_title(item), "target", rubric_target(rubric, item),
	                  "state", mark->state, "points", grade_number(mark->points), "possible",
	                  grade_number(possible), "reason", mark->reason);
	if (made == NULL)
		return NULL;
	if (mark->gap[0] != '\0')
		json_object_set_new(made, "gap", json_string(mark->gap));
	if (mark->fix != NULL)
		json_object_set(made, "fix", (json_t *)mark->fix);
	if (json_object_get(item, "note") != NULL)
		json_object_set(made, "note", json_object_get(item, "note"));
	if (mark->attempt != NULL) {
		char when[WORD_TIME_SIZE];
		word_time_write(json_at_integer(mark->attempt, "received"), when);
		json_object_set(made, "report", json_object_get(mark->attempt, "report"));
		json_object_set_new(made, "received", json_string(when));
	}
	if (override != NULL)
		json_object_set(made, "override", (json_t *) override);
	return made;
}

static int by_arrival(const void *a, const void *b)
{
	return attempt_compare(*(json_t *const *)a, *(json_t *const *)b);
}

static json_t *sort_attempts(const json_t *attempts)
{
	size_t count = json_array_size(attempts);
	json_t **sorted = calloc(count + 1, sizeof *sorted);
	json_t *made = json_array();
	if (sorted == NULL || made == NULL) {
		free(sorted);
		json_decref(made);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(attempts, i);
	qsort(sorted, count, sizeof(sorted[0]), by_arrival);
	for (size_t i = 0; i < count; i++)
		json_array_append(made, sorted[i]);
	free(sorted);
	return made;
}

static void set_last(json_t *made, const json_t *attempts)
{
	size_t count = json_array_size(attempts);
	const json_t *last = count == 0 ? NULL : json_array_get(attempts, count - 1);
	json_object_set_new(made, "attempts", json_integer((json_int_t)count));
	if (last == NULL)
		return;
	char when[WORD_TIME_SIZE];
	word_time_write(json_at_integer(last, "received"), when);
	json_object_set_new(made, "last_seen", json_string(when));
	if (json_at_text(last, "platform")[0] != '\0')
		json_object_set(made, "platform", json_object_get(last, "platform"));
	json_object_set(made, "guest", json_object_get(last, "guest"));
}

json_t *grade(const json_t *rubric, const json_t *attempts, const json_t *overrides)
{
	const json_t *items = json_object_get(rubric, "items");
	json_t *sorted = sort_attempts(attempts);
	json_t *marks = json_array();
	struct total total = { .points = 0 };
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		struct mark mark;
		begin_mark(rubric, item, &mark);
		add_attempts(rubric, item, sorted, &mark);
		int64_t possible = settle(item, overrides, &mark, &total);
		json_array_append_new(
		        marks, write_mark(rubric, item, &mark, possible,
		                          json_object_get(overrides, json_at_text(item, "id"))));
	}
	json_t *made = json_pack("{s:o, s:o, s:o}", "points", grade_number(total.points),
	                         "possible", grade_number(total.possible), "items", marks);
	if (made != NULL)
		set_last(made, sorted);
	json_decref(sorted);
	return made;
}

json_t *grade_counts(const json_t *rubric, const json_t *attempts, const json_t *before)
{
	const json_t *items = json_object_get(rubric, "items");
	json_t *sorted = sort_attempts(attempts), *made = json_array();
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i), *was = json_array_get(before, i);
		struct mark mark;
		begin_mark(rubric, item, &mark);
		if (was != NULL) {
			mark.state = json_string_value(json_array_get(was, 0));
			mark.points = json_integer_value(json_array_get(was, 1));
		}
		add_attempts(rubric, item, sorted, &mark);
		json_array_append_new(made,
		                      json_pack("[s, I]", mark.state, (json_int_t)mark.points));
	}
	json_decref(sorted);
	return made;
}

json_t *grade_sum(const json_t *rubric, const json_t *counts, const json_t *overrides)
{
	const json_t *items = json_object_get(rubric, "items");
	struct total total = { .points = 0 };
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *is = json_array_get(counts, i);
		struct mark mark = { .state = json_string_value(json_array_get(is, 0)),
			             .points = json_integer_value(json_array_get(is, 1)) };
		settle(json_array_get(items, i), overrides, &mark, &total);
	}
	return json_pack("{s:o, s:b}", "points", grade_number(total.points), "open", total.open);
}

int64_t grade_possible(const json_t *rubric)
{
	const json_t *items = json_object_get(rubric, "items");
	int64_t sum = 0;
	for (size_t i = 0; i < json_array_size(items); i++)
		sum += json_at_integer(json_array_get(items, i), "points") * 100;
	return sum;
}
