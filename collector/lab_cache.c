/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See lab_cache.h. */
#include "collector/lab_cache.h"

#include <string.h>

#include "collector/lab_kinds.h"

/* Where a lab is, or else may be. */
static struct lab *place_of(struct lab_cache *cache, const char *name)
{
	for (size_t i = 0; i < LAB_CACHE_MAX; i++) {
		if (cache->labs[i].document != NULL && strcmp(cache->labs[i].name, name) == 0)
			return &cache->labs[i];
	}
	return &cache->labs[cache->next++ % LAB_CACHE_MAX];
}

int lab_cache_load(struct lab_cache *cache, struct store *store, const char *name,
                   const struct lab **lab, struct error *err)
{
	static const struct lab none = { .version = 0 };
	int64_t version;
	*lab = &none;
	if (store->type->document_version(store, KIND_LAB, name, &version, err) != 0)
		return -1;
	if (version == 0)
		return 0;
	struct lab *place = place_of(cache, name);
	*lab = place;
	if (place->document != NULL && place->version == version && strcmp(place->name, name) == 0)
		return 0;
	lab_clear(place);
	return lab_load(store, name, place, err);
}

void lab_cache_clear(struct lab_cache *cache)
{
	for (size_t i = 0; i < LAB_CACHE_MAX; i++)
		lab_clear(&cache->labs[i]);
}
