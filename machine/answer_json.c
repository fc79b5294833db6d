/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers to JSON and back.  Text keeps its shape (lines stay lines), so that
 * a recorded machine can be read, compared and corrected by hand.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "machine/snapshot.h"

#define ERRNO_MAX 4095 /* the kernel's MAX_ERRNO */

static json_t *text_to_lines(const char *text, size_t length)
{
	json_t *lines = json_array();
	const char *end = text + length;
	for (const char *line = text;; line++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const char *stop = newline == NULL ? end : newline;
		json_t *string = json_stringn_nocheck(line, (size_t)(stop - line));
		if (json_array_append_new(lines, string) != 0) {
			json_decref(lines);
			return NULL;
		}
		if (newline == NULL)
			return lines;
		line = newline;
	}
}

static json_t *text_to_base64(const char *text, size_t length)
{
	cleanup_free char *encoded = base64_encode(text, length);
	return encoded == NULL ? NULL : json_string_nocheck(encoded);
}

static int put_text(json_t *json, const struct answer *answer)
{
	const char *text = answer->text;
	size_t length = answer->length;
	if (memchr(text, '\0', length) != NULL || !utf8_valid(text, length))
		return json_object_set_new_nocheck(json, "base64", text_to_base64(text, length));
	if (memchr(text, '\n', length) != NULL)
		return json_object_set_new_nocheck(json, "lines", text_to_lines(text, length));
	return json_object_set_new_nocheck(json, "text", json_stringn_nocheck(text, length));
}

static int put_why(json_t *json, const struct answer *answer)
{
	char why[sizeof answer->why];
	memcpy(why, answer->why, sizeof why);
	utf8_sanitize(why, strlen(why)); /* it may quote a path, and be cut in a character */
	return json_object_set_new_nocheck(json, "why", json_string_nocheck(why));
}

static int put_numbers(json_t *json, const struct answer *answer)
{
	json_t *numbers = json_array();
	int failed = 0;
	for (size_t i = 0; i < answer->number_count; i++) {
		char hex[19];
		snprintf(hex, sizeof hex, "0x%08" PRIx64, answer->numbers[i]);
		failed |= json_array_append_new(numbers, json_string_nocheck(hex));
	}
	return json_object_set_new_nocheck(json, "numbers", numbers) | failed;
}

json_t *answer_to_json(const struct answer *answer)
{
	json_t *json = json_object();
	int failed = 0;
	if (answer->status != STATUS_OBSERVED)
		failed |= json_object_set_new_nocheck(
		        json, "status", json_string_nocheck(status_name(answer->status)));
	if (answer->sys_errno != 0)
		failed |=
		        json_object_set_new_nocheck(json, "errno", json_integer(answer->sys_errno));
	if (answer->why[0] != '\0')
		failed |= put_why(json, answer);
	if (answer->number_count != 0)
		failed |= put_numbers(json, answer);
	if (answer->text != NULL)
		failed |= put_text(json, answer);
	if (answer->truncated)
		failed |= json_object_set_new_nocheck(json, "truncated", json_true());
	if (failed != 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}

/* What stands there instead, for a message of one line. */
static const char *found(const json_t *json, char *buffer, size_t size)
{
	static const char *const words[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list", [JSON_REAL] = "a fraction",
		[JSON_TRUE] = "true",        [JSON_FALSE] = "false",  [JSON_NULL] = "null",
	};
	if (json_is_string(json))
		snprintf(buffer, size, "\"%.24s\"", json_string_value(json));
	else if (json_is_integer(json))
		snprintf(buffer, size, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
	else
		snprintf(buffer, size, "%s", words[json_typeof(json)]);
	utf8_sanitize(buffer, strlen(buffer));
	return buffer;
}

static int expected(struct error *err, const char *where, const char *what, const json_t *json)
{
	char buffer[40];
	return error_set(err, ERROR_BAD_INPUT, 0, "%s: expected %s, found %s", where, what,
	                 found(json, buffer, sizeof buffer));
}

static int take_status(const json_t *json, struct answer *answer, struct error *err)
{
	if (!json_is_string(json) || !status_parse(json_string_value(json), &answer->status))
		return expected(err, "status",
		                "\"observed\", \"absent\", \"denied\", \"failed\" or \"skipped\"",
		                json);
	return 0;
}

static int take_errno(const json_t *json, struct answer *answer, struct error *err)
{
	json_int_t value = json_integer_value(json); /* 0 when it is none */
	if (value < 1 || value > ERRNO_MAX)
		return expected(err, "errno", "a number of 1 to 4095", json);
	answer->sys_errno = (int)value;
	return 0;
}

static int take_why(const json_t *json, struct answer *answer, struct error *err)
{
	size_t length = json_string_length(json);
	if (!json_is_string(json) || length >= sizeof answer->why)
		return expected(err, "why", "a string of at most 111 bytes", json);
	memcpy(answer->why, json_string_value(json), length + 1);
	utf8_sanitize(answer->why, length);
	return 0;
}

static bool parse_hex(const char *text, uint64_t *value)
{
	if (text == NULL || strncmp(text, "0x", 2) != 0)
		return false;
	size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
	if (digits < 1 || digits > 16 || text[2 + digits] != '\0')
		return false;
	*value = strtoull(text + 2, NULL, 16);
	return true;
}

static int take_numbers(const json_t *json, struct answer *answer, struct error *err)
{
	size_t count = json_array_size(json);
	if (!json_is_array(json) || count > ANSWER_NUMBERS)
		return expected(err, "numbers", "a list of at most 8", json);
	for (size_t i = 0; i < count; i++) {
		const json_t *number = json_array_get(json, i);
		char where[24];
		snprintf(where, sizeof where, "numbers[%zu]", i);
		if (!parse_hex(json_string_value(number), &answer->numbers[i]))
			return expected(err, where, "\"0x...\" hex", number);
	}
	answer->number_count = count;
	return 0;
}

static int no_memory(struct error *err)
{
	return error_set(err, ERROR_INTERNAL, 0, "out of memory");
}

/* Puts bytes into the answer, once, and leaves the rest of it as it is. */
static int keep_text(const char *where, const void *bytes, size_t length, struct answer *answer,
                     struct error *err)
{
	if (answer->text != NULL)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%s: expected one of text, lines and base64, found a second one",
		                 where);
	if (length > MACHINE_FILE_LIMIT)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%s: expected at most %zu bytes, found %zu", where,
		                 MACHINE_FILE_LIMIT, length);
	answer->text = malloc(length + 1);
	if (answer->text == NULL)
		return no_memory(err);
	memcpy(answer->text, bytes, length);
	answer->text[length] = '\0';
	answer->length = length;
	return 0;
}

static int take_text(const json_t *json, struct answer *answer, struct error *err)
{
	if (!json_is_string(json))
		return expected(err, "text", "a string", json);
	return keep_text("text", json_string_value(json), json_string_length(json), answer, err);
}

static int take_lines(const json_t *json, struct answer *answer, struct error *err)
{
	if (json_array_size(json) == 0)
		return expected(err, "lines", "a list of strings", json);
	cleanup_text struct text text = TEXT_INIT;
	for (size_t i = 0; i < json_array_size(json); i++) {
		const json_t *line = json_array_get(json, i);
		char where[32];
		snprintf(where, sizeof where, "lines[%zu]", i);
		if (!json_is_string(line))
			return expected(err, where, "a string", line);
		if (i != 0)
			text_add(&text, "\n");
		text_add_bytes(&text, json_string_value(line), json_string_length(line));
	}
	if (text.failed)
		return no_memory(err);
	return keep_text("lines", text_string(&text), text.length, answer, err);
}

static int take_base64(const json_t *json, struct answer *answer, struct error *err)
{
	cleanup_free unsigned char *bytes = NULL;
	size_t count = 0;
	int failed = -EINVAL;
	if (json_is_string(json))
		failed = base64_decode(json_string_value(json), json_string_length(json), &bytes,
		                       &count);
	if (failed == -ENOMEM)
		return no_memory(err);
	if (failed != 0)
		return expected(err, "base64", "padded base64", json);
	return keep_text("base64", bytes, count, answer, err);
}

static int take_truncated(const json_t *json, struct answer *answer, struct error *err)
{
	if (!json_is_boolean(json))
		return expected(err, "truncated", "true or false", json);
	answer->truncated = json_is_true(json);
	return 0;
}

static const struct {
	const char *name;
	int (*take)(const json_t *json, struct answer *answer, struct error *err);
} members[] = {
	{ "status", take_status },   { "errno", take_errno },         { "why", take_why },
	{ "numbers", take_numbers }, { "text", take_text },           { "lines", take_lines },
	{ "base64", take_base64 },   { "truncated", take_truncated },
};

static int take_member(const char *name, const json_t *value, struct answer *answer,
                       struct error *err)
{
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (strcmp(name, members[i].name) == 0)
			return members[i].take(value, answer, err);
	char quoted[40];
	snprintf(quoted, sizeof quoted, "%.32s", name);
	utf8_sanitize(quoted, strlen(quoted));
	return error_set(err, ERROR_BAD_INPUT, 0, "\"%s\": an answer has no such member", quoted);
}

int answer_from_json(const json_t *json, struct answer *answer, struct error *err)
{
	answer_clear(answer);
	if (!json_is_object(json))
		return expected(err, "answer", "an object", json);
	answer->status = STATUS_OBSERVED;
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)json, name, value)
	{
		if (take_member(name, value, answer, err) != 0) {
			answer_clear(answer);
			return -1;
		}
	}
	return 0;
}
