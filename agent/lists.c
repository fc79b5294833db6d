/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nestready knows, a line each: the lists are the tables themselves. */
#include <string.h>

#include "agent/choice.h"
#include "agent/commands.h"
#include "agent/known.h"
#include "agent/output.h"
#include "agent/supervisor.h"
#include "report/knowledge.h"
#include "report/page.h"
#include "report/report.h"

#define COLUMNS 80
#define WIDTH   26 /* of the column of ids */

static void row(struct text *out, const char *indent, const char *id, const char *help)
{
	const struct page page = { .out = out, .columns = COLUMNS };
	cleanup_text struct text lead = TEXT_INIT;
	text_printf(&lead, "%s%-*s ", indent, (int)(WIDTH - strlen(indent)), id);
	page_wrap(&page, PAGE_PLAIN, text_string(&lead), WIDTH + 1, help);
}

int command_targets(const struct options *options, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	const char *family = "";
	for (const struct target *target = knowledge_targets; target->id != NULL; target++) {
		cleanup_text struct text help = TEXT_INIT;
		text_add(&help, target->title);
		for (size_t i = 0; target->aliases[i] != NULL; i++)
			text_printf(&help, "%s%s", i == 0 ? "; also " : ", ", target->aliases[i]);
		if (strcmp(family, target->family) != 0)
			text_printf(&out, "%s%s\n", family[0] == '\0' ? "" : "\n", target->family);
		family = target->family;
		row(&out, "  ", target->id, text_string(&help));
	}
	return output_write(options->output, &out, err);
}

/* The tools that a platform has commands of, each once. */
static void add_tools(const struct platform *platform, struct text *out)
{
	const char *seen[16];
	size_t count = 0;
	for (size_t i = 0; i < platform->gap_count; i++) {
		for (size_t j = 0; j < platform->gaps[i].remedy_count; j++) {
			const char *tool = platform->gaps[i].remedies[j].tool;
			size_t k = 0;
			while (k < count && strcmp(seen[k], tool) != 0)
				k++;
			if (k < count || count == sizeof seen / sizeof seen[0])
				continue;
			text_printf(out, "%s%s", count == 0 ? "; tools: " : ", ", tool);
			seen[count++] = tool;
		}
	}
}

int command_platforms(const struct options *options, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	for (const struct platform *platform = knowledge_platforms; platform->id != NULL;
	     platform++) {
		cleanup_text struct text help = TEXT_INIT;
		text_add(&help, platform->title);
		add_tools(platform, &help);
		row(&out, "", platform->id, text_string(&help));
	}
	return output_write(options->output, &out, err);
}

int command_gaps(const struct options *options, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++)
		row(&out, "", gap->id, gap->title);
	return output_write(options->output, &out, err);
}

/* A text of the worker's list; "" where there is none, whatever worker that is. */
static const char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "" : text;
}

/* Why a probe may be left out: a check that is passive, a machine that may not survive it. */
static void add_probe(const json_t *probe, bool facts, struct text *out)
{
	cleanup_text struct text help = TEXT_INIT;
	size_t index;
	const json_t *fact;
	text_add(&help, member(probe, "title"));
	if (json_is_true(json_object_get(probe, "active")))
		text_add(&help, "; not with --passive");
	if (json_is_true(json_object_get(probe, "risky")))
		text_add(&help, "; marks the disk before it asks");
	row(out, "", member(probe, "id"), text_string(&help));
	if (!facts)
		return;
	json_array_foreach(json_object_get(probe, "facts"), index, fact)
	        row(out, "  ", member(fact, "key"), member(fact, "help"));
}

static const char *probe_at(const void *context, size_t index)
{
	return json_string_value(json_object_get(json_array_get(context, index), "id"));
}

/* One probe with its facts when it is named, else all of them. */
static int list_probes(const json_t *probes, const struct options *options, struct text *out,
                       struct error *err)
{
	const struct choice ids = { probe_at, probes };
	size_t index;
	const json_t *probe;
	if (options->operand != NULL && !choice_has(&ids, options->operand))
		return choice_unknown(err, "probe", options->operand, &ids, "`nestready probes`");
	json_array_foreach(probes, index, probe)
	{
		bool named = options->operand != NULL;
		if (!named || strcmp(probe_at(probes, index), options->operand) == 0)
			add_probe(probe, named || options->facts, out);
	}
	return 0;
}

int command_probes(const struct options *options, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	const struct supervisor_options asking = SUPERVISOR_OPTIONS_INIT;
	json_t *list = supervisor_list(&asking, err);
	if (list == NULL)
		return -1;
	int status = list_probes(json_object_get(list, "probes"), options, &out, err);
	if (status == 0)
		status = output_write(options->output, &out, err);
	json_decref(list);
	return status;
}
