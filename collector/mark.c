/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mark.h. */
#include "collector/mark.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json_at.h"
#include "base/text.h"
#include "collector/attempt.h"
#include "collector/rubric.h"
#include "collector/words.h"
#include "report/knowledge.h"

/* The gap of a network that gives out MACs itself: NAT is a way around it and no way to close it.
 */
#define GAP_NAT    "net.use-nat"
#define GAP_FILTER "l0.mac-filtered"

/* Whether a gap cannot be closed on a platform, whoever tries. */
static bool is_impossible(const char *platform, const char *gap)
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
	if (is_impossible(platform, mark->gap)) {
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
		    !is_impossible(json_at_text(attempt, "platform"), json_at_text(finding, "gap")))
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

void mark_attempt(const json_t *rubric, const json_t *item, const json_t *attempt,
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
