/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See arrived.h.  Whoever sent it may mean ill: nothing of it is quoted in a message. */
#include "report/arrived.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/report.h"

static bool says(const json_t *json, const char *key, const char *word)
{
	const char *said = json_string_value(json_object_get(json, key));
	return said != NULL && strcmp(said, word) == 0;
}

static bool has_verdict(const json_t *json)
{
	for (int i = VERDICT_READY; i <= VERDICT_INDETERMINATE; i++) {
		if (says(json, "verdict", verdict_name((enum verdict)i)))
			return true;
	}
	return false;
}

static const char *complaint(const json_t *json, const char *id)
{
	if (!json_is_object(json) || !says(json, "schema", REPORT_SCHEMA))
		return "no report: its schema is not " REPORT_SCHEMA;
	if (!says(json, "id", id))
		return "a report of another id";
	if (!has_verdict(json) || !json_is_object(json_object_get(json, "facts")) ||
	    !json_is_array(json_object_get(json, "findings")))
		return "no report: verdict, facts or findings are missing";
	return NULL;
}

/* Anew, escaped; DEL is the one control character that JSON_ENSURE_ASCII lets through. */
static void add_escaped(struct text *line, const json_t *json)
{
	cleanup_free char *dump = json_dumps(json, JSON_ENSURE_ASCII | JSON_COMPACT);
	line->failed = line->failed || dump == NULL;
	for (const char *at = dump; at != NULL && *at != '\0'; at++) {
		if (*at == 0x7f)
			text_add(line, "\\u007f");
		else
			text_add_bytes(line, at, 1);
	}
}

static bool plain(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] < ' ' || bytes[i] > '~')
			return false;
	}
	return true;
}

int arrived_read(const char *bytes, size_t length, const char *id, struct text *line,
                 struct error *err)
{
	json_error_t problem;
	json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &problem);
	if (json == NULL)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "no report: expected JSON, line %d makes no sense", problem.line);
	const char *wrong = complaint(json, id);
	if (wrong == NULL) {
		size_t end = length > 0 && bytes[length - 1] == '\n' ? length - 1 : length;
		if (plain(bytes, end))
			text_add_bytes(line, bytes, end);
		else
			add_escaped(line, json);
		text_add(line, "\n");
	}
	json_decref(json);
	if (wrong != NULL)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s", wrong);
	return line->failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}
