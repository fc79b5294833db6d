/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A remedy for people: who does it, what is typed, how to see that it worked
 * and how to go back.  Commands stand on lines of their own, never wrapped.
 */
#ifndef NESTREADY_REPORT_TEXT_REMEDY_H
#define NESTREADY_REPORT_TEXT_REMEDY_H

#include "report/knowledge.h"
#include "report/page.h"
#include "report/report.h"

#define TEXT_INDENT 5
#define TEXT_MARGIN "     " /* TEXT_INDENT blanks */

/*
 * A command as this caller has to type it: without sudo for root, and with the
 * name under which nestready was called.
 */
void text_as_typed(const char *command, const struct format_options *options, struct text *out);

/*
 * "fix (WHO; WHEN):" and the steps.  `shared` is the number of an earlier item
 * with the same power-off, 0 for none.
 */
void text_fix(const struct page *page, const struct remedy *remedy, size_t shared,
              const struct format_options *options);

/* Ways around it. */
void text_instead(const struct page *page, const struct platform_gap *closing,
                  const struct format_options *options);

/* "no fix: WHY", and ways around it. */
void text_no_fix(const struct page *page, const struct platform_gap *closing,
                 const struct format_options *options);

/* How to verify, how to undo, what it costs. */
void text_after_fix(const struct page *page, const struct remedy *remedy,
                    const struct format_options *options);

#endif
