/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The newest report of each guest for each target: chosen, sorted and summed by what a store need
 * not know.  Twenty thousand of them are read in less than a tenth of a second, so nothing is kept
 * between two questions and no answer is old.
 */
#ifndef NESTREADY_COLLECTOR_FLEET_H
#define NESTREADY_COLLECTOR_FLEET_H

#include "collector/store.h"

/* In the order in which they are shown. */
enum fleet_verdict {
	FLEET_READY,
	FLEET_DEGRADED,
	FLEET_NOT_READY,
	FLEET_INDETERMINATE,
	FLEET_VERDICTS
};

extern const char *const fleet_verdict_names[FLEET_VERDICTS];

/* What a page asks for beyond a filter of the store. */
struct fleet_choice {
	const char *search;             /* in names, labs and ids, whatever the case; NULL: any */
	const char *trait[TRAIT_COUNT]; /* NULL: any */
};

struct fleet {
	struct store_report **rows;
	size_t count, room;
	size_t total; /* of a page: how many fit, on it or not */
	bool failed;  /* memory ran out */
};

/* What rows are sorted by; each has a name for links. */
enum fleet_order {
	FLEET_BY_NAME,
	FLEET_BY_LAB,
	FLEET_BY_PLATFORM,
	FLEET_BY_TARGET,
	FLEET_BY_VERDICT,
	FLEET_BY_KERNEL,
	FLEET_BY_HEARD,
	FLEET_ORDERS,
};

extern const char *const fleet_order_names[FLEET_ORDERS];

void fleet_clear(struct fleet *fleet);

/* Rows that are in memory at a time for a page, at most twice as many. */
#define FLEET_WINDOW_MAX 10000

/* A page of what fits, `count` (not 0, at most FLEET_WINDOW_MAX) rows from `first` on. */
struct fleet_window {
	enum fleet_order order;
	bool descending;
	size_t first, count;
};

/*
 * Reads that page, in order, and how many fit.  What is behind it is never in memory; a page far
 * behind costs a pass over the store for each FLEET_WINDOW_MAX rows before it.
 */
int fleet_page(struct store *store, const struct store_filter *filter,
               const struct fleet_choice *choice, const struct fleet_window *window,
               struct fleet *fleet, struct error *err);

/* What a row is called: its host name, or else its name. */
const char *fleet_name(const struct store_report *row);

/* FLEET_VERDICTS for a word that is none. */
size_t fleet_verdict(const char *word);

/* How rows that are alike do. */
struct fleet_sum {
	size_t rows, by_verdict[FLEET_VERDICTS], stale;
};

void fleet_sum_up(struct fleet_sum *total, const struct fleet_sum *one);

#endif
