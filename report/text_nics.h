/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What other interfaces lack than the worst one, of which a finding about the network is. */
#ifndef NESTREADY_REPORT_TEXT_NICS_H
#define NESTREADY_REPORT_TEXT_NICS_H

#include "report/items.h"
#include "report/page.h"
#include "report/report.h"

/*
 * For each gap that only other interfaces have: "eth1: TITLE", the fix, and the
 * command that explains the rest.  Nothing for items of other findings.
 */
void text_other_nics(const struct page *page, const struct item *item, const struct report *report,
                     const struct format_options *options);

#endif
