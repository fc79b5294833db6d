/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See attempt.h. */
#include "collector/attempt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "base/sha256.h"

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_object_set_new(object, key, json_string(text));
}

/* Of a remedy what a student reads. */
static json_t *make_fix(const json_t *finding)
{
	const json_t *remedy = json_array_get(json_object_get(finding, "remedies"), 0);
	json_t *fix = json_object();
	static const char *const members[] = { "tool", "who", "steps", "power_off" };
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		json_t *member = json_object_get(remedy, members[i]);
		if (member != NULL)
			json_object_set(fix, members[i], member);
	}
	return fix;
}

/* Why a finding is no pass: what is so here, or else what it is good for. */
static const char *why_of(const json_t *finding)
{
	static const char *const members[] = { "because", "gap_summary", "why" };
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const char *text = json_at_text(finding, members[i]);
		if (text[0] != '\0')
			return text;
	}
	return "";
}

static json_t *make_findings(const json_t *findings)
{
	json_t *made = json_object();
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		const char *outcome = json_at_text(finding, "outcome");
		if (strcmp(outcome, "pass") ==
		    0) { /* most do: thousands of these are read at once */
			set_text(made, json_at_text(finding, "id"), outcome);
			continue;
		}
		json_t *kept = json_object();
		set_text(kept, "outcome", outcome);
		set_text(kept, "severity", json_at_text(finding, "severity"));
		set_text(kept, "gap", json_at_text(finding, "gap"));
		set_text(kept, "why", why_of(finding));
		if (json_array_size(json_object_get(finding, "remedies")) > 0)
			json_object_set_new(kept, "fix", make_fix(finding));
		json_object_set_new(made, json_at_text(finding, "id"), kept);
	}
	return made;
}

static json_t *digest_of(const json_t *value)
{
	char hex[SHA256_HEX_SIZE];
	char *dump = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	if (dump == NULL)
		return NULL;
	sha256_hex(dump, strlen(dump), hex);
	hex[32] = '\0';
	free(dump);
	return json_pack("[s]", hex);
}

/*
 * How long everything took, to the microsecond, the exit of the L2 among it.  One time alone is the
 * same on many machines; all of them together never are.
 */
static json_t *timing_of(const json_t *report)
{
	const json_t *exit_ns = json_object_get(
	        json_object_get(json_object_get(report, "facts"), "l2.exit-ns"), "value");
	json_t *all = json_array();
	if (!json_is_integer(exit_ns)) {
		json_decref(all);
		return NULL; /* no L2 was timed; what is left is too little to tell machines apart
		              */
	}
	json_array_append(all, (json_t *)exit_ns);
	const json_t *probes = json_object_get(report, "probes");
	for (size_t i = 0; i < json_array_size(probes); i++) {
		const json_t *probe = json_array_get(probes, i);
		json_array_append(all, json_object_get(probe, "id"));
		json_array_append(all, json_object_get(probe, "duration_us"));
	}
	json_t *digest = digest_of(all);
	json_decref(all);
	return digest;
}

/* Some platforms give every guest the same one (all zeroes, all ones): it says nothing. */
static bool identifies(const char *uuid)
{
	return uuid[strspn(uuid, "0-")] != '\0' && uuid[strspn(uuid, "fF-")] != '\0';
}

static json_t *make_same(const json_t *report)
{
	const json_t *guest = json_object_get(report, "guest");
	json_t *same = json_object();
	json_t *timing = timing_of(report);
	if (identifies(json_at_text(guest, "system_uuid")))
		json_object_set_new(same, "system-uuid",
		                    json_pack("[s]", json_at_text(guest, "system_uuid")));
	if (json_at_text(guest, "machine_id")[0] != '\0')
		json_object_set_new(same, "machine-id",
		                    json_pack("[s]", json_at_text(guest, "machine_id")));
	if (json_array_size(json_object_get(guest, "macs")) > 0)
		json_object_set(same, "mac", json_object_get(guest, "macs"));
	json_object_set_new(same, "evidence", digest_of(json_object_get(report, "facts")));
	if (timing != NULL)
		json_object_set_new(same, "timing", timing);
	return same;
}

json_t *attempt_make(const json_t *report, const char *guest, int64_t time, int64_t received)
{
	json_t *attempt = json_pack("{s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "report",
	                            json_at_text(report, "id"), "time", (json_int_t)time,
	                            "received", (json_int_t)received, "guest", guest, "platform",
	                            json_at_text(json_object_get(report, "platform"), "id"),
	                            "target", json_at_text(json_object_get(report, "target"), "id"),
	                            "verdict", json_at_text(report, "verdict"), "basis",
	                            json_at_text(report, "basis"), "same", make_same(report),
	                            "findings", make_findings(json_object_get(report, "findings")));
	json_t *challenge = json_object_get(report, "challenge");
	if (attempt != NULL && challenge != NULL)
		json_object_set(attempt, "challenge", challenge);
	return attempt;
}

int attempt_compare(const json_t *a, const json_t *b)
{
	int64_t difference = json_at_integer(a, "received") - json_at_integer(b, "received");
	if (difference != 0)
		return difference < 0 ? -1 : 1;
	return strcmp(json_at_text(a, "report"), json_at_text(b, "report"));
}

const char *attempt_outcome(const json_t *attempt, const char *id)
{
	const json_t *finding = json_object_get(json_object_get(attempt, "findings"), id);
	const char *word = json_string_value(finding);
	return word != NULL ? word : json_at_text(finding, "outcome");
}
