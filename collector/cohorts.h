/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What guests that are alike have in common in their verdicts, and after what change readiness was
 * lost.  Pure.  Strings point into what it was given.
 */
#ifndef NESTREADY_COLLECTOR_COHORTS_H
#define NESTREADY_COLLECTOR_COHORTS_H

#include "collector/census.h"
#include "collector/fleet.h"

struct cohort {
	enum trait trait;
	const char *value; /* not terminated; length 0: not known */
	size_t length;
	struct fleet_sum sum;
	/*
	 * Worse than the rest of the fleet by more than chance explains: at least COHORT_LEAST
	 * rows, a share of not-ready ones that is higher by COHORT_WORSE points, and by three
	 * standard errors of the difference of two shares.
	 */
	bool outlier;
};

#define COHORT_LEAST 5
#define COHORT_WORSE 10

/* The cohorts of one trait, the largest first; *list is to be freed.  False on lack of memory. */
bool cohorts_of(const struct census *census, enum trait trait, struct cohort **list, size_t *count);

/* Guests that were ready once and are not-ready now, by what changed between the two. */
struct loss {
	enum trait trait; /* TRAIT_COUNT: none of the traits changed */
	const char *before, *after;
	size_t before_length, after_length;
	size_t lost; /* rows that lost readiness over this change */
	size_t kept; /* rows of this target that have `after` and are ready or degraded now */
	int64_t first, last; /* when it was lost */
};

/* The most frequent first, after those that explain something; *list is to be freed. */
bool cohorts_losses(const struct census *census, struct loss **list, size_t *count);

#endif
