/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See imports.h. */
#include "tests/lib/imports.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fake_machine.h"

/* Imports a copy that is exactly as long as it is, so that a sanitizer sees a read too far. */
static json_t *import_copy(const char *bytes, size_t length, struct error *err)
{
	char *copy = malloc(length == 0 ? 1 : length);
	cr_assert_not_null(copy);
	memcpy(copy, bytes, length);
	json_t *snapshot = import_snapshot("made.txt", copy, length, err);
	free(copy);
	return snapshot;
}

json_t *accepts_bytes(const char *bytes, size_t length, const char *format)
{
	struct error err = ERROR_INIT;
	json_t *snapshot = import_copy(bytes, length, &err);
	cr_assert_not_null(snapshot, "%s", err.message);
	cr_assert_str_eq(json_string_value(json_object_get(snapshot, "imported")), format);
	return snapshot;
}

json_t *accepts(const char *text, const char *format)
{
	return accepts_bytes(text, strlen(text), format);
}

void refuses_bytes(const char *bytes, size_t length, const char *words)
{
	struct error err = ERROR_INIT;
	cr_assert_null(import_copy(bytes, length, &err));
	cr_assert_eq(err.code, ERROR_BAD_INPUT);
	cr_assert_not_null(strstr(err.message, words), "%s", err.message);
	cr_assert_eq(strncmp(err.message, "made.txt:", 9), 0, "%s", err.message);
}

void refuses(const char *text, const char *words)
{
	refuses_bytes(text, strlen(text), words);
}

static const json_t *answer_of(const json_t *snapshot, const char *key)
{
	return json_object_get(json_object_get(snapshot, "answers"), key);
}

static void expect_json(const json_t *found, const char *key, const char *json)
{
	json_t *wanted = quoted_json(json);
	char *text = json_dumps(found, JSON_ENCODE_ANY);
	cr_assert(json_equal(found, wanted), "%s: %s", key, text == NULL ? "not there" : text);
	free(text);
	json_decref(wanted);
}

void expect_answer(const json_t *snapshot, const char *key, const char *json)
{
	expect_json(answer_of(snapshot, key), key, json);
}

void expect_numbers(const json_t *snapshot, const char *key, const char *first, size_t count)
{
	const json_t *numbers = json_object_get(answer_of(snapshot, key), "numbers");
	cr_assert_eq(json_array_size(numbers), count, "%s", key);
	cr_assert_str_eq(json_string_value(json_array_get(numbers, 0)), first);
}

void expect_no_answer(const json_t *snapshot, const char *key)
{
	cr_assert_null(answer_of(snapshot, key), "%s", key);
}

void expect_imported(const json_t *snapshot, const char *key, const char *json)
{
	const json_t *fact = json_object_get(json_object_get(snapshot, "facts"), key);
	cr_assert_not_null(fact, "%s: not there", key);
	const char *status = json_string_value(json_object_get(fact, "status"));
	cr_assert_str_eq(status, json == NULL ? "skipped" : "observed", "%s", key);
	if (json != NULL)
		expect_json(json_object_get(fact, "value"), key, json);
}

void expect_not_imported(const json_t *snapshot, const char *key)
{
	cr_assert_null(json_object_get(json_object_get(snapshot, "facts"), key), "%s", key);
}
