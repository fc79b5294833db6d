/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed between two reports about one target.
 *
 *   { "schema": "nestready.diff/1", "target": ID, "readiness_changed": BOOLEAN,
 *     "verdict": {"before", "after"}, "others": [{"target", "before", "after"}],
 *     "gaps": {"opened": [ID], "closed": [ID]},
 *     "findings": [{"id", "before": {"outcome", "gap"?}, "after": {...}}],
 *     "facts": [{"key", "before": FACT, "after": FACT, "lost": [NAME]?, "gained": [NAME]?}] }
 *
 * Lists hold only what differs; a finding or fact that one report does not
 * have has no such member.  Readiness changed when the verdict for this or for
 * another target did, or when a gap opened or closed: the reason for a failed
 * requirement that is more than informational.  Times and measurements, which
 * are never twice the same, are left out.
 */
#ifndef NESTREADY_REPORT_DIFF_H
#define NESTREADY_REPORT_DIFF_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "report/page.h"

#define DIFF_SCHEMA "nestready.diff/1"

/* A report as it comes from a file, with the name it has in messages. */
struct diff_side {
	const char *name;
	const json_t *report;
};

/* A new reference; or NULL and *err: a side is no report, or they are about different targets. */
json_t *diff_reports(const struct diff_side *before, const struct diff_side *after,
                     struct error *err);

bool diff_readiness_changed(const json_t *diff);

/* For people: what a diff says, gaps first. */
void diff_text(const struct page *page, const json_t *diff);

#endif
