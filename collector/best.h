/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first few of many, in order: what comes behind them is never in memory. */
#ifndef NESTREADY_COLLECTOR_BEST_H
#define NESTREADY_COLLECTOR_BEST_H

#include <stdbool.h>
#include <stddef.h>

struct best {
	size_t keep; /* how many */
	int (*compare)(const void *first, const void *second);
	void **members; /* in order, each from malloc */
	size_t count, room;
};

/* Whether there is a place for it among them; what is equal to the last one comes behind it. */
bool best_fits(const struct best *best, const void *member);

/*
 * Takes a member over, for which there is a place, and frees the one that has none any more.
 * False on lack of memory, when the member itself is freed.
 */
bool best_put(struct best *best, void *member);

void best_clear(struct best *best);

#endif
