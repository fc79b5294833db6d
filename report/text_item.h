/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One item of the text format: what was seen, who mends it and how, in more or fewer lines. */
#ifndef NESTREADY_REPORT_TEXT_ITEM_H
#define NESTREADY_REPORT_TEXT_ITEM_H

#include "report/items.h"
#include "report/page.h"
#include "report/report.h"

enum item_detail {
	DETAIL_FULL,
	DETAIL_FIX,   /* how to verify and undo is left to explain */
	DETAIL_TITLE, /* so is the fix; text_left_out says so for all such items */
};

/*
 * Writes items[index], numbered from 1.  The items before it are looked at for
 * a power-off that it can share.
 */
void text_item(const struct page *page, const struct item *items, size_t index,
               const struct report *report, const struct format_options *options,
               enum item_detail detail);

/* The facts that decided: "seen: cpu.vmx no; kvm.device absent". */
void text_seen(const struct page *page, const struct item *item, const struct report *report);

/* Where the fixes are that were left out; nothing when none were. */
void text_left_out(const struct page *page, const struct item *items,
                   const enum item_detail *details, size_t count,
                   const struct format_options *options);

#endif
