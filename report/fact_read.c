/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See fact_read.h. */
#include "report/fact_read.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX 127 /* bytes of a key, as on the worker's wire */

/* Printable ASCII without a space. */
static bool is_key(const char *key)
{
	size_t length = strlen(key);
	for (const char *at = key; *at != '\0'; at++)
		if (*at <= ' ' || *at >= 0x7f)
			return false;
	return length > 0 && length <= KEY_MAX;
}

static bool is_value(const json_t *json)
{
	size_t index;
	const json_t *item;
	json_array_foreach(json, index, item)
	{
		if (!json_is_string(item))
			return false;
	}
	return json_is_array(json) || json_is_boolean(json) || json_is_integer(json) ||
	       json_is_string(json);
}

/* Reads "status" and "value", which go together, and "why"; false when they are not so. */
static bool read_outcome(const json_t *json, struct fact *fact)
{
	const char *word = json_string_value(json_object_get(json, "status"));
	const json_t *why = json_object_get(json, "why");
	fact->value = json_object_get(json, "value");
	fact->why = json_string_value(why);
	if (word == NULL || !status_parse(word, &fact->status))
		return false;
	if ((fact->status == STATUS_OBSERVED) != (fact->value != NULL))
		return false;
	return (fact->value == NULL || is_value(fact->value)) &&
	       (why == NULL || json_is_string(why));
}

static bool are_exceptions(const json_t *list)
{
	size_t index;
	const json_t *item;
	json_array_foreach(list, index, item)
	{
		struct fact outcome = { 0 };
		size_t members = 2;
		members += json_object_get(item, "value") != NULL;
		members += json_object_get(item, "why") != NULL;
		const char *cpus = json_string_value(json_object_get(item, "cpus"));
		if (cpus == NULL || cpus[0] == '\0' || cpus[strspn(cpus, "0123456789,-")] != '\0' ||
		    !read_outcome(item, &outcome) || json_object_size(item) != members)
			return false;
	}
	return json_is_array(list);
}

static bool read_fact(const char *key, const json_t *json, struct fact *fact)
{
	static const char *const names[] = { "status", "value", "why", "source", "exceptions" };
	const json_t *source = json_object_get(json, "source");
	size_t known = 0;
	*fact = (struct fact){ .key = key,
		               .source = json_string_value(source),
		               .exceptions = json_object_get(json, "exceptions") };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		known += json_object_get(json, names[i]) != NULL;
	return is_key(key) && known == json_object_size(json) && read_outcome(json, fact) &&
	       (source == NULL || json_is_string(source)) &&
	       (fact->exceptions == NULL || are_exceptions(fact->exceptions));
}

int facts_read(const json_t *object, fact_taker take, void *context, struct error *err)
{
	const char *key;
	json_t *json;
	json_object_foreach((json_t *)(uintptr_t)object, key, json)
	{
		struct fact fact;
		if (!read_fact(key, json, &fact))
			return error_set(err, ERROR_BAD_INPUT, 0, "facts: \"%.60s\" is no fact",
			                 key);
		if (take(context, &fact, err) != 0)
			return -1;
	}
	return 0;
}
