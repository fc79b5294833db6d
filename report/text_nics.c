/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See text_nics.h: each gap once, with the interfaces that have it. */
#include "report/text_nics.h"

#include <string.h>

#include "report/per_nic.h"
#include "report/text_remedy.h"

static bool has_gap(const struct nic_finding *nic, const char *gap)
{
	return nic->gap != NULL && strcmp(nic->gap, gap) == 0;
}

static bool is_told(const struct nic_finding *list, int index, const struct item *item)
{
	if (item->gap_id != NULL && strcmp(list[index].gap, item->gap_id) == 0)
		return true;
	for (int i = 0; i < index; i++)
		if (has_gap(&list[i], list[index].gap))
			return true;
	return false;
}

static void write_title(const struct page *page, const struct nic_finding *list, int count,
                        const struct item *item)
{
	cleanup_text struct text title = TEXT_INIT;
	cleanup_text struct text names = TEXT_INIT;
	for (int i = 0; i < count; i++)
		if (has_gap(&list[i], item->gap_id))
			text_printf(&names, "%s%s", names.length == 0 ? "" : ", ", list[i].nic);
	item_title(item, NULL, &title);
	text_printf(&names, ": %s", text_string(&title));
	page_edges(page, PAGE_PLAIN, TEXT_MARGIN, TEXT_INDENT + 2, text_string(&names),
	           item->gap_id);
}

static void write_fix(const struct page *page, const struct item *item,
                      const struct format_options *options)
{
	cleanup_text struct text line = TEXT_INIT;
	cleanup_text struct text typed = TEXT_INIT;
	if (item->remedy != NULL)
		text_fix(page, item->remedy, 0, options);
	else if (item->closing != NULL)
		text_no_fix(page, item->closing, options);
	text_printf(&line, "nestready explain %s", item->gap_id);
	text_as_typed(text_string(&line), options, &typed);
	page_put(page, PAGE_PLAIN, TEXT_MARGIN "verify, undo, other tools:");
	page_command(page, 1, text_string(&typed));
}

void text_other_nics(const struct page *page, const struct item *item, const struct report *report,
                     const struct format_options *options)
{
	const struct finding *finding = judgment_finding(&report->judgment, FINDING_NETWORK);
	struct nic_finding list[PER_NIC_MAX];
	if (finding == NULL || item->gap_id == NULL || !item_has(item, finding))
		return;
	int count = per_nic_judge(finding->requirement, report->facts, list);
	page->out->failed = page->out->failed || count < 0;
	for (int i = 0; i < count; i++) {
		struct item other;
		if (list[i].gap == NULL || is_told(list, i, item))
			continue;
		item_of_gap(item, list[i].gap, report->platform.platform, options->tool, &other);
		if (other.gap == NULL)
			continue;
		write_title(page, list, count, &other);
		write_fix(page, &other, options);
	}
}
