/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See cohorts.h. */
#include "collector/cohorts.h"

#include <stdlib.h>
#include <string.h>

/* A member and its strings in one piece of memory; NULL on lack of it. */
static void *make(size_t size, const char *first, const char *second, const char *copies[2])
{
	size_t first_size = strlen(first) + 1, second_size = strlen(second) + 1;
	char *memory = malloc(size + first_size + second_size);
	if (memory == NULL)
		return NULL;
	copies[0] = memcpy(memory + size, first, first_size);
	copies[1] = memcpy(memory + size + first_size, second, second_size);
	return memory;
}

/* ---- cohorts ---------------------------------------------------------------- */

int cohort_compare(const void *first, const void *second)
{
	const struct cohort *a = first, *b = second;
	if (a->outlier != b->outlier)
		return a->outlier ? -1 : 1;
	if (a->sum.rows != b->sum.rows)
		return a->sum.rows < b->sum.rows ? 1 : -1;
	if (a->trait != b->trait)
		return a->trait < b->trait ? -1 : 1;
	return strcmp(a->value, b->value);
}

/*
 * The test for the difference of two shares with a pooled variance, squared so that no root is
 * needed: (p - q)^2 > 9 s (1 - s) (1/n + 1/m).
 */
static bool is_outlier(const struct fleet_sum *sum, const struct fleet_sum *all)
{
	double n = (double)sum->rows, m = (double)(all->rows - sum->rows);
	if (sum->rows < COHORT_LEAST || m < 1)
		return false;
	double bad = (double)sum->by_verdict[FLEET_NOT_READY];
	double others = (double)all->by_verdict[FLEET_NOT_READY] - bad;
	double difference = bad / n - others / m, share = (bad + others) / (n + m);
	return difference > COHORT_WORSE / 100.0 &&
	       difference * difference > 9 * share * (1 - share) * (1 / n + 1 / m);
}

/* Those that have the new value and are well are what speaks against it as the cause. */
static void count_kept(struct cohorts *cohorts, const struct cohort *cohort)
{
	const size_t *by_verdict = cohort->sum.by_verdict;
	for (size_t i = 0; i < cohorts->losses.count; i++) {
		struct loss *loss = cohorts->losses.members[i];
		if (loss->trait == cohort->trait && strcmp(loss->after, cohort->value) == 0)
			loss->kept += by_verdict[FLEET_READY] + by_verdict[FLEET_DEGRADED];
	}
}

static bool keep_cohort(struct best *best, const struct cohort *cohort)
{
	const char *copies[2];
	struct cohort *kept = make(sizeof *kept, cohort->value, "", copies);
	if (kept == NULL)
		return false;
	*kept = *cohort;
	kept->value = copies[0];
	return best_put(best, kept);
}

static int take_cohort(void *context, const struct store_cohort *row)
{
	struct cohorts *cohorts = context;
	const struct cohorts_wanted *wanted = cohorts->wanted;
	struct cohort cohort = {
		.trait = (enum trait)row->trait,
		.value = row->value,
		.sum = { .rows = (size_t)row->guests,
		         .stale = (size_t)row->stale,
		         .by_verdict = { (size_t)row->ready, (size_t)row->degraded,
		                         (size_t)row->not_ready, (size_t)row->indeterminate } },
	};
	if (row->trait == STORE_ALL_GUESTS) {
		cohorts->all = cohort.sum;
		return 0;
	}
	count_kept(cohorts, &cohort);
	cohort.outlier = is_outlier(&cohort.sum, &cohorts->all);
	if ((wanted->traits >> cohort.trait & 1) == 0 ||
	    (wanted->after != NULL && cohort_compare(&cohort, wanted->after) <= 0))
		return 0;
	struct cohort_list *list = &cohorts->of[cohort.trait];
	list->cohorts++;
	list->guests += cohort.sum.rows;
	cohorts->failed = best_fits(&list->best, &cohort) && !keep_cohort(&list->best, &cohort);
	return cohorts->failed ? 1 : 0;
}

/* ---- losses ----------------------------------------------------------------- */

static int compare_losses(const void *first, const void *second)
{
	const struct loss *a = first, *b = second;
	bool a_silent = a->trait == TRAIT_COUNT, b_silent = b->trait == TRAIT_COUNT;
	if (a_silent != b_silent)
		return a_silent ? 1 : -1;
	if (a->lost != b->lost)
		return a->lost < b->lost ? 1 : -1;
	if (a->trait != b->trait)
		return a->trait < b->trait ? -1 : 1;
	int order = strcmp(a->before, b->before);
	return order != 0 ? order : strcmp(a->after, b->after);
}

static bool keep_loss(struct best *best, const struct loss *loss)
{
	const char *copies[2];
	struct loss *kept = make(sizeof *kept, loss->before, loss->after, copies);
	if (kept == NULL)
		return false;
	*kept = *loss;
	kept->before = copies[0];
	kept->after = copies[1];
	return best_put(best, kept);
}

static int take_loss(void *context, const struct store_loss *row)
{
	struct cohorts *cohorts = context;
	const struct loss loss = { .trait = (enum trait)row->trait,
		                   .lost = (size_t)row->guests,
		                   .first = row->first,
		                   .last = row->last,
		                   .before = row->before,
		                   .after = row->after };
	cohorts->loss_count++;
	cohorts->failed = best_fits(&cohorts->losses, &loss) && !keep_loss(&cohorts->losses, &loss);
	return cohorts->failed ? 1 : 0;
}

/* ---- both ------------------------------------------------------------------- */

/* What was kept despite a change is counted among cohorts of what changed. */
static unsigned traits_to_read(const struct cohorts *cohorts)
{
	unsigned traits = cohorts->wanted->traits;
	for (size_t i = 0; i < cohorts->losses.count; i++)
		traits |= 1u << cohorts_loss(cohorts, i)->trait;
	return traits & COHORTS_EVERY_TRAIT;
}

int cohorts_read(struct store *store, const struct store_filter *filter, int64_t stale,
                 const struct cohorts_wanted *wanted, struct cohorts *cohorts, struct error *err)
{
	*cohorts = (struct cohorts){ .wanted = wanted,
		                     .losses = { .keep = LOSSES_MAX, .compare = compare_losses } };
	for (int i = 0; i < TRAIT_COUNT; i++)
		cohorts->of[i].best =
		        (struct best){ .keep = wanted->limit, .compare = cohort_compare };
	if (store->type->losses(store, filter, take_loss, cohorts, err) != 0 ||
	    (!cohorts->failed && store->type->cohorts(store, filter, stale, traits_to_read(cohorts),
	                                              take_cohort, cohorts, err) != 0))
		return -1;
	return cohorts->failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}

void cohorts_clear(struct cohorts *cohorts)
{
	for (int i = 0; i < TRAIT_COUNT; i++)
		best_clear(&cohorts->of[i].best);
	best_clear(&cohorts->losses);
}

const struct cohort *cohorts_at(const struct cohort_list *list, size_t i)
{
	return list->best.members[i];
}

const struct loss *cohorts_loss(const struct cohorts *cohorts, size_t i)
{
	return cohorts->losses.members[i];
}

const struct cohort *cohorts_next(const struct cohorts *cohorts, size_t at[TRAIT_COUNT])
{
	const struct cohort *next = NULL;
	for (int i = 0; i < TRAIT_COUNT; i++) {
		const struct best *best = &cohorts->of[i].best;
		const struct cohort *head = at[i] < best->count ? best->members[at[i]] : NULL;
		if (head != NULL && (next == NULL || cohort_compare(head, next) < 0))
			next = head;
	}
	if (next != NULL)
		at[next->trait]++;
	return next;
}
