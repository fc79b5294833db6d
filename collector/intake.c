/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict: what is not exactly a report is not stored, so no reader ever has to doubt one. */
#include "collector/intake.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "collector/digest.h"
#include "collector/shape.h"
#include "collector/standing.h"
#include "collector/words.h"

/*
 * jansson would follow 2048 levels, each a call or more on the stack; brackets are counted before
 * it looks.  Strings are skipped as JSON has them: a backslash takes the next character along.
 */
static int check_depth(const char *bytes, size_t length, struct error *err)
{
	unsigned depth = 0;
	bool inside = false;
	for (size_t i = 0; i < length; i++) {
		if (inside) {
			if (bytes[i] == '\\')
				i++;
			else if (bytes[i] == '"')
				inside = false;
		} else if (bytes[i] == '"') {
			inside = true;
		} else if (bytes[i] == '{' || bytes[i] == '[') {
			if (++depth > INTAKE_DEPTH_MAX)
				return error_set(err, ERROR_BAD_INPUT, 0,
				                 "byte %zu: more than %d levels deep", i,
				                 INTAKE_DEPTH_MAX);
		} else if ((bytes[i] == '}' || bytes[i] == ']') && depth > 0) {
			depth--;
		}
	}
	return 0;
}

json_t *intake_json(const char *bytes, size_t length, struct error *err)
{
	json_error_t at;
	if (check_depth(bytes, length, err) != 0)
		return NULL;
	json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &at);
	if (json == NULL)
		error_set(err, ERROR_BAD_INPUT, 0, "line %d, column %d: %.120s", at.line, at.column,
		          at.text);
	return json;
}

/* The member of the member, "" when it is not there or null. */
static const char *text_at(const json_t *report, const char *object, const char *key)
{
	const json_t *holder = object == NULL ? report : json_object_get(report, object);
	const char *text = json_string_value(json_object_get(holder, key));
	return text == NULL ? "" : text;
}

static int keep(char **to, const char *text, const char *what, struct error *err)
{
	if (strlen(text) > INTAKE_NAME_MAX)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: longer than %d bytes", what,
		                 INTAKE_NAME_MAX);
	*to = strdup(text);
	return *to == NULL ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(text_at(*(json_t *const *)a, NULL, "id"),
	              text_at(*(json_t *const *)b, NULL, "id"));
}

static int profile(const json_t *findings, struct text *out, struct error *err)
{
	size_t count = json_array_size(findings);
	json_t **sorted = calloc(count + 1, sizeof *sorted);
	if (sorted == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(findings, i);
	qsort(sorted, count, sizeof *sorted, by_id);
	int status = 0;
	for (size_t i = 0; i < count && status == 0; i++) {
		const char *id = text_at(sorted[i], NULL, "id");
		const char *gap = text_at(sorted[i], NULL, "gap");
		if (i > 0 && by_id(&sorted[i - 1], &sorted[i]) == 0)
			status = error_set(err, ERROR_BAD_INPUT, 0, "findings: %s is there twice",
			                   id);
		else if (strlen(gap) > INTAKE_NAME_MAX)
			status = error_set(err, ERROR_BAD_INPUT, 0,
			                   "findings: %s: gap: longer than %d bytes", id,
			                   INTAKE_NAME_MAX);
		text_printf(out, "%s %s %s %s\n", id, text_at(sorted[i], NULL, "outcome"),
		            text_at(sorted[i], NULL, "severity"), gap[0] == '\0' ? "-" : gap);
	}
	free(sorted);
	if (status == 0 && out->failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return status;
}

static int take(const json_t *report, const char *lab, struct intake *intake, struct error *err)
{
	const char *uuid = text_at(report, "guest", "system_uuid");
	const char *hostname = text_at(report, "guest", "hostname");
	const struct {
		char **to;
		const char *text;
		const char *what;
	} names[] = {
		{ &intake->lab, lab, "lab" },
		{ &intake->name, uuid[0] != '\0' ? uuid : hostname, "guest.system_uuid" },
		{ &intake->hostname, hostname, "guest.hostname" },
		{ &intake->platform, text_at(report, "platform", "id"), "platform.id" },
		{ &intake->target, text_at(report, "target", "id"), "target.id" },
		{ &intake->verdict, text_at(report, NULL, "verdict"), "verdict" },
		{ &intake->basis, text_at(report, NULL, "basis"), "basis" },
		{ &intake->agent, text_at(report, "agent", "version"), "agent.version" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (keep(names[i].to, names[i].text, names[i].what, err) != 0)
			return -1;
	}
	if (intake->name[0] == '\0')
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "guest: expected system_uuid or hostname, to know whose it is");
	intake->said = json_incref(json_object_get(report, "guest"));
	memcpy(intake->id, text_at(report, NULL, "id"), sizeof intake->id);
	intake_guest(intake->lab, intake->name, intake->guest);
	intake->time_ms = word_time_ms(text_at(report, NULL, "time"));
	if (intake->time_ms < 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "time: expected a moment since 1970");
	standing_traits(report, &intake->traits);
	if (intake->traits.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return profile(json_object_get(report, "findings"), &intake->profile, err);
}

int intake_read(char *body, size_t length, const char *lab, struct intake *intake,
                bool *well_formed, struct error *err)
{
	*intake = (struct intake){ .body = body, .length = length };
	json_t *json = intake_json(body, length, err);
	int status = -1;
	*well_formed = json != NULL;
	if (json != NULL && shape_check(shape_report, json, err) == 0)
		status = take(json, lab, intake, err);
	json_decref(json);
	if (status != 0)
		intake_clear(intake);
	return status;
}

void intake_clear(struct intake *intake)
{
	char *owned[] = { intake->lab,      intake->name,   intake->hostname,
		          intake->platform, intake->target, intake->verdict,
		          intake->basis,    intake->agent,  intake->body };
	for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
		free(owned[i]);
	text_clear(&intake->profile);
	json_decref(intake->said);
	text_clear(&intake->traits);
	*intake = (struct intake){ .length = 0 };
}

void intake_guest(const char *lab, const char *name, char guest[INTAKE_GUEST_SIZE])
{
	/* A NUL between them, which neither can contain: "a" in "bc" is not "ab" in "c". */
	char key[2 * (INTAKE_NAME_MAX + 1)];
	size_t first = strnlen(lab, INTAKE_NAME_MAX), second = strnlen(name, INTAKE_NAME_MAX);
	memcpy(key, lab, first);
	key[first] = '\0';
	memcpy(key + first + 1, name, second);
	digest_hex(key, first + 1 + second, (INTAKE_GUEST_SIZE - 1) / 2, guest);
}
