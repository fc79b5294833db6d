/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See receipt.h. */
#include "transport/receipt.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"

bool receipt_echoes(const char *bytes, size_t length, const char *id)
{
	json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	const char *echo = json_string_value(json_object_get(json, "id"));
	bool same = echo != NULL && strcmp(echo, id) == 0;
	json_decref(json);
	return same;
}

void receipt_problem(const char *bytes, size_t length, char *text, size_t size)
{
	json_t *json = json_loadb(bytes, length, 0, NULL);
	const char *said = json_string_value(json_object_get(json, "detail"));
	if (said == NULL)
		said = json_string_value(json_object_get(json, "title"));
	text_cut(text, size, said == NULL ? "" : said);
	utf8_sanitize(text, strlen(text));
	json_decref(json);
}
