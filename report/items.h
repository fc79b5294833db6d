/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person has to be told of a judgment: findings that one change closes,
 * or one command settles, are one item.  Worst first, and the very first what
 * cannot be mended at all.
 */
#ifndef NESTREADY_REPORT_ITEMS_H
#define NESTREADY_REPORT_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "report/report.h"

enum item_kind {
	ITEM_STOPS,     /* required and failed */
	ITEM_UNSETTLED, /* required and not known */
	ITEM_LACKS,     /* recommended and failed */
	ITEM_OPEN,      /* recommended and not known, and one command would settle it */
	ITEM_NONE,      /* nothing to be told */
};

struct item {
	enum item_kind kind;
	const struct finding *first; /* the first finding of it */
	size_t finding_count;
	const char *gap_id;                 /* STOPS, LACKS; NULL when no gap was named */
	const struct gap *gap;              /* NULL when the gap has no page */
	const struct platform_gap *closing; /* how it is closed on this platform, or NULL */
	const struct remedy *remedy;        /* the one to show, or NULL */
	const char *settle;                 /* UNSETTLED, OPEN: the command, or NULL */
	const char *otherwise;              /* what settles it where that command does not */
	const struct fact_set *facts;       /* that it was collected with */
	bool follows; /* shows only once another one is closed (items_follow_up) */
};

/* Whether the finding is a part of the item. */
bool item_has(const struct item *item, const struct finding *finding);

/* What it is about, in a few words. */
void item_title(const struct item *item, const struct judgment *judgment, struct text *out);

/*
 * The items of a judgment on a platform (NULL: unknown) of which `facts` are known
 * (NULL: none), remedies for `tool` where there are any (NULL: the first).  *items
 * is to be freed.  0 or -1.
 */
int items_collect(const struct judgment *judgment, const struct platform *platform,
                  const struct fact_set *facts, const char *tool, struct item **items,
                  size_t *count);

/*
 * Adds the gaps that nobody can see yet: where a finding's gap is closed and the
 * knowledge says that another gap of the same requirement can be closed only
 * then, that one is likely to be there too.  The platform's gaps only: each of
 * them may be a power-off.  0 or -1.
 */
int items_follow_up(const struct platform *platform, const struct fact_set *facts, const char *tool,
                    struct item **items, size_t *count);

/* *other: `item` as it would be if its finding named that gap. */
void item_of_gap(const struct item *item, const char *gap, const struct platform *platform,
                 const char *tool, struct item *other);

/* Whether the gap of `item` can be closed only when that of `other` is. */
bool item_is_after(const struct item *item, const struct item *other);

#endif
