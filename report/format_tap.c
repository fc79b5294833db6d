/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Test Anything Protocol, version 13 (testanything.org): a finding a line.
 * A harness passes it exactly when nestready exits with 0.
 */
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/items.h"
#include "report/page.h"
#include "report/report.h"
#include "report/text_frame.h"
#include "report/text_item.h"

#define COLUMNS 80

/* "#" begins a directive. */
static const struct escape escapes[] = { { '#', "\\#" }, { '\\', "\\\\" }, { 0, NULL } };

static void write_skip(const struct finding *finding, struct text *out)
{
	cleanup_text struct text aside = TEXT_INIT;
	finding_aside(finding, &aside);
	if (aside.length > 0) {
		text_add(out, " # SKIP ");
		escape_add(out, escapes, text_string(&aside));
	}
	out->failed = out->failed || aside.failed;
}

/* Lines of text as comments. */
static void write_comment(const struct text *text, struct text *out)
{
	const char *line = text_string(text);
	while (*line != '\0') {
		size_t length = strcspn(line, "\n");
		text_add(out, "# ");
		text_add_bytes(out, line, length);
		text_add(out, "\n");
		line += length + (line[length] == '\n');
	}
}

/* What stands in the way, as the text format has it, under the first finding that says so. */
static void write_item(const struct report *report, const struct format_options *options,
                       const struct item *items, size_t count, const struct finding *finding,
                       struct text *out)
{
	cleanup_text struct text text = TEXT_INIT;
	const struct page page = { .out = &text, .columns = COLUMNS - 2 };
	for (size_t i = 0; i < count; i++) {
		if (items[i].first == finding)
			text_item(&page, items, i, report, options, DETAIL_FULL);
	}
	write_comment(&text, out);
	out->failed = out->failed || text.failed;
}

static void write_finding(size_t number, const struct finding *finding,
                          const struct format_options *options, struct text *out)
{
	enum bearing bearing = finding_bearing(finding);
	bool accepted = bearing == BEARING_DEGRADES && options->accept_degraded;
	text_printf(out, "%s %zu - %s: ", bearing == BEARING_NONE ? "ok" : "not ok", number,
	            finding->requirement->id);
	escape_add(out, escapes, finding->requirement->title);
	if (bearing == BEARING_NONE)
		write_skip(finding, out);
	else if (accepted)
		text_add(out, " # TODO recommended");
	text_add(out, "\n");
}

static void write_tap(const struct report *report, const struct format_options *options,
                      struct text *out)
{
	const struct judgment *judgment = &report->judgment;
	cleanup_text struct text headline = TEXT_INIT;
	const struct page page = { .out = &headline, .columns = COLUMNS - 2 };
	struct item *items;
	size_t count;
	if (items_collect(judgment, report->platform.platform, report->facts, options->tool, &items,
	                  &count) != 0) {
		out->failed = true;
		return;
	}
	text_headline(&page, report, options);
	text_printf(out, "TAP version 13\n1..%zu\n", judgment->finding_count);
	write_comment(&headline, out);
	for (size_t i = 0; i < judgment->finding_count; i++) {
		write_finding(i + 1, &judgment->findings[i], options, out);
		write_item(report, options, items, count, &judgment->findings[i], out);
	}
	out->failed = out->failed || headline.failed;
	free(items);
}

const struct format format_tap = { .name = "tap",
	                           .help = "a test a finding, for prove and other harnesses",
	                           .write = write_tap };
