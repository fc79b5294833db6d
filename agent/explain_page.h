/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages of `nestready explain`, one function a kind of page. */
#ifndef NESTREADY_AGENT_EXPLAIN_PAGE_H
#define NESTREADY_AGENT_EXPLAIN_PAGE_H

#include "report/knowledge.h"
#include "report/page.h"
#include "report/report.h"

/* "ID: TITLE", and on the lines after it "  LABEL    TEXT"; nothing for an empty text. */
void explain_heading(const struct page *page, const char *id, const char *title);
void explain_paragraph(const struct page *page, const char *label, const char *text);

/* Whether a target names the gap for a finding that failed. */
bool explain_names(const char *finding, const char *gap);

/* With every fix on every platform, or with those by options->tool. */
void explain_gap(const struct page *page, const struct gap *gap,
                 const struct format_options *options);

void explain_finding(const struct page *page, const struct finding_page *finding,
                     const struct format_options *options);
void explain_platform(const struct page *page, const struct platform *platform,
                      const struct format_options *options);

#endif
