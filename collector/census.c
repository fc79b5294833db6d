/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See census.h.  Strings are copies: a store's rows are gone when it returns. */
#include "collector/census.h"

#include <stdlib.h>
#include <string.h>

#include "collector/grow.h"

static int take_alike(void *context, const struct store_alike *row)
{
	struct census *census = context;
	struct store_alike *alike =
	        grow(census->alike, census->alike_count, &census->alike_room, sizeof *alike);
	census->failed = alike == NULL;
	if (census->failed)
		return 1;
	census->alike = alike;
	struct store_alike *copy = &alike[census->alike_count++];
	*copy = *row;
	copy->platform = strdup(row->platform);
	copy->verdict = strdup(row->verdict);
	copy->traits = strdup(row->traits);
	census->failed = copy->platform == NULL || copy->verdict == NULL || copy->traits == NULL;
	return census->failed ? 1 : 0;
}

static int take_loss(void *context, const struct store_loss *row)
{
	struct census *census = context;
	struct store_loss *losses =
	        grow(census->losses, census->loss_count, &census->loss_room, sizeof *losses);
	census->failed = losses == NULL;
	if (census->failed)
		return 1;
	census->losses = losses;
	struct store_loss *copy = &losses[census->loss_count++];
	*copy = *row;
	copy->traits_ready = strdup(row->traits_ready);
	copy->traits_lost = strdup(row->traits_lost);
	census->failed = copy->traits_ready == NULL || copy->traits_lost == NULL;
	return census->failed ? 1 : 0;
}

int census_read(struct store *store, const struct store_filter *filter, int64_t stale,
                struct census *census, struct error *err)
{
	*census = (struct census){ .failed = false };
	if (store->type->alike(store, filter, stale, take_alike, census, err) != 0 ||
	    (!census->failed && store->type->losses(store, filter, take_loss, census, err) != 0))
		return -1;
	return census->failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}

void census_clear(struct census *census)
{
	for (size_t i = 0; i < census->alike_count; i++) {
		free((char *)census->alike[i].platform);
		free((char *)census->alike[i].verdict);
		free((char *)census->alike[i].traits);
	}
	for (size_t i = 0; i < census->loss_count; i++) {
		free((char *)census->losses[i].traits_ready);
		free((char *)census->losses[i].traits_lost);
	}
	free(census->alike);
	free(census->losses);
	*census = (struct census){ .failed = false };
}

/* What was received before there were traits still names its platform. */
const char *census_trait(const struct store_alike *alike, enum trait trait, size_t *length)
{
	if (trait != TRAIT_PLATFORM)
		return standing_trait(alike->traits, trait, length);
	*length = strlen(alike->platform);
	return alike->platform;
}
