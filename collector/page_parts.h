/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several pages about the fleet have in common. */
#ifndef NESTREADY_COLLECTOR_PAGE_PARTS_H
#define NESTREADY_COLLECTOR_PAGE_PARTS_H

#include "collector/cohorts.h"
#include "collector/exchange.h"

/* A trait's name for people. */
const char *page_trait_title(enum trait trait);

/* A table of cohorts of one trait, each a link to its guests; `title` is the first column's. */
void page_cohorts(const struct cohort_list *list, const char *title, struct text *out);

/* After what change guests lost readiness, and the way to them. */
void page_cause(const struct loss *loss, int64_t now, struct text *out);

/* The page is whole: 200, or -1 on lack of memory. */
int page_finish(struct exchange *exchange, struct error *err);

#endif
