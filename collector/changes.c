/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Only what a reader acts on: outcomes, and by what guests are told apart (collector/standing.h).
 */
#include "collector/changes.h"

#include <string.h>

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "" : text;
}

static void compare(const char *what, const char *before, const char *after, changes_take take,
                    void *context)
{
	const struct change change = { what, before, after };
	if (strcmp(before, after) != 0)
		take(context, &change);
}

static const char *outcome_of(const json_t *report, const char *id)
{
	size_t i;
	json_t *finding;
	json_array_foreach(json_object_get(report, "findings"), i, finding)
	{
		if (strcmp(text_at(finding, "id"), id) == 0)
			return text_at(finding, "outcome");
	}
	return "";
}

static void compare_findings(const json_t *before, const json_t *after, changes_take take,
                             void *context)
{
	size_t i;
	json_t *finding;
	json_array_foreach(json_object_get(after, "findings"), i, finding)
	        compare(text_at(finding, "id"), outcome_of(before, text_at(finding, "id")),
	                text_at(finding, "outcome"), take, context);
	json_array_foreach(json_object_get(before, "findings"), i, finding)
	{
		if (outcome_of(after, text_at(finding, "id"))[0] == '\0')
			compare(text_at(finding, "id"), text_at(finding, "outcome"), "", take,
			        context);
	}
}

static const char *fact_of(const json_t *report, const char *key)
{
	return text_at(json_object_get(json_object_get(report, "facts"), key), "value");
}

void changes_of(const json_t *before, const json_t *after, changes_take take, void *context)
{
	static const struct {
		const char *what, *fact;
	} facts[] = { { "cpu", "cpu.name" },
		      { "microcode", "cpu.microcode" },
		      { "kernel", "os.kernel" } };
	const json_t *platforms[] = { json_object_get(before, "platform"),
		                      json_object_get(after, "platform") };
	compare("verdict", text_at(before, "verdict"), text_at(after, "verdict"), take, context);
	compare("platform", text_at(platforms[0], "id"), text_at(platforms[1], "id"), take,
	        context);
	compare("platform version", text_at(platforms[0], "version"),
	        text_at(platforms[1], "version"), take, context);
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		compare(facts[i].what, fact_of(before, facts[i].fact),
		        fact_of(after, facts[i].fact), take, context);
	compare_findings(before, after, take, context);
}
