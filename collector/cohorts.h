/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What guests that are alike have in common in their verdicts, and after what change readiness was
 * lost.  A store groups them; all of its groups are looked at, and only those that are asked for
 * are kept: a fleet in which every guest has a kernel of its own takes no more memory than any.
 */
#ifndef NESTREADY_COLLECTOR_COHORTS_H
#define NESTREADY_COLLECTOR_COHORTS_H

#include "collector/best.h"
#include "collector/fleet.h"

struct cohort {
	enum trait trait;
	struct fleet_sum sum;
	/*
	 * Worse than the rest of the fleet by more than chance explains: at least COHORT_LEAST
	 * rows, a share of not-ready ones that is higher by COHORT_WORSE points, and by three
	 * standard errors of the difference of two shares.
	 */
	bool outlier;
	const char *value; /* "": not known */
};

#define COHORT_LEAST 5
#define COHORT_WORSE 10

/* The order of all cohorts: outliers, then the largest; two are never equal. */
int cohort_compare(const void *first, const void *second);

/* Guests that were ready once and are not-ready now, by what changed between the two. */
struct loss {
	enum trait trait;           /* TRAIT_COUNT: none of the traits changed */
	size_t lost;                /* rows that lost readiness over this change */
	size_t kept;                /* rows that have `after` and are ready or degraded now */
	int64_t first, last;        /* when it was lost */
	const char *before, *after; /* "": not known */
};

#define LOSSES_MAX 50 /* the most frequent: who reads more? */

struct cohorts_wanted {
	unsigned traits;            /* bits: 1 << TRAIT_PLATFORM ... */
	size_t limit;               /* cohorts of each of them; not 0 */
	const struct cohort *after; /* only those behind this one; NULL: all */
};

#define COHORTS_EVERY_TRAIT ((1u << TRAIT_COUNT) - 1)

struct cohorts {
	const struct cohorts_wanted *wanted;
	struct fleet_sum all;
	struct cohort_list {
		struct best best;       /* of struct cohort: the first of them */
		size_t cohorts, guests; /* how many there are, those included */
	} of[TRAIT_COUNT];
	/* Those that explain something first, then the most frequent. */
	struct best losses; /* of struct loss */
	size_t loss_count;  /* how many there are */
	bool failed;        /* memory ran out */
};

/*
 * Of the guests that fit; those of which nothing was received since `stale` are counted as such.
 * 0, or -1 and *err; to be cleared either way, while `wanted` lives.
 */
int cohorts_read(struct store *store, const struct store_filter *filter, int64_t stale,
                 const struct cohorts_wanted *wanted, struct cohorts *cohorts, struct error *err);

void cohorts_clear(struct cohorts *cohorts);

const struct cohort *cohorts_at(const struct cohort_list *list, size_t i);
const struct loss *cohorts_loss(const struct cohorts *cohorts, size_t i);

/* The next of all traits together, of which `at` says how many were taken.  NULL: no more here. */
const struct cohort *cohorts_next(const struct cohorts *cohorts, size_t at[TRAIT_COUNT]);

#endif
