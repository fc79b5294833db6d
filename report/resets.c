/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See resets.h.  A reset is a condition in knowledge/resets.json; nothing is decided here. */
#include "report/resets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/human.h"
#include "report/page.h"
#include "report/text_remedy.h"

#define COLUMNS 80

enum state { NEEDED, UNKNOWN, ADVICE, CLEAN };

static const char *const state_names[] = {
	[NEEDED] = "reset",
	[UNKNOWN] = "unknown",
	[ADVICE] = "advice",
	[CLEAN] = "clean",
};

static enum state state_of(const struct reset *reset, const struct fact_set *facts)
{
	enum truth truth = condition_evaluate(reset->when, facts);
	if (reset->advice)
		return ADVICE;
	if (truth == TRUTH_TRUE)
		return NEEDED;
	return truth == TRUTH_FALSE ? CLEAN : UNKNOWN;
}

void resets_count(const struct fact_set *facts, struct resets_count *count)
{
	*count = (struct resets_count){ 0, 0 };
	for (const struct reset *reset = knowledge_resets; reset->id != NULL; reset++) {
		enum state state = state_of(reset, facts);
		count->needed += state == NEEDED;
		count->unknown += state == UNKNOWN;
	}
}

struct seen {
	const struct fact_set *facts;
	struct text *out;
};

static void add_seen(const char *key, void *context)
{
	const struct seen *seen = context;
	const struct fact *fact = fact_set_find(seen->facts, key);
	if (fact == NULL || fact->status != STATUS_OBSERVED)
		return;
	text_add(seen->out, seen->out->length == 0 ? "" : "; ");
	human_fact(fact, seen->out);
}

static void write_steps(const struct page *page, const char *const *steps,
                        const struct format_options *options)
{
	for (; *steps != NULL; steps++) {
		cleanup_text struct text step = TEXT_INIT;
		size_t length = strlen(*steps);
		if ((*steps)[length - 1] == '.' || (*steps)[length - 1] == ':') {
			page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "  ", TEXT_INDENT + 2, *steps);
			continue;
		}
		text_as_typed(*steps, options, &step);
		page_command(page, TEXT_INDENT + 2, text_string(&step));
	}
}

static void write_reset(const struct page *page, const struct reset *reset, const char *mark,
                        const struct fact_set *facts, const struct format_options *options)
{
	cleanup_text struct text evidence = TEXT_INIT;
	struct seen seen = { facts, &evidence };
	page_edges(page, PAGE_STRONG, mark, TEXT_INDENT, reset->title, reset->id);
	page_wrap(page, PAGE_PLAIN, TEXT_MARGIN, TEXT_INDENT, reset->why);
	condition_visit_evidence(reset->when, facts, add_seen, &seen);
	if (evidence.length > 0)
		page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "seen: ", TEXT_INDENT + 2,
		          text_string(&evidence));
	write_steps(page, reset->steps, options);
}

static void write_needed(const struct page *page, const struct fact_set *facts,
                         const struct format_options *options)
{
	int number = 0;
	for (const struct reset *reset = knowledge_resets; reset->id != NULL; reset++) {
		char mark[24];
		if (state_of(reset, facts) != NEEDED)
			continue;
		snprintf(mark, sizeof mark, "%2d x ", ++number);
		write_reset(page, reset, mark, facts, options);
	}
}

static void write_unknown(const struct page *page, const struct fact_set *facts,
                          const struct format_options *options)
{
	for (const struct reset *reset = knowledge_resets; reset->id != NULL; reset++) {
		cleanup_text struct text line = TEXT_INIT;
		if (state_of(reset, facts) != UNKNOWN)
			continue;
		text_printf(&line, "not known: %s (%s)", reset->title,
		            condition_because(reset->when, facts,
		                              condition_evaluate(reset->when, facts)));
		page_wrap(page, PAGE_DOUBT, " ? ", 3, text_string(&line));
	}
	if (!options->root) {
		cleanup_text struct text again = TEXT_INIT;
		text_as_typed("sudo nestready preclone", options, &again);
		page_command(page, 3, text_string(&again));
	}
}

static void write_clean(const struct page *page, const struct fact_set *facts)
{
	cleanup_text struct text line = TEXT_INIT;
	for (const struct reset *reset = knowledge_resets; reset->id != NULL; reset++)
		if (state_of(reset, facts) == CLEAN)
			text_printf(&line, "%s%s", line.length == 0 ? "" : ", ", reset->id);
	if (line.length > 0)
		page_wrap(page, PAGE_GOOD, " + nothing to reset: ", 3, text_string(&line));
}

void resets_text(const struct fact_set *facts, const struct format_options *options,
                 struct text *out)
{
	const struct page page = { out, options->columns == 0 ? COLUMNS : options->columns,
		                   options->colour };
	struct resets_count count;
	resets_count(facts, &count);
	text_printf(out, "%zu to reset before this guest is cloned", count.needed);
	if (count.unknown > 0)
		text_printf(out, ", %zu not known", count.unknown);
	text_add(out, "\n");
	write_needed(&page, facts, options);
	if (count.unknown > 0)
		write_unknown(&page, facts, options);
	write_clean(&page, facts);
	for (const struct reset *reset = knowledge_resets; reset->id != NULL; reset++)
		if (state_of(reset, facts) == ADVICE)
			write_reset(&page, reset, " i ", facts, options);
	if (count.needed > 0)
		page_wrap(&page, PAGE_PLAIN, "", 0,
		          "Do it last, in this order, then power this guest off and clone it: a "
		          "start of its own makes most of it again.");
}

static json_t *list_of(const char *const *texts)
{
	json_t *list = json_array();
	for (; *texts != NULL; texts++)
		json_array_append_new(list, json_string(*texts));
	return list;
}

struct evidence {
	const struct fact_set *facts;
	json_t *list;
};

static void add_evidence(const char *key, void *context)
{
	const struct evidence *evidence = context;
	const struct fact *fact = fact_set_find(evidence->facts, key);
	if (fact != NULL)
		json_array_append_new(evidence->list, fact_to_json(fact));
}

static json_t *reset_json(const struct reset *reset, const struct fact_set *facts)
{
	enum state state = state_of(reset, facts);
	struct evidence evidence = { facts, json_array() };
	condition_visit_evidence(reset->when, facts, add_evidence, &evidence);
	json_t *json = json_pack(
	        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "id", reset->id, "title", reset->title,
	        "state", state_names[state], "why", reset->why, "evidence", evidence.list, "steps",
	        list_of(reset->steps), "verify", list_of(reset->verify), "source", reset->source);
	if (state == UNKNOWN)
		json_object_set_new(
		        json, "because",
		        json_string(condition_because(reset->when, facts,
		                                      condition_evaluate(reset->when, facts))));
	return json;
}

void resets_json(const struct fact_set *facts, struct text *out)
{
	json_t *list = json_array();
	for (const struct reset *reset = knowledge_resets; reset->id != NULL; reset++)
		json_array_append_new(list, reset_json(reset, facts));
	json_t *whole = json_pack("{s:s, s:o}", "schema", RESETS_SCHEMA, "resets", list);
	char *dumped = json_dumps(whole, JSON_INDENT(1));
	if (dumped == NULL) {
		out->failed = true;
	} else {
		text_add(out, dumped);
		text_add(out, "\n");
	}
	free(dumped);
	json_decref(whole);
}
