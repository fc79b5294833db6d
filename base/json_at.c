/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See json_at.h. */
#include "base/json_at.h"

const char *json_at_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "" : text;
}

double json_at_number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

int64_t json_at_integer(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}
