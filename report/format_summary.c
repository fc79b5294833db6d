/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdicts and what stops them, by their ids: under the platform's line a
 * narrow column, which a QR code goes beside on a console of 80 x 25.  What the
 * code tells of has lines of its own, other targets are only named.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/code.h"
#include "report/items.h"
#include "report/page.h"
#include "report/text_frame.h"
#include "report/text_others.h"

/* What the largest QR code of format_code.c leaves, and a note of five lines below. */
#define COLUMNS 34
#define ROWS    18

/* Characters of the code in a line: five groups of four with their dashes. */
#define CODE_LINE 25

static const char *const basis_words[] = {
	[BASIS_PROVEN] = "proven here",
	[BASIS_FLAGS] = "by flags",
	[BASIS_IMPORTED] = "by the recording",
};

static const char item_marks[] = {
	[ITEM_STOPS] = 'x', [ITEM_UNSETTLED] = '?', [ITEM_LACKS] = '-', [ITEM_OPEN] = '?'
};

static bool runs(const struct judgment *judgment)
{
	return judgment->verdict == VERDICT_READY || judgment->verdict == VERDICT_DEGRADED;
}

/* "kvm          READY, proven here" */
static void write_verdict(const struct page *page, const struct judgment *judgment, size_t width)
{
	static const enum page_style styles[] = {
		[VERDICT_READY] = PAGE_GOOD,
		[VERDICT_DEGRADED] = PAGE_DOUBT,
		[VERDICT_NOT_READY] = PAGE_BAD,
		[VERDICT_INDETERMINATE] = PAGE_DOUBT,
	};
	char words[32];
	snprintf(words, sizeof words, "%s", verdict_name(judgment->verdict));
	for (char *word = words; *word != '\0'; word++)
		*word = *word == '-' ? ' ' : (char)toupper((unsigned char)*word);
	text_printf(page->out, "%-*s  ", (int)width, judgment->target->id);
	page_put(page, styles[judgment->verdict], words);
	if (runs(judgment))
		text_printf(page->out, ", %s", basis_words[judgment->basis]);
	text_add(page->out, "\n");
}

static void write_not_proven(const struct page *page, const struct judgment *judgment)
{
	cleanup_text struct text groups = TEXT_INIT;
	for (size_t i = 0; runs(judgment) && i < judgment->not_proven_count; i++)
		text_printf(&groups, "%s%s", i == 0 ? "" : ", ", judgment->not_proven[i]);
	if (groups.length > 0)
		page_wrap(page, PAGE_PLAIN, "  not proven: ", 4, text_string(&groups));
}

/* At most `most` of what stops it or lacks, and how many more there are. */
static void write_items(const struct page *page, const struct report *report,
                        const struct judgment *judgment, size_t most)
{
	struct item *items;
	size_t count;
	if (items_collect(judgment, report->platform.platform, report->facts, NULL, &items,
	                  &count) != 0) {
		page->out->failed = true;
		return;
	}
	for (size_t i = 0; i < count && i < most; i++) {
		text_printf(page->out, "  %c %s", item_marks[items[i].kind],
		            items[i].gap_id != NULL ? items[i].gap_id
		                                    : items[i].first->requirement->id);
		if (i + 1 == most && count > most)
			text_printf(page->out, "  +%zu", count - most);
		text_add(page->out, "\n");
	}
	free(items);
}

/* Whether it has lines of its own. */
static bool is_shown(const struct report *report, size_t index)
{
	return index == 0 || report->others[index - 1].target->in_codes;
}

static const struct judgment *judgment_at(const struct report *report, size_t index)
{
	return index == 0 ? &report->judgment : &report->others[index - 1];
}

/*
 * With at most so many items for the target that was asked for, and for each of
 * the others; of these, with none at all, only the verdict.
 */
static void write_targets(const struct page *page, const struct report *report, size_t most,
                          size_t most_of_others)
{
	size_t width = 0;
	for (size_t i = 0; i <= report->other_count; i++) {
		size_t length = strlen(judgment_at(report, i)->target->id);
		width = length > width && is_shown(report, i) ? length : width;
	}
	for (size_t i = 0; i <= report->other_count; i++) {
		const struct judgment *judgment = judgment_at(report, i);
		if (!is_shown(report, i))
			continue;
		write_verdict(page, judgment, width);
		write_items(page, report, judgment, i == 0 ? most : most_of_others);
		if (i == 0 || most_of_others > 0)
			write_not_proven(page, judgment);
	}
}

/*
 * The targets without lines of their own: "also not ready: esxi-6.7/7, esx-9",
 * or only how many there are: "also not ready: 3".
 */
static void write_others(const struct page *page, const struct report *report, bool named)
{
	static const char *const leads[] = {
		[VERDICT_READY] = "also ready: ",
		[VERDICT_DEGRADED] = "also degraded: ",
		[VERDICT_NOT_READY] = "also not ready: ",
		[VERDICT_INDETERMINATE] = "also not known: ",
	};
	for (enum verdict verdict = VERDICT_READY; verdict <= VERDICT_INDETERMINATE; verdict++) {
		cleanup_text struct text ids = TEXT_INIT;
		const char *last = NULL;
		size_t count = 0;
		for (size_t i = 0; i < report->other_count; i++) {
			const struct judgment *other = &report->others[i];
			if (other->verdict != verdict || is_shown(report, i + 1))
				continue;
			text_add_id(&ids, &last, other->target->id);
			count++;
		}
		if (!named) {
			text_clear(&ids);
			text_printf(&ids, "%zu", count);
		}
		if (last != NULL)
			page_wrap(page, PAGE_PLAIN, leads[verdict], 2, text_string(&ids));
		page->out->failed = page->out->failed || ids.failed;
	}
}

/* The most items of any target. */
static size_t most_items(const struct report *report)
{
	size_t most = 0;
	for (size_t i = 0; i <= report->other_count; i++) {
		size_t count = judgment_at(report, i)->finding_count;
		most = count > most ? count : most;
	}
	return most;
}

static void write_short_code(const struct page *page, const struct report *report)
{
	struct code code;
	cleanup_text struct text letters = TEXT_INIT;
	if (code_take(report, &code) != 0) {
		page->out->failed = true;
		return;
	}
	code_write(&code, &letters);
	for (size_t at = 0; at < letters.length; at += CODE_LINE)
		text_printf(page->out, "%s%.*s\n", at == 0 ? "code: " : "      ", CODE_LINE,
		            text_string(&letters) + at);
}

/*
 * All below the platform's line, with other targets named or counted, and of
 * what stops the targets what there is room for.  False when it is too long.
 */
static bool write_column(const struct page *page, const struct report *report, bool named)
{
	cleanup_text struct text tail = TEXT_INIT;
	const struct page below = { &tail, COLUMNS, page->colour };
	write_others(&below, report, named);
	text_add(&tail, "\n");
	write_short_code(&below, report);
	size_t taken = page_rows(&below, &tail) + 1;
	/* first the others lose their items, one by one, then the target that was asked for */
	size_t items = most_items(report);
	for (size_t less = 0; less <= 2 * items; less++) {
		size_t others = less < items ? items - less : 0;
		size_t most = others > 0 ? others : 2 * items - less;
		cleanup_text struct text body = TEXT_INIT;
		const struct page paper = { &body, COLUMNS, page->colour };
		write_targets(&paper, report, most, others);
		bool fits = taken + page_rows(&paper, &body) <= ROWS;
		if (!fits && less < 2 * items)
			continue;
		text_add(page->out, text_string(&body));
		text_add(page->out, text_string(&tail));
		page->out->failed = page->out->failed || body.failed || tail.failed;
		return fits;
	}
	return false;
}

static void write_summary(const struct report *report, const struct format_options *options,
                          struct text *out)
{
	cleanup_text struct text platform = TEXT_INIT;
	cleanup_text struct text column = TEXT_INIT;
	const struct page page = { &column, COLUMNS, options->colour };
	text_platform(report, &platform);
	page_wrap(&(struct page){ out, 80, false }, PAGE_PLAIN, "", 2, text_string(&platform));
	if (!write_column(&page, report, true)) {
		text_clear(&column);
		write_column(&page, report, false);
	}
	text_add(out, text_string(&column));
	out->failed = out->failed || platform.failed || column.failed;
}

const struct format format_summary = { .name = "summary",
	                               .help = "the verdicts and what stops them, by id",
	                               .write = write_summary };
