/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts there and back, and what is not exactly a fact. */
#include <criterion/criterion.h>
#include <string.h>

#include "report/fact_read.h"
#include "tests/lib/fake_machine.h"

static int keep(void *context, const struct fact *fact, struct error *err)
{
	(void)err;
	return fact_set_add(context, fact);
}

static int read_all(const char *text, struct fact_set *facts, struct error *err)
{
	json_t *json = quoted_json(text);
	int result = facts_read(json, keep, facts, err);
	json_decref(json);
	return result;
}

Test(fact_read, there_and_back)
{
	static const char text[] =
	        "{'a': {'status': 'observed', 'value': true, 'source': 'CPUID.1'},"
	        " 'b.c-d': {'status': 'denied', 'why': 'not root'},"
	        " 'c': {'status': 'observed', 'value': ['x', 'y'], 'exceptions': ["
	        "{'cpus': '1-3', 'status': 'failed', 'why': 'fault'},"
	        "{'cpus': '4', 'status': 'observed', 'value': 5}]}}";
	struct fact_set *facts = fact_set_new();
	struct error err = ERROR_INIT;
	cr_assert_eq(read_all(text, facts, &err), 0, "%s", err.message);
	json_t *wanted = quoted_json(text);
	cr_assert_eq(fact_set_count(facts), json_object_size(wanted));
	for (size_t i = 0; i < fact_set_count(facts); i++) {
		const struct fact *fact = fact_set_at(facts, i);
		json_t *json = fact_to_json(fact);
		cr_assert(json_equal(json, json_object_get(wanted, fact->key)), "%s", fact->key);
		json_decref(json);
	}
	json_decref(wanted);
	fact_set_free(facts);
}

Test(fact_read, refuses_what_is_no_fact)
{
	static const char *const texts[] = {
		"{'a': true}",
		"{'a': {}}",
		"{'a': {'status': 'observed'}}",
		"{'a': {'status': 'perhaps', 'value': 1}}",
		"{'a': {'status': 'denied', 'value': 1}}",
		"{'a': {'status': 'observed', 'value': 1.5}}",
		"{'a': {'status': 'observed', 'value': null}}",
		"{'a': {'status': 'observed', 'value': {'b': 1}}}",
		"{'a': {'status': 'observed', 'value': [1]}}",
		"{'a': {'status': 'observed', 'value': 1, 'source': 1}}",
		"{'a': {'status': 'denied', 'why': 1}}",
		"{'a': {'status': 'denied', 'other': 1}}",
		"{'a': {'status': 'denied', 'exceptions': {}}}",
		"{'a': {'status': 'denied', 'exceptions': [{'cpus': 'x', 'status': 'denied'}]}}",
		"{'a': {'status': 'denied', 'exceptions': [{'status': 'denied'}]}}",
		"{'a': {'status': 'denied', 'exceptions': [{'cpus': '1', 'status': 'denied', 'x': "
		"1}]}}",
		"{'': {'status': 'denied'}}",
		"{'a b': {'status': 'denied'}}",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct fact_set *facts = fact_set_new();
		struct error err = ERROR_INIT;
		cr_assert_eq(read_all(texts[i], facts, &err), -1, "%s", texts[i]);
		cr_assert_eq(err.code, ERROR_BAD_INPUT);
		cr_assert_not_null(strstr(err.message, "is no fact"));
		cr_assert_eq(fact_set_count(facts), 0);
		fact_set_free(facts);
	}
}
