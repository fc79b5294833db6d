/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A diff for people: the verdict, gaps, other targets, findings, facts. */
#include <string.h>

#include "report/diff.h"
#include "report/fact_read.h"
#include "report/human.h"
#include "report/report.h"

#define HANG 4

static const char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "none" : text;
}

static const char *title_of_gap(const char *id)
{
	const struct gap *gap = knowledge_gap(id);
	return gap == NULL ? "" : gap->title;
}

static void write_verdict(const struct page *page, const json_t *diff)
{
	const json_t *verdict = json_object_get(diff, "verdict");
	const char *before = member(verdict, "before");
	const char *after = member(verdict, "after");
	const struct target *target = knowledge_target(member(diff, "target"));
	bool changed = diff_readiness_changed(diff);
	cleanup_text struct text line = TEXT_INIT;
	text_printf(&line, "for %s: %s", target == NULL ? member(diff, "target") : target->title,
	            before);
	if (strcmp(before, after) != 0)
		text_printf(&line, " -> %s", after);
	page_wrap(page, PAGE_STRONG, changed ? "READINESS CHANGED " : "Readiness unchanged ", HANG,
	          text_string(&line));
}

static void write_gaps(const struct page *page, const json_t *list, enum page_style style,
                       const char *lead)
{
	size_t index;
	const json_t *gap;
	json_array_foreach(list, index, gap)
	{
		const char *id = json_string_value(gap);
		page_edges(page, style, lead, HANG, title_of_gap(id), id);
	}
}

static void write_others(const struct page *page, const json_t *list)
{
	size_t index;
	const json_t *other;
	if (json_array_size(list) > 0)
		text_add(page->out, "Other targets\n");
	json_array_foreach(list, index, other)
	{
		cleanup_text struct text line = TEXT_INIT;
		text_printf(&line, "%s: %s -> %s", member(other, "target"), member(other, "before"),
		            member(other, "after"));
		page_wrap(page, PAGE_PLAIN, " ", HANG, text_string(&line));
	}
}

static void add_outcome(const json_t *outcome, struct text *out)
{
	const char *gap = json_string_value(json_object_get(outcome, "gap"));
	text_add(out, member(outcome, "outcome"));
	if (gap != NULL)
		text_printf(out, " (%s)", gap);
}

static void write_findings(const struct page *page, const json_t *list)
{
	size_t index;
	const json_t *finding;
	if (json_array_size(list) > 0)
		text_add(page->out, "Findings\n");
	json_array_foreach(list, index, finding)
	{
		cleanup_text struct text line = TEXT_INIT;
		text_printf(&line, "%s: ", member(finding, "id"));
		add_outcome(json_object_get(finding, "before"), &line);
		text_add(&line, " -> ");
		add_outcome(json_object_get(finding, "after"), &line);
		page_wrap(page, PAGE_PLAIN, " ", HANG, text_string(&line));
	}
}

static int add_value(void *context, const struct fact *fact, struct error *err)
{
	cleanup_text struct text words = TEXT_INIT;
	(void)err;
	human_fact(fact, &words);
	text_add(context, text_string(&words) + strlen(fact->key) + 1);
	return 0;
}

/* What the fact says, without its key. */
static void add_fact(const json_t *change, const char *side, struct text *out)
{
	json_t *fact = json_object_get(change, side);
	json_t *facts = json_object();
	if (fact == NULL)
		text_add(out, "none");
	else if (json_object_set_nocheck(facts, member(change, "key"), fact) == 0)
		facts_read(facts, add_value, out, NULL);
	json_decref(facts);
}

static void write_controls(const struct page *page, const json_t *list, enum page_style style,
                           const char *lead)
{
	cleanup_text struct text line = TEXT_INIT;
	size_t index;
	const json_t *name;
	json_array_foreach(list, index, name)
	{
		text_printf(&line, "%s%s", index == 0 ? "" : ", ", json_string_value(name));
	}
	if (line.length > 0)
		page_wrap(page, style, lead, HANG + 2, text_string(&line));
}

static void write_facts(const struct page *page, const json_t *list)
{
	size_t index;
	const json_t *change;
	if (json_array_size(list) > 0)
		text_add(page->out, "Facts\n");
	json_array_foreach(list, index, change)
	{
		cleanup_text struct text line = TEXT_INIT;
		text_printf(&line, "%s: ", member(change, "key"));
		add_fact(change, "before", &line);
		text_add(&line, " -> ");
		add_fact(change, "after", &line);
		page_wrap(page, PAGE_PLAIN, " ", HANG, text_string(&line));
		write_controls(page, json_object_get(change, "lost"), PAGE_BAD, "   lost: ");
		write_controls(page, json_object_get(change, "gained"), PAGE_GOOD, "   gained: ");
	}
}

void diff_text(const struct page *page, const json_t *diff)
{
	const json_t *gaps = json_object_get(diff, "gaps");
	write_verdict(page, diff);
	write_gaps(page, json_object_get(gaps, "opened"), PAGE_BAD, " opened: ");
	write_gaps(page, json_object_get(gaps, "closed"), PAGE_GOOD, " closed: ");
	write_others(page, json_object_get(diff, "others"));
	write_findings(page, json_object_get(diff, "findings"));
	write_facts(page, json_object_get(diff, "facts"));
}
