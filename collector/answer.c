/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bodies of answers, problems among them. */
#include "collector/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* What is left to say when there is no memory to say it with. */
#define NO_MEMORY                                                                                  \
	"{\"type\":\"urn:nestready:problem:memory\",\"title\":\"Out of memory\",\"status\":503}\n"

static void put_dump(struct answer *answer, json_t *json)
{
	char *dump = json == NULL ? NULL : json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
	text_clear(&answer->text);
	if (dump != NULL) {
		text_add(&answer->text, dump);
		text_add(&answer->text, "\n");
	}
	if (dump == NULL || answer->text.failed) {
		text_clear(&answer->text);
		answer->status = 503;
		answer->type = "application/problem+json";
		text_add(&answer->text, NO_MEMORY);
	}
	free(dump);
	json_decref(json);
}

void answer_problem(struct answer *answer, unsigned status, const char *name, const char *title,
                    const char *detail)
{
	char type[80];
	char clean[300] = "";
	snprintf(type, sizeof type, "urn:nestready:problem:%s", name);
	text_cut(clean, sizeof clean, detail == NULL ? "" : detail);
	utf8_sanitize(clean, strlen(clean));
	answer->status = status;
	answer->type = "application/problem+json";
	json_t *json =
	        json_pack("{s:s, s:s, s:i}", "type", type, "title", title, "status", (int)status);
	if (json != NULL && clean[0] != '\0')
		json_object_set_new(json, "detail", json_string(clean));
	put_dump(answer, json);
}

void answer_json(struct answer *answer, json_t *json)
{
	answer->status = 200;
	answer->type = "application/json";
	put_dump(answer, json);
}

json_t *answer_string(const char *text)
{
	return text == NULL || text[0] == '\0' ? json_null() : json_string(text);
}
