/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorting brings together what is alike, so that no fleet, however made up, takes long. */
#include "collector/cohorts.h"

#include <stdlib.h>
#include <string.h>

static int compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* ---- cohorts ---------------------------------------------------------------- */

static int by_value(const void *first, const void *second)
{
	const struct cohort *a = first, *b = second;
	return compare_bytes(a->value, a->length, b->value, b->length);
}

static int by_size(const void *first, const void *second)
{
	const struct cohort *a = first, *b = second;
	if (a->sum.rows != b->sum.rows)
		return a->sum.rows < b->sum.rows ? 1 : -1;
	return by_value(a, b);
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

/* Makes one of those that have the same value, says which are outliers, and sorts them. */
static void merge_cohorts(struct cohort *list, size_t *count)
{
	struct fleet_sum all = { .rows = 0 };
	size_t merged = 0;
	for (size_t i = 0; i < *count; i++)
		fleet_sum_up(&all, &list[i].sum);
	if (*count > 0)
		qsort(list, *count, sizeof *list, by_value);
	for (size_t i = 0; i < *count; i++) {
		if (merged > 0 && by_value(&list[merged - 1], &list[i]) == 0)
			fleet_sum_up(&list[merged - 1].sum, &list[i].sum);
		else
			list[merged++] = list[i];
	}
	*count = merged;
	for (size_t i = 0; i < merged; i++)
		list[i].outlier = is_outlier(&list[i].sum, &all);
	if (merged > 0)
		qsort(list, merged, sizeof *list, by_size);
}

static struct fleet_sum sum_of(const struct store_alike *alike)
{
	size_t verdict = fleet_verdict(alike->verdict);
	struct fleet_sum sum = { .rows = (size_t)alike->guests, .stale = (size_t)alike->stale };
	if (verdict < FLEET_VERDICTS)
		sum.by_verdict[verdict] = sum.rows;
	return sum;
}

bool cohorts_of(const struct census *census, enum trait trait, struct cohort **list, size_t *count)
{
	struct cohort *cohorts = calloc(census->alike_count + 1, sizeof *cohorts);
	*list = cohorts;
	*count = 0;
	if (cohorts == NULL)
		return false;
	for (size_t i = 0; i < census->alike_count; i++) {
		cohorts[i].trait = trait;
		cohorts[i].value = census_trait(&census->alike[i], trait, &cohorts[i].length);
		cohorts[i].sum = sum_of(&census->alike[i]);
	}
	*count = census->alike_count;
	merge_cohorts(cohorts, count);
	return true;
}

/* ---- losses ----------------------------------------------------------------- */

static int by_change(const void *first, const void *second)
{
	const struct loss *a = first, *b = second;
	if (a->trait != b->trait)
		return a->trait < b->trait ? -1 : 1;
	int order = compare_bytes(a->before, a->before_length, b->before, b->before_length);
	return order != 0 ? order
	                  : compare_bytes(a->after, a->after_length, b->after, b->after_length);
}

static int by_weight(const void *first, const void *second)
{
	const struct loss *a = first, *b = second;
	bool a_silent = a->trait == TRAIT_COUNT, b_silent = b->trait == TRAIT_COUNT;
	if (a_silent != b_silent)
		return a_silent ? 1 : -1;
	if (a->lost != b->lost)
		return a->lost < b->lost ? 1 : -1;
	return by_change(a, b);
}

/* One entry for each trait that changed, or one that says that none did. */
static size_t losses_of(const struct store_loss *row, struct loss *losses)
{
	const struct loss made = { .lost = (size_t)row->guests,
		                   .first = row->first,
		                   .last = row->last };
	size_t count = 0;
	for (int i = 0; i < TRAIT_COUNT; i++) {
		struct loss loss = made;
		loss.trait = (enum trait)i;
		loss.before = standing_trait(row->traits_ready, loss.trait, &loss.before_length);
		loss.after = standing_trait(row->traits_lost, loss.trait, &loss.after_length);
		if (compare_bytes(loss.before, loss.before_length, loss.after, loss.after_length) !=
		    0)
			losses[count++] = loss;
	}
	if (count == 0) {
		losses[count] = made;
		losses[count].trait = TRAIT_COUNT;
		losses[count].before = losses[count].after = "";
		count++;
	}
	return count;
}

static void merge(struct loss *into, const struct loss *one)
{
	into->lost += one->lost;
	into->first = one->first < into->first ? one->first : into->first;
	into->last = one->last > into->last ? one->last : into->last;
}

/* Those that have the new value and are well are what speaks against it as the cause. */
static void count_kept(const struct census *census, struct loss *loss)
{
	for (size_t i = 0; i < census->alike_count; i++) {
		const struct store_alike *alike = &census->alike[i];
		size_t length;
		const char *value = census_trait(alike, loss->trait, &length);
		if (fleet_verdict(alike->verdict) <= FLEET_DEGRADED &&
		    compare_bytes(value, length, loss->after, loss->after_length) == 0)
			loss->kept += (size_t)alike->guests;
	}
}

#define KEPT_MAX 50 /* of the most frequent losses: who reads more? */

bool cohorts_losses(const struct census *census, struct loss **list, size_t *count)
{
	size_t used = 0;
	struct loss *losses = calloc(census->loss_count * TRAIT_COUNT + 1, sizeof *losses);
	*list = losses;
	*count = 0;
	if (losses == NULL)
		return false;
	for (size_t i = 0; i < census->loss_count; i++)
		used += losses_of(&census->losses[i], losses + used);
	qsort(losses, used, sizeof *losses, by_change);
	for (size_t i = 0; i < used; i++) {
		if (*count > 0 && by_change(&losses[*count - 1], &losses[i]) == 0)
			merge(&losses[*count - 1], &losses[i]);
		else
			losses[(*count)++] = losses[i];
	}
	qsort(losses, *count, sizeof *losses, by_weight);
	*count = *count > KEPT_MAX ? KEPT_MAX : *count;
	for (size_t i = 0; i < *count && losses[i].trait != TRAIT_COUNT; i++)
		count_kept(census, &losses[i]);
	return true;
}
