/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first screen is the answer: verdict and what it rests on, then what
 * stops it, worst first, then the rest in a line, then the other targets.
 */
#include <stdlib.h>
#include <string.h>

#include "report/items.h"
#include "report/page.h"
#include "report/report.h"
#include "report/text_frame.h"
#include "report/text_item.h"
#include "report/text_others.h"

#define COLUMNS_DEFAULT 80
#define COLUMNS_MIN     40
#define COLUMNS_MAX     100 /* the eye loses longer lines */
#define ROWS_DEFAULT    24

/* Lines that the items take with these details. */
static size_t measure(const struct page *page, const struct item *items, size_t count,
                      const struct report *report, const struct format_options *options,
                      const enum item_detail *details)
{
	cleanup_text struct text draft = TEXT_INIT;
	struct page paper = { .out = &draft, .columns = page->columns };
	for (size_t i = 0; i < count; i++)
		text_item(&paper, items, i, report, options, details[i]);
	text_left_out(&paper, items, details, count, options);
	return page_rows(&paper, &draft);
}

/*
 * Leaves out details until the items fit into `rows`: the last item first, all
 * it can spare; the worst one keeps its fix whatever happens.
 */
static void choose_details(const struct page *page, const struct item *items, size_t count,
                           const struct report *report, const struct format_options *options,
                           size_t rows, enum item_detail *details)
{
	for (size_t i = count; i-- > 0;) {
		enum item_detail least = i == 0 ? DETAIL_FIX : DETAIL_TITLE;
		while (details[i] < least) {
			if (measure(page, items, count, report, options, details) <= rows)
				return;
			details[i]++;
		}
	}
}

static void write_items(const struct page *page, const struct item *items, size_t count,
                        const struct report *report, const struct format_options *options,
                        size_t rows)
{
	enum item_detail *details = calloc(count + 1, sizeof *details);
	if (details == NULL) {
		page->out->failed = true;
		return;
	}
	choose_details(page, items, count, report, options, rows, details);
	for (size_t i = 0; i < count; i++)
		text_item(page, items, i, report, options, details[i]);
	text_left_out(page, items, details, count, options);
	free(details);
}

static bool is_the_platforms(const struct item *item)
{
	return item->remedy != NULL && item->gap != NULL && strcmp(item->gap->layer, "L0") == 0;
}

/* Who reads this seldom runs the platform too.  The first to give way. */
static void write_asking(const struct page *page, const struct item *items, size_t count,
                         const struct format_options *options, bool imported)
{
	const char *program = options->program == NULL ? "nestready" : options->program;
	const char *again = options->again == NULL ? program : options->again;
	bool asks = false;
	for (size_t i = 0; i < count; i++)
		asks = asks || is_the_platforms(&items[i]);
	if (!asks)
		return;
	cleanup_text struct text command = TEXT_INIT;
	/* what was chosen for this check stands behind the program's name */
	text_printf(&command, "%s ask%s", program,
	            strncmp(again, program, strlen(program)) == 0 ? again + strlen(program) : "");
	if (imported)
		text_add(&command, " --snapshot FILE");
	if (options->tool != NULL)
		text_printf(&command, " --tool %s", options->tool);
	static const char lead[] = "Not the administrator?";
	bool fits = sizeof lead + command.length <= page->columns;
	page_put(page, PAGE_PLAIN, lead);
	if (!fits)
		text_add(page->out, "\n");
	page_command(page, fits ? 1 : 2, text_string(&command));
}

static unsigned columns_of(const struct format_options *options)
{
	unsigned columns = options->columns == 0 ? COLUMNS_DEFAULT : options->columns;
	if (columns < COLUMNS_MIN)
		return COLUMNS_MIN;
	return columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
}

static void write_text(const struct report *report, const struct format_options *options,
                       struct text *out)
{
	const struct page page = { out, columns_of(options), options->colour };
	cleanup_text struct text tail = TEXT_INIT;
	const struct page below = { &tail, page.columns, page.colour };
	struct item *items;
	size_t count;
	if (items_collect(&report->judgment, report->platform.platform, report->facts,
	                  options->tool, &items, &count) != 0) {
		out->failed = true;
		return;
	}
	text_headline(&page, report, options);
	text_passed(&below, report);
	text_support(&below, report);
	text_others(&below, report, items, count);
	/* one row is the shell's prompt */
	size_t rows = options->rows < ROWS_DEFAULT ? ROWS_DEFAULT : options->rows;
	size_t taken = page_rows(&page, out) + page_rows(&below, &tail) + 1;
	write_items(&page, items, count, report, options, taken < rows ? rows - taken : 0);
	text_add(out, text_string(&tail));
	out->failed = out->failed || tail.failed;
	if (page_rows(&page, out) + 2 <= rows)
		write_asking(&page, items, count, options,
		             report->judgment.basis == BASIS_IMPORTED);
	free(items);
}

const struct format format_text = { .name = "text",
	                            .help = "for people: the answer in one screen",
	                            .write = write_text };
