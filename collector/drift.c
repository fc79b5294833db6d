/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See drift.h.  Strings are copies: a store's rows are gone when it returns. */
#include "collector/drift.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

/* Room for one more of an array's members, which are `size` bytes each; NULL on lack of memory. */
static void *grow(void *members, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return members;
	size_t more = *room == 0 ? ROOM_FIRST : 2 * *room;
	void *grown = reallocarray(members, more, size);
	if (grown != NULL)
		*room = more;
	return grown;
}

static int take_loss(void *context, const struct store_loss *row)
{
	struct drift *drift = context;
	struct store_loss *losses =
	        grow(drift->losses, drift->loss_count, &drift->loss_room, sizeof *losses);
	drift->failed = losses == NULL;
	if (drift->failed)
		return 1;
	drift->losses = losses;
	struct store_loss *copy = &losses[drift->loss_count++];
	*copy = *row;
	copy->traits_ready = strdup(row->traits_ready);
	copy->traits_lost = strdup(row->traits_lost);
	drift->failed = copy->traits_ready == NULL || copy->traits_lost == NULL;
	return drift->failed ? 1 : 0;
}

static int take_usable(void *context, const struct store_usable *row)
{
	struct drift *drift = context;
	struct store_usable *usable =
	        grow(drift->usable, drift->usable_count, &drift->usable_room, sizeof *usable);
	drift->failed = usable == NULL;
	if (drift->failed)
		return 1;
	drift->usable = usable;
	usable[drift->usable_count] = (struct store_usable){ strdup(row->traits), row->guests };
	drift->failed = usable[drift->usable_count++].traits == NULL;
	return drift->failed ? 1 : 0;
}

int drift_read(struct store *store, struct drift *drift, struct error *err)
{
	*drift = (struct drift){ .failed = false };
	if (store->type->losses(store, take_loss, drift, err) != 0)
		return -1;
	/* Those that are well speak against a cause, where there is one. */
	if (!drift->failed && drift->loss_count > 0 &&
	    store->type->usable(store, take_usable, drift, err) != 0)
		return -1;
	return drift->failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}

bool drift_of(const struct fleet *fleet, struct drift *drift)
{
	*drift = (struct drift){ .failed = false };
	for (size_t i = 0; i < fleet->count && !drift->failed; i++) {
		const struct store_report *row = fleet->rows[i];
		const struct standing *standing = &row->standing;
		const struct store_loss loss = { standing->traits_ready, standing->traits_lost, 1,
			                         standing->lost, standing->lost };
		const struct store_usable usable = { standing->traits, 1 };
		if (standing->lost != 0)
			take_loss(drift, &loss);
		if (!drift->failed && fleet_verdict(row->verdict) <= FLEET_DEGRADED)
			take_usable(drift, &usable);
	}
	return !drift->failed;
}

void drift_clear(struct drift *drift)
{
	for (size_t i = 0; i < drift->loss_count; i++) {
		free((char *)drift->losses[i].traits_ready);
		free((char *)drift->losses[i].traits_lost);
	}
	for (size_t i = 0; i < drift->usable_count; i++)
		free((char *)drift->usable[i].traits);
	free(drift->losses);
	free(drift->usable);
	*drift = (struct drift){ .failed = false };
}
