/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict: what is not exactly a report is not stored, so no reader ever has to doubt one. */
#include "collector/intake.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "collector/digest.h"
#include "collector/scan.h"
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

static int keep(char **to, const char *text, const char *what, struct error *err)
{
	if (strlen(text) > INTAKE_NAME_MAX)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: longer than %d bytes", what,
		                 INTAKE_NAME_MAX);
	*to = strdup(text);
	return *to == NULL ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}

static const char *word(const struct gist_finding *finding, enum gist_word word)
{
	const char *text = finding->words[word - GIST_ROW];
	return text == NULL ? "" : text;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(word(a, GIST_FINDING), word(b, GIST_FINDING));
}

static int profile(struct gist *gist, struct text *out, struct error *err)
{
	if (gist->count > 0)
		qsort(gist->findings, gist->count, sizeof *gist->findings, by_id);
	for (size_t i = 0; i < gist->count; i++) {
		const struct gist_finding *finding = &gist->findings[i];
		const char *id = word(finding, GIST_FINDING), *gap = word(finding, GIST_GAP);
		if (i > 0 && by_id(finding - 1, finding) == 0)
			return error_set(err, ERROR_BAD_INPUT, 0, "findings: %s is there twice",
			                 id);
		if (strlen(gap) > INTAKE_NAME_MAX)
			return error_set(err, ERROR_BAD_INPUT, 0,
			                 "findings: %s: gap: longer than %d bytes", id,
			                 INTAKE_NAME_MAX);
		const char *const words[] = { id,
			                      " ",
			                      word(finding, GIST_OUTCOME),
			                      " ",
			                      word(finding, GIST_SEVERITY),
			                      " ",
			                      gap[0] == '\0' ? "-" : gap,
			                      "\n" };
		for (size_t j = 0; j < sizeof words / sizeof words[0]; j++)
			text_add(out, words[j]);
	}
	return out->failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}

static int take(struct gist *gist, const char *lab, struct intake *intake, struct error *err)
{
	const char *uuid = gist_text(gist, GIST_UUID), *hostname = gist_text(gist, GIST_HOSTNAME);
	const struct {
		char **to;
		const char *text;
		const char *what;
	} names[] = {
		{ &intake->lab, lab, "lab" },
		{ &intake->name, uuid[0] != '\0' ? uuid : hostname, "guest.system_uuid" },
		{ &intake->hostname, hostname, "guest.hostname" },
		{ &intake->platform, gist_text(gist, GIST_PLATFORM), "platform.id" },
		{ &intake->target, gist_text(gist, GIST_TARGET), "target.id" },
		{ &intake->verdict, gist_text(gist, GIST_VERDICT), "verdict" },
		{ &intake->basis, gist_text(gist, GIST_BASIS), "basis" },
		{ &intake->agent, gist_text(gist, GIST_AGENT), "agent.version" },
	};
	if (gist->failed || intake->said == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (keep(names[i].to, names[i].text, names[i].what, err) != 0)
			return -1;
	}
	if (intake->name[0] == '\0')
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "guest: expected system_uuid or hostname, to know whose it is");
	memcpy(intake->id, gist_text(gist, GIST_ID), sizeof intake->id);
	intake_guest(intake->lab, intake->name, intake->guest);
	intake->time_ms = word_time_ms(gist_text(gist, GIST_TIME));
	if (intake->time_ms < 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "time: expected a moment since 1970");
	standing_traits(gist, &intake->traits);
	if (intake->traits.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return profile(gist, &intake->profile, err);
}

int intake_read_tree(char *body, size_t length, const char *lab, struct intake *intake,
                     bool *well_formed, struct error *err)
{
	struct gist gist = { .failed = false };
	*intake = (struct intake){ .body = body, .length = length };
	json_t *json = intake_json(body, length, err);
	int status = -1;
	*well_formed = json != NULL;
	if (json != NULL && shape_check(shape_report, json, err) == 0) {
		gist_read(&gist, json);
		intake->said = json_incref(json_object_get(json, "guest"));
		status = take(&gist, lab, intake, err);
	}
	gist_clear(&gist);
	json_decref(json);
	if (status != 0)
		intake_clear(intake);
	return status;
}

int intake_read(char *body, size_t length, const char *lab, struct intake *intake,
                bool *well_formed, struct error *err)
{
	struct gist gist;
	*intake = (struct intake){ .body = body, .length = length };
	*well_formed = scan_report(shape_report, body, length, INTAKE_DEPTH_MAX, &gist);
	if (!*well_formed) {
		gist_clear(&gist);
		return intake_read_tree(body, length, lab, intake, well_formed, err);
	}
	intake->said = json_loadb(gist.guest, gist.guest_length, 0, NULL);
	int status = take(&gist, lab, intake, err);
	gist_clear(&gist);
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
