/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/made_facts.h"

#include <criterion/criterion.h>

void made_facts_add(struct fact_set *facts, const char *json)
{
	json_error_t error;
	json_t *all = json_loads(json, JSON_REJECT_DUPLICATES, &error);
	cr_assert_not_null(all, "column %d: %s in %s", error.column, error.text, json);
	const char *key;
	json_t *made;
	json_object_foreach(all, key, made)
	{
		struct fact fact = { .key = key, .value = made, .source = "test" };
		if (json_is_object(made)) {
			const char *word = json_string_value(json_object_get(made, "status"));
			cr_assert(word == NULL || status_parse(word, &fact.status), "%s", word);
			fact.value = json_object_get(made, "value");
			fact.why = json_string_value(json_object_get(made, "why"));
			fact.exceptions = json_object_get(made, "exceptions");
		}
		cr_assert_eq(fact_set_add(facts, &fact), 0);
	}
	json_decref(all);
}

struct fact_set *made_facts(const char *json)
{
	struct fact_set *facts = fact_set_new();
	cr_assert_not_null(facts);
	made_facts_add(facts, json);
	return facts;
}
