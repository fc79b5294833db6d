/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing one item; commands stand on lines of their own, never wrapped. */
#include "report/text_item.h"

#include <stdio.h>
#include <string.h>

#include "report/human.h"
#include "report/text_nics.h"
#include "report/text_remedy.h"

/* More facts than this are no evidence that anybody reads. */
#define SEEN_MAX 6

static const struct {
	const char *symbol; /* colour is never alone */
	enum page_style style;
} kind_table[] = {
	[ITEM_STOPS] = { "x", PAGE_BAD },
	[ITEM_UNSETTLED] = { "?", PAGE_DOUBT },
	[ITEM_LACKS] = { "-", PAGE_DOUBT },
	[ITEM_OPEN] = { "?", PAGE_DOUBT },
};

/* The facts that decided, each once. */
struct seen {
	const struct fact_set *facts;
	const struct fact *list[SEEN_MAX];
	size_t count;
};

static void collect_fact(const char *key, void *context)
{
	struct seen *seen = context;
	const struct fact *fact = fact_set_find(seen->facts, key);
	for (size_t i = 0; fact != NULL && i < seen->count; i++) {
		if (seen->list[i] == fact)
			return;
	}
	if (fact != NULL && seen->count < SEEN_MAX)
		seen->list[seen->count++] = fact;
}

void text_seen(const struct page *page, const struct item *item, const struct report *report)
{
	struct seen seen = { .facts = report->facts };
	cleanup_text struct text line = TEXT_INIT;
	for (size_t i = 0; i < report->judgment.finding_count; i++) {
		const struct finding *finding = &report->judgment.findings[i];
		if (item_has(item, finding))
			condition_visit_evidence(finding->requirement->condition, report->facts,
			                         collect_fact, &seen);
	}
	for (size_t i = 0; i < seen.count; i++) {
		text_add(&line, i == 0 ? "" : "; ");
		human_fact(seen.list[i], &line);
	}
	if (seen.count > 0)
		page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "seen: ", TEXT_INDENT + 2,
		          text_string(&line));
}

/* The number of an earlier item whose fix needs the VM powered off too; 0 when there is none. */
static size_t shared_power_off(const struct item *items, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		const struct remedy *remedy = items[i].remedy;
		if (remedy != NULL && remedy->power_off && remedy->downtime == NULL)
			return i + 1;
	}
	return 0;
}

/* WHAT and a command. */
static void write_command(const struct page *page, const char *what, const char *command)
{
	page_put(page, PAGE_PLAIN, TEXT_MARGIN);
	page_put(page, PAGE_PLAIN, what);
	page_command(page, 1, command);
}

static void write_explain(const struct page *page, const char *what, const char *id,
                          const struct format_options *options)
{
	cleanup_text struct text line = TEXT_INIT;
	cleanup_text struct text typed = TEXT_INIT;
	text_printf(&line, "nestready explain %s", id);
	text_as_typed(text_string(&line), options, &typed);
	write_command(page, what, text_string(&typed));
}

static void write_remedy(const struct page *page, const struct item *items, size_t index,
                         const struct format_options *options, enum item_detail detail)
{
	const struct item *item = &items[index];
	const struct remedy *remedy = item->remedy;
	if (remedy == NULL) {
		if (item->closing != NULL)
			text_no_fix(page, item->closing, options);
		if (item->gap != NULL)
			write_explain(page, "more:", item->gap_id, options);
		return;
	}
	text_fix(page, remedy, shared_power_off(items, index), options);
	if (detail == DETAIL_FIX) {
		write_explain(page, "verify, undo, other tools:", item->gap_id, options);
		return;
	}
	text_after_fix(page, remedy, options);
	if (item->closing->remedy_count > 1)
		write_explain(page, "other tools:", item->gap_id, options);
}

/*
 * Adds the command that would settle the item.  None for root when it is this
 * very check again and nothing was left out of it: the answer would be the same.
 */
static void settling_command(const struct item *item, const struct format_options *options,
                             struct text *out)
{
	cleanup_text struct text again = TEXT_INIT;
	if (item->settle == NULL)
		return;
	text_as_typed("nestready", options, &again);
	text_as_typed(item->settle, options, out);
	if (options->root && item->first->outcome != OUTCOME_NOT_CHECKED &&
	    strcmp(text_string(out), text_string(&again)) == 0)
		text_clear(out);
}

/* What could not be known, why, and the command that would settle it. */
static void write_open(const struct page *page, const struct item *item,
                       const struct format_options *options)
{
	cleanup_text struct text settle = TEXT_INIT;
	if (item->first->because != NULL)
		page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "because: ", TEXT_INDENT + 2,
		          item->first->because);
	if (item->otherwise != NULL)
		page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "to settle it: ", TEXT_INDENT + 2,
		          item->otherwise);
	settling_command(item, options, &settle);
	if (settle.length > 0)
		write_command(page, "to settle it:", text_string(&settle));
}

/* What stands at the right of the title: a name to ask explain about, or what settles it. */
static void tag_of(const struct item *item, const struct format_options *options,
                   enum item_detail detail, struct text *out)
{
	if (item->gap_id != NULL)
		text_add(out, item->gap_id);
	else if (detail == DETAIL_TITLE)
		settling_command(item, options, out);
	if (out->length == 0 && item->finding_count == 1)
		text_add(out, item->first->requirement->id);
}

void text_item(const struct page *page, const struct item *items, size_t index,
               const struct report *report, const struct format_options *options,
               enum item_detail detail)
{
	const struct item *item = &items[index];
	cleanup_text struct text title = TEXT_INIT;
	cleanup_text struct text tag = TEXT_INIT;
	char lead[24];
	snprintf(lead, sizeof lead, "%2zu %s ", index + 1, kind_table[item->kind].symbol);
	item_title(item, &report->judgment, &title);
	tag_of(item, options, detail, &tag);
	page_edges(page, kind_table[item->kind].style, lead, TEXT_INDENT, text_string(&title),
	           text_string(&tag));
	if (detail == DETAIL_TITLE)
		return;
	if (item->first->outcome == OUTCOME_FAIL) {
		text_seen(page, item, report);
		write_remedy(page, items, index, options, detail);
		text_other_nics(page, item, report, options);
	} else {
		write_open(page, item, options);
	}
}

void text_left_out(const struct page *page, const struct item *items,
                   const enum item_detail *details, size_t count,
                   const struct format_options *options)
{
	for (size_t i = 0; i < count; i++) {
		if (details[i] != DETAIL_TITLE || items[i].gap_id == NULL)
			continue;
		write_explain(page, "other fixes:", "ID", options);
		return;
	}
}
