/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One item at a time: each attempt is marked for it, and the rubric says which of them counts. */
#include "collector/grade.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "base/text.h"
#include "base/utf8.h"
#include "collector/attempt.h"
#include "collector/rubric.h"
#include "collector/words.h"
#include "report/knowledge.h"

/* The gap of a network that gives out MACs itself: NAT is a way around it and no way to close it.
 */
#define GAP_NAT    "net.use-nat"
#define GAP_FILTER "l0.mac-filtered"

/* What one attempt is worth for one item. */
struct mark {
	const char *state;
	int64_t points; /* hundredths */
	char reason[300];
	const char *gap;       /* "" for none */
	const json_t *fix;     /* or NULL */
	const json_t *attempt; /* or NULL */
};

json_t *grade_number(int64_t hundredths)
{
	return hundredths % 100 == 0 ? json_integer(hundredths / 100)
	                             : json_real((double)hundredths / 100);
}

bool grade_impossible(const char *platform, const char *gap)
{
	const struct platform *known = knowledge_platform(platform);
	if (known == NULL || gap[0] == '\0')
		return false;
	const struct platform_gap *entry =
	        knowledge_platform_gap(known, strcmp(gap, GAP_NAT) == 0 ? GAP_FILTER : gap, NULL);
	return entry != NULL && entry->remedy_count == 0;
}

static bool lists(const json_t *item, const char *key, const char *platform)
{
	const json_t *list = json_object_get(json_object_get(item, key), "platform");
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (strcmp(json_string_value(json_array_get(list, i)), platform) == 0)
			return true;
	}
	return false;
}

static const char *named(const char *platform)
{
	return platform[0] == '\0' ? "an unknown platform" : platform;
}

/* True when the rubric does not ask for this on the attempt's platform. */
static bool excuse(const json_t *item, const char *platform, struct mark *mark)
{
	mark->state = "excused";
	if (json_object_get(item, "when") != NULL && !lists(item, "when", platform)) {
		snprintf(mark->reason, sizeof mark->reason, "not asked for on %.60s",
		         named(platform));
		return true;
	}
	if (lists(item, "excused", platform)) {
		const char *note = json_at_text(json_object_get(item, "excused"), "note");
		snprintf(mark->reason, sizeof mark->reason, "excused on %.60s%s%.200s",
		         named(platform), note[0] == '\0' ? "" : ": ", note);
		return true;
	}
	return false;
}

/* "ID passed: ...": another finding proved it (report/judge.c). */
static bool was_proved(const json_t *attempt, const char *why)
{
	char id[64];
	const char *end = strstr(why, " passed:");
	if (end == NULL || (size_t)(end - why) >= sizeof id)
		return false;
	memcpy(id, why, (size_t)(end - why));
	id[end - why] = '\0';
	return strcmp(attempt_outcome(attempt, id), "pass") == 0;
}

static void mark_failed(const json_t *finding, const char *platform, struct mark *mark)
{
	mark->gap = json_at_text(finding, "gap");
	mark->fix = json_object_get(finding, "fix");
	if (grade_impossible(platform, mark->gap)) {
		mark->state = "excused";
		snprintf(mark->reason, sizeof mark->reason, "impossible on %.60s: %.200s",
		         named(platform), json_at_text(finding, "why"));
	} else {
		mark->state = "not-met";
		text_cut(mark->reason, sizeof mark->reason, json_at_text(finding, "why"));
	}
}

static void mark_finding(const json_t *item, const json_t *attempt, struct mark *mark)
{
	const json_t *findings = json_object_get(attempt, "findings");
	const json_t *finding = json_object_get(findings, json_at_text(item, "finding"));
	const char *outcome = attempt_outcome(attempt, json_at_text(item, "finding"));
	const char *why = json_at_text(finding, "why");
	mark->state = "unknown";
	if (strcmp(outcome, "pass") == 0) {
		mark->state = "met";
	} else if (strcmp(outcome, "fail") == 0) {
		mark_failed(finding, json_at_text(attempt, "platform"), mark);
		return;
	} else if (strcmp(outcome, "not-applicable") == 0) {
		mark->state = was_proved(attempt, why) ? "met" : "excused";
	} else if (outcome[0] == '\0') {
		why = "the report does not say";
	}
	text_cut(mark->reason, sizeof mark->reason, why);
}

/* Whether all that a report complains about is what its platform makes impossible. */
static bool only_impossible(const json_t *attempt)
{
	const char *key;
	json_t *finding;
	json_object_foreach(json_object_get(attempt, "findings"), key, finding)
	{
		const char *severity = json_at_text(finding, "severity");
		if (strcmp(json_at_text(finding, "outcome"), "fail") == 0 &&
		    strcmp(severity, "informational") != 0 &&
		    !grade_impossible(json_at_text(attempt, "platform"),
		                      json_at_text(finding, "gap")))
			return false;
	}
	return true;
}

/* The first finding that failed, the worst ones first. */
static const json_t *worst_finding(const json_t *attempt)
{
	static const char *const severities[] = { "required", "recommended" };
	const char *key;
	json_t *finding;
	for (size_t i = 0; i < 2; i++) {
		json_object_foreach(json_object_get(attempt, "findings"), key, finding)
		{
			if (strcmp(json_at_text(finding, "outcome"), "fail") == 0 &&
			    strcmp(json_at_text(finding, "severity"), severities[i]) == 0)
				return finding;
		}
	}
	return NULL;
}

static void mark_verdict(const json_t *item, const json_t *attempt, struct mark *mark)
{
	const char *verdict = json_at_text(attempt, "verdict");
	bool degraded = strcmp(verdict, "degraded") == 0;
	if (strcmp(verdict, "ready") == 0 ||
	    (degraded && strcmp(json_at_text(item, "verdict"), "degraded") == 0)) {
		mark->state = "met";
	} else if (degraded && only_impossible(attempt)) {
		mark->state = "met";
		snprintf(mark->reason, sizeof mark->reason,
		         "degraded by nothing but what is impossible on %.60s",
		         named(json_at_text(attempt, "platform")));
	} else if (strcmp(verdict, "indeterminate") == 0) {
		mark->state = "unknown";
		text_cut(mark->reason, sizeof mark->reason, "the report could not tell");
	} else {
		const json_t *worst = worst_finding(attempt);
		mark->state = "not-met";
		mark->gap = json_at_text(worst, "gap");
		mark->fix = json_object_get(worst, "fix");
		snprintf(mark->reason, sizeof mark->reason, "%.20s: %.250s", verdict,
		         json_at_text(worst, "why"));
	}
}

static void count_points(const json_t *rubric, const json_t *item, const json_t *attempt,
                         struct mark *mark)
{
	int64_t deadline = rubric_deadline(rubric, item);
	if (strcmp(mark->state, "met") != 0)
		return;
	mark->points = json_at_integer(item, "points") * 100;
	if (deadline < 0 || json_at_integer(attempt, "received") <= deadline)
		return;
	char when[WORD_TIME_SIZE];
	int64_t percent = rubric_late_percent(rubric, item);
	word_time_write(deadline, when);
	mark->state = "late";
	mark->points = mark->points * percent / 100;
	snprintf(mark->reason, sizeof mark->reason,
	         "received after %.19sZ: %" PRId64 "%% of the points%s", when, percent,
	         json_at_integer(attempt, "time") <= deadline
	                 ? "; the guest's clock says that it was made before"
	                 : "");
}

static void mark_attempt(const json_t *rubric, const json_t *item, const json_t *attempt,
                         struct mark *mark)
{
	*mark = (struct mark){ .gap = "", .attempt = attempt };
	if (excuse(item, json_at_text(attempt, "platform"), mark))
		return;
	if (json_object_get(item, "finding") != NULL)
		mark_finding(item, attempt, mark);
	else
		mark_verdict(item, attempt, mark);
	count_points(rubric, item, attempt, mark);
}

/*
 * The last attempt counts; or, of the best, the one with most points, of equal ones the last unless
 * an earlier one has some.  Whether an item is excused is for the last one to say: a student who
 * once was on another platform owes here what is possible here.
 */
static void mark_item(const json_t *rubric, const json_t *item, const json_t *attempts,
                      struct mark *mark)
{
	bool best = strcmp(json_at_text(rubric, "attempts"), "best") == 0;
	const char *target = rubric_target(rubric, item);
	*mark = (struct mark){ .state = "not-received", .gap = "" };
	snprintf(mark->reason, sizeof mark->reason, "no report for %.60s was received", target);
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
	const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
	int64_t difference = json_at_integer(left, "received") - json_at_integer(right, "received");
	if (difference != 0)
		return difference < 0 ? -1 : 1;
	return strcmp(json_at_text(left, "report"), json_at_text(right, "report"));
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
	int64_t points = 0, total = 0;
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		const json_t *override = json_object_get(overrides, json_at_text(item, "id"));
		int64_t possible = json_at_integer(item, "points") * 100;
		struct mark mark;
		mark_item(rubric, item, sorted, &mark);
		if (override != NULL)
			apply_override(override, &mark);
		if (strcmp(mark.state, "excused") == 0)
			possible = 0;
		points += mark.points;
		total += possible;
		json_array_append_new(marks, write_mark(rubric, item, &mark, possible, override));
	}
	json_t *made = json_pack("{s:o, s:o, s:o}", "points", grade_number(points), "possible",
	                         grade_number(total), "items", marks);
	if (made != NULL)
		set_last(made, sorted);
	json_decref(sorted);
	return made;
}

int64_t grade_possible(const json_t *rubric)
{
	const json_t *items = json_object_get(rubric, "items");
	int64_t sum = 0;
	for (size_t i = 0; i < json_array_size(items); i++)
		sum += json_at_integer(json_array_get(items, i), "points") * 100;
	return sum;
}
