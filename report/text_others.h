/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers for the targets that nobody asked for, in a few lines whatever their number. */
#ifndef NESTREADY_REPORT_TEXT_OTHERS_H
#define NESTREADY_REPORT_TEXT_OTHERS_H

#include "report/items.h"
#include "report/page.h"
#include "report/report.h"

/*
 * The other targets, those with the same answer in one line, the best answer
 * first.  A cause that is one of the items is named by its number; where the
 * answers would take too many lines, causes are left out.
 */
void text_others(const struct page *page, const struct report *report, const struct item *items,
                 size_t count);

/*
 * Adds an id to a list of them: "esxi-7/8, esx-9", for versions of one product
 * share its name.  `last` is the id that was added before, at first NULL.
 */
void text_add_id(struct text *ids, const char **last, const char *id);

#endif
