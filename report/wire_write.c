/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's side of the wire.  By hand, as building a JSON tree of each line costs more. */
#include "report/wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static void add_string(struct text *out, const char *string, size_t length)
{
	text_add_bytes(out, "\"", 1);
	for (size_t at = 0; at < length;) {
		size_t run = utf8_plain_run(string + at, length - at);
		text_add_bytes(out, string + at, run);
		at += run;
		if (at == length)
			break;
		size_t character = utf8_character(string + at, length - at);
		if (string[at] == '"' || string[at] == '\\')
			text_printf(out, "\\%c", string[at]);
		else if (character > 1)
			text_add_bytes(out, string + at, character);
		else
			text_add(out, string[at] == '\t' ? "\\t" : "?");
		at += character == 0 ? 1 : character;
	}
	text_add_bytes(out, "\"", 1);
}

static void add_value(struct text *out, const json_t *value)
{
	size_t index;
	const json_t *part;
	const char *separator = "";
	if (value == NULL) {
		text_add(out, "null");
		return;
	}
	switch (json_typeof(value)) {
	case JSON_TRUE:
	case JSON_FALSE:
		text_add(out, json_is_true(value) ? "true" : "false");
		break;
	case JSON_INTEGER:
		text_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_STRING:
		add_string(out, json_string_value(value), json_string_length(value));
		break;
	case JSON_ARRAY:
		text_add(out, "[");
		json_array_foreach(value, index, part)
		{
			text_add(out, separator);
			add_value(out, part);
			separator = ",";
		}
		text_add(out, "]");
		break;
	default: /* no fact has such a value: the reader refuses it */
		text_add(out, "null");
	}
}

/* `lead` is everything up to the value: "{\"begin\":" or ",\"why\":". */
static void add_member(struct text *out, const char *lead, const char *string)
{
	text_add(out, lead);
	add_string(out, string, strlen(string));
}

/* Each in the same order of members, whatever order they were put together in. */
static void add_exceptions(struct text *out, const json_t *list)
{
	size_t index;
	const json_t *exception;
	const char *lead = ",\"exceptions\":[{\"cpus\":";
	json_array_foreach(list, index, exception)
	{
		const json_t *value = json_object_get(exception, "value");
		const json_t *why = json_object_get(exception, "why");
		text_add(out, lead);
		add_value(out, json_object_get(exception, "cpus"));
		text_add(out, ",\"status\":");
		add_value(out, json_object_get(exception, "status"));
		if (value != NULL) {
			text_add(out, ",\"value\":");
			add_value(out, value);
		}
		if (why != NULL) {
			text_add(out, ",\"why\":");
			add_value(out, why);
		}
		lead = "},{\"cpus\":";
	}
	text_add(out, "}]");
}

void wire_begin(struct text *out, const char *probe, uint32_t deadline_ms)
{
	add_member(out, "{\"begin\":", probe);
	text_printf(out, ",\"deadline_ms\":%" PRIu32 "}\n", deadline_ms);
}

void wire_fact(struct text *out, const char *probe, const struct fact *fact)
{
	add_member(out, "{\"probe\":", probe);
	add_member(out, ",\"fact\":", fact->key);
	add_member(out, ",\"status\":", status_name(fact->status));
	if (fact->value != NULL) {
		text_add(out, ",\"value\":");
		add_value(out, fact->value);
	}
	if (fact->source != NULL)
		add_member(out, ",\"source\":", fact->source);
	if (fact->why != NULL)
		add_member(out, ",\"why\":", fact->why);
	if (fact->exceptions != NULL)
		add_exceptions(out, fact->exceptions);
	text_add(out, "}\n");
}

void wire_asked(struct text *out, const char *key, json_t *answer)
{
	json_t *line = json_pack("{s:s, s:O}", "asked", key, "answer", answer);
	if (line == NULL)
		return;
	char *dumped = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	if (dumped == NULL) {
		out->failed = true;
		return;
	}
	text_add(out, dumped);
	text_add(out, "\n");
	free(dumped);
}

void wire_end(struct text *out, const char *probe, enum status status, const char *why,
              uint64_t duration_us)
{
	add_member(out, "{\"end\":", probe);
	add_member(out, ",\"status\":", status_name(status));
	if (why != NULL)
		add_member(out, ",\"why\":", why);
	text_printf(out, ",\"us\":%" PRIu64 "}\n", duration_us);
}

void wire_done(struct text *out, uint64_t count)
{
	text_printf(out, "{\"done\":%" PRIu64 "}\n", count);
}
