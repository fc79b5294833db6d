/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests say about facts; every failure shows the whole fact that was found. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fake_machine.h"

static const struct fact *find(const struct fact_set *facts, const char *key)
{
	const struct fact *fact = fact_set_find(facts, key);
	cr_assert_not_null(fact, "%s: no such fact was emitted", key);
	return fact;
}

/* Ends the test unless `holds`; the fact is printed as a report would have it. */
static void hold(bool holds, const struct fact *fact, const char *expected)
{
	if (holds)
		return;
	json_t *json = fact_to_json(fact);
	char *dump = json_dumps(json, 0);
	cr_assert_fail("%s: expected %s, found %s", fact->key, expected, dump);
}

/* Takes the reference to `value`. */
static void expect_json(const struct fact_set *facts, const char *key, json_t *value)
{
	const struct fact *fact = find(facts, key);
	char *expected = json_dumps(value, JSON_ENCODE_ANY);
	cr_assert_not_null(expected);
	hold(fact->value != NULL && json_equal(fact->value, value), fact, expected);
	free(expected);
	json_decref(value);
}

void expect_bool(const struct fact_set *facts, const char *key, bool value)
{
	expect_json(facts, key, json_boolean(value));
}

void expect_int(const struct fact_set *facts, const char *key, int64_t value)
{
	expect_json(facts, key, json_integer(value));
}

void expect_hex(const struct fact_set *facts, const char *key, uint64_t value)
{
	expect_json(facts, key, fact_hex_value(value));
}

void expect_text(const struct fact_set *facts, const char *key, const char *value)
{
	expect_json(facts, key, json_string(value));
}

void expect_status(const struct fact_set *facts, const char *key, enum status status)
{
	const struct fact *fact = find(facts, key);
	hold(fact->status == status, fact, status_name(status));
}

void expect_source(const struct fact_set *facts, const char *key, const char *source)
{
	const struct fact *fact = find(facts, key);
	hold(fact->source != NULL && strcmp(fact->source, source) == 0, fact, source);
}

void expect_why(const struct fact_set *facts, const char *key, const char *words)
{
	const struct fact *fact = find(facts, key);
	hold(fact->why != NULL && strstr(fact->why, words) != NULL, fact, words);
}

void expect_no_fact(const struct fact_set *facts, const char *key)
{
	const struct fact *fact = fact_set_find(facts, key);
	if (fact != NULL)
		hold(false, fact, "no such fact");
}

json_t *quoted_json(const char *text)
{
	char *copy = strdup(text);
	cr_assert_not_null(copy);
	for (char *c = copy; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	json_error_t problem;
	json_t *json = json_loads(copy, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &problem);
	cr_assert_not_null(json, "%s: %s", text, problem.text);
	free(copy);
	return json;
}

void expect_value(const struct fact_set *facts, const char *key, const char *json)
{
	expect_json(facts, key, quoted_json(json));
}

void expect_exceptions(const struct fact_set *facts, const char *key, const char *json)
{
	const struct fact *fact = find(facts, key);
	json_t *expected = quoted_json(json);
	hold(fact->exceptions != NULL && json_equal(fact->exceptions, expected), fact, json);
	json_decref(expected);
}
