/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the text format around its items: the answer above, the rest below. */
#ifndef NESTREADY_REPORT_TEXT_FRAME_H
#define NESTREADY_REPORT_TEXT_FRAME_H

#include "report/page.h"
#include "report/report.h"

/* "platform: VMware ESXi, hardware-version 19" */
void text_platform(const struct report *report, struct text *out);

/* Verdict, target, what nobody could prove, platform; what the verdict rests on, and what would
 * prove more. */
void text_headline(const struct page *page, const struct report *report,
                   const struct format_options *options);

/* Every group of findings that is as it should be, in one line; and what is not, but no matter. */
void text_passed(const struct page *page, const struct report *report);

/* The vendors' word on this target on this platform, where there is one. */
void text_support(const struct page *page, const struct report *report);

/* "network for nested VMs, SLAT": the groups that nobody could test; "" when there are none. */
void text_not_proven(const struct judgment *judgment, struct text *out);

#endif
