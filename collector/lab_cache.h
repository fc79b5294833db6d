/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Labs as whoever notes their reports knows them.  A roster of 2,000 students and its rubric take
 * 5 ms to read, and change seldom; whether they did, through this collector or another one, the
 * store is asked each time.
 */
#ifndef NESTREADY_COLLECTOR_LAB_CACHE_H
#define NESTREADY_COLLECTOR_LAB_CACHE_H

#include "collector/lab.h"

#define LAB_CACHE_MAX 8

/* Begins as { 0 }; of one thread and one store. */
struct lab_cache {
	struct lab labs[LAB_CACHE_MAX];
	unsigned next; /* to make room for another one */
};

/* The lab as it is in the store now; the cache's.  As lab_load: its document may be NULL. */
int lab_cache_load(struct lab_cache *cache, struct store *store, const char *name,
                   const struct lab **lab, struct error *err);
void lab_cache_clear(struct lab_cache *cache);

#endif
