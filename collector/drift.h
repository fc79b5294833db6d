/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed under guests that lost readiness, and with what others are well:
 * the little of a fleet that its losses are worked out of (collector/cohorts.h).
 * A store counts alike guests much faster than it lists them.
 */
#ifndef NESTREADY_COLLECTOR_DRIFT_H
#define NESTREADY_COLLECTOR_DRIFT_H

#include "collector/fleet.h"

struct drift {
	struct store_loss *losses;
	struct store_usable *usable;
	size_t loss_count, usable_count;
	size_t loss_room, usable_room;
	bool failed; /* memory ran out */
};

/* Of the whole fleet of a store.  0, or -1 and *err; to be cleared either way. */
int drift_read(struct store *store, struct drift *drift, struct error *err);

/* Of these guests.  False on lack of memory; to be cleared either way. */
bool drift_of(const struct fleet *fleet, struct drift *drift);

void drift_clear(struct drift *drift);

#endif
