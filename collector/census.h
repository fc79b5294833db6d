/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fleet, counted: how many guests are alike, and what changed under those that lost readiness.
 * All that cohorts and losses (collector/cohorts.h) are worked out of; a store counts alike guests
 * much faster than it lists them, and what it counts fits in little memory.
 */
#ifndef NESTREADY_COLLECTOR_CENSUS_H
#define NESTREADY_COLLECTOR_CENSUS_H

#include "collector/store.h"

/* Strings are its own. */
struct census {
	struct store_alike *alike;
	struct store_loss *losses;
	size_t alike_count, loss_count;
	size_t alike_room, loss_room;
	bool failed; /* memory ran out */
};

/*
 * Of the guests that fit; those of which nothing was received since `stale` are counted as such.
 * 0, or -1 and *err; to be cleared either way.
 */
int census_read(struct store *store, const struct store_filter *filter, int64_t stale,
                struct census *census, struct error *err);

void census_clear(struct census *census);

/* A trait of guests that are alike, as standing_trait gives it. */
const char *census_trait(const struct store_alike *alike, enum trait trait, size_t *length);

#endif
