/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Only what a reader acts on: outcomes, and by what guests are told apart (collector/standing.h).
 */
#include "collector/changes.h"

#include "base/json_at.h"

#include <string.h>

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
		if (strcmp(json_at_text(finding, "id"), id) == 0)
			return json_at_text(finding, "outcome");
	}
	return "";
}

static void compare_findings(const json_t *before, const json_t *after, changes_take take,
                             void *context)
{
	size_t i;
	json_t *finding;
	json_array_foreach(json_object_get(after, "findings"), i, finding) compare(
	        json_at_text(finding, "id"), outcome_of(before, json_at_text(finding, "id")),
	        json_at_text(finding, "outcome"), take, context);
	json_array_foreach(json_object_get(before, "findings"), i, finding)
	{
		if (outcome_of(after, json_at_text(finding, "id"))[0] == '\0')
			compare(json_at_text(finding, "id"), json_at_text(finding, "outcome"), "",
			        take, context);
	}
}

static const char *fact_of(const json_t *report, const char *key)
{
	return json_at_text(json_object_get(json_object_get(report, "facts"), key), "value");
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
	compare("verdict", json_at_text(before, "verdict"), json_at_text(after, "verdict"), take,
	        context);
	compare("platform", json_at_text(platforms[0], "id"), json_at_text(platforms[1], "id"),
	        take, context);
	compare("platform version", json_at_text(platforms[0], "version"),
	        json_at_text(platforms[1], "version"), take, context);
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		compare(facts[i].what, fact_of(before, facts[i].fact),
		        fact_of(after, facts[i].fact), take, context);
	compare_findings(before, after, take, context);
}
