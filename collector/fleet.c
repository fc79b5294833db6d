/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See fleet.h. */
#include "collector/fleet.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "collector/grow.h"

const char *const fleet_order_names[FLEET_ORDERS] = {
	[FLEET_BY_NAME] = "guest",        [FLEET_BY_LAB] = "lab",
	[FLEET_BY_PLATFORM] = "platform", [FLEET_BY_TARGET] = "target",
	[FLEET_BY_VERDICT] = "verdict",   [FLEET_BY_KERNEL] = "kernel",
	[FLEET_BY_HEARD] = "heard",
};

const char *const fleet_verdict_names[FLEET_VERDICTS] = {
	[FLEET_READY] = "ready",
	[FLEET_DEGRADED] = "degraded",
	[FLEET_NOT_READY] = "not-ready",
	[FLEET_INDETERMINATE] = "indeterminate",
};

const char *fleet_name(const struct store_report *row)
{
	return row->hostname[0] == '\0' ? row->name : row->hostname;
}

size_t fleet_verdict(const char *word)
{
	size_t verdict = 0;
	while (verdict < FLEET_VERDICTS && strcmp(fleet_verdict_names[verdict], word) != 0)
		verdict++;
	return verdict;
}

/* ---- choosing --------------------------------------------------------------- */

struct reading {
	const struct fleet_choice *choice;
	struct fleet *fleet;
	const struct fleet_window *window;
	size_t keep;                      /* rows; see fleet_page */
	const struct store_report *after; /* rows up to this one were passed; NULL: none */
	bool is_cut;                      /* `keep` rows in order come first */
};

static bool is_chosen(const struct fleet_choice *choice, const struct store_report *row)
{
	const char *words[] = { row->hostname, row->name, row->lab, row->guest };
	bool found = choice->search == NULL || choice->search[0] == '\0';
	for (size_t i = 0; !found && i < sizeof words / sizeof words[0]; i++)
		found = strcasestr(words[i], choice->search) != NULL;
	for (int i = 0; found && i < TRAIT_COUNT; i++) {
		const char *wanted = choice->trait[i];
		size_t length;
		if (wanted == NULL || wanted[0] == '\0')
			continue;
		const char *is = standing_trait(row->standing.traits, (enum trait)i, &length);
		found = strlen(wanted) == length && memcmp(wanted, is, length) == 0;
	}
	return found;
}

/* A row and all its strings in one piece of memory. */
static struct store_report *copy(const struct store_report *row)
{
	struct store_report made = *row;
	const char **texts[] = { &made.id,
		                 &made.guest,
		                 &made.lab,
		                 &made.name,
		                 &made.hostname,
		                 &made.platform,
		                 &made.target,
		                 &made.verdict,
		                 &made.basis,
		                 &made.agent,
		                 &made.standing.traits,
		                 &made.standing.traits_ready,
		                 &made.standing.traits_lost };
	size_t size = sizeof made;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		size += strlen(*texts[i]) + 1;
	char *memory = malloc(size);
	if (memory == NULL)
		return NULL;
	char *at = memory + sizeof made;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		size_t length = strlen(*texts[i]) + 1;
		memcpy(at, *texts[i], length);
		*texts[i] = at;
		at += length;
	}
	memcpy(memory, &made, sizeof made);
	return (struct store_report *)(void *)memory;
}

static int compare_rows(const struct fleet_window *window, const struct store_report *a,
                        const struct store_report *b);
static void cut(struct reading *reading);

/* Whether a page has no place for it: it is on one before, or behind the last. */
static bool is_beyond(struct reading *reading, const struct store_report *row)
{
	const struct fleet *fleet = reading->fleet;
	if (reading->after != NULL && compare_rows(reading->window, row, reading->after) <= 0)
		return true;
	if (fleet->count == 2 * reading->keep)
		cut(reading);
	return reading->is_cut &&
	       compare_rows(reading->window, row, fleet->rows[reading->keep - 1]) > 0;
}

static int take(void *context, const struct store_report *row)
{
	struct reading *reading = context;
	struct fleet *fleet = reading->fleet;
	if (!is_chosen(reading->choice, row))
		return 0;
	fleet->total++;
	if (is_beyond(reading, row))
		return 0;
	struct store_report *kept = copy(row);
	void *rows = grow(fleet->rows, fleet->count, &fleet->room, sizeof kept);
	if (rows != NULL)
		fleet->rows = rows;
	fleet->failed = rows == NULL || kept == NULL;
	if (fleet->failed) {
		free(kept);
		return 1;
	}
	fleet->rows[fleet->count++] = kept;
	return 0;
}

static int read_all(struct store *store, const struct store_filter *filter, struct reading *reading,
                    struct error *err)
{
	reading->fleet->total = 0;
	int status = store->type->latest(store, filter, NULL, NULL, INT_MAX, take, reading, err);
	if (status == 0 && reading->fleet->failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return status;
}

void fleet_clear(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->count; i++)
		free(fleet->rows[i]);
	free(fleet->rows);
	*fleet = (struct fleet){ .count = 0 };
}

/* ---- sorting ---------------------------------------------------------------- */

/* Bad news first where a verdict is asked for upwards: that is what the reader came for. */
static int by_verdict(const struct store_report *a, const struct store_report *b)
{
	static const int weight[FLEET_VERDICTS + 1] = { 3, 2, 0, 1, 4 };
	return weight[fleet_verdict(a->verdict)] - weight[fleet_verdict(b->verdict)];
}

static int by_kernel(const struct store_report *a, const struct store_report *b)
{
	size_t length[2];
	const char *first = standing_trait(a->standing.traits, TRAIT_KERNEL, &length[0]);
	const char *second = standing_trait(b->standing.traits, TRAIT_KERNEL, &length[1]);
	size_t common = length[0] < length[1] ? length[0] : length[1];
	int order = memcmp(first, second, common);
	return order != 0 ? order : (length[0] > length[1]) - (length[0] < length[1]);
}

static int compare_rows(const struct fleet_window *window, const struct store_report *a,
                        const struct store_report *b)
{
	int order = 0;
	switch (window->order) {
	case FLEET_BY_LAB:
		order = strcmp(a->lab, b->lab);
		break;
	case FLEET_BY_PLATFORM:
		order = strcmp(a->platform, b->platform);
		break;
	case FLEET_BY_TARGET:
		order = strcmp(a->target, b->target);
		break;
	case FLEET_BY_VERDICT:
		order = by_verdict(a, b);
		break;
	case FLEET_BY_KERNEL:
		order = by_kernel(a, b);
		break;
	case FLEET_BY_HEARD:
		order = (b->received > a->received) - (b->received < a->received);
		break;
	case FLEET_BY_NAME:
	case FLEET_ORDERS:
		order = strcasecmp(fleet_name(a), fleet_name(b));
		break;
	}
	if (order != 0)
		return window->descending ? -order : order;
	/* What is alike stays in one order, whatever the direction: pages must not overlap. */
	order = strcasecmp(fleet_name(a), fleet_name(b));
	if (order == 0)
		order = strcmp(a->guest, b->guest);
	return order != 0 ? order : strcmp(a->target, b->target);
}

static int compare(const void *first, const void *second, void *context)
{
	return compare_rows(context, *(struct store_report *const *)first,
	                    *(struct store_report *const *)second);
}

/* ---- pages ------------------------------------------------------------------ */

static void drop(struct fleet *fleet, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		free(fleet->rows[i]);
	if (end > first)
		memmove(&fleet->rows[first], &fleet->rows[end],
		        (fleet->count - end) * sizeof(struct store_report *));
	fleet->count -= end - first;
}

/* Sorts, and lets go of what there is no place for. */
static void cut(struct reading *reading)
{
	struct fleet *fleet = reading->fleet;
	struct fleet_window window = *reading->window;
	if (fleet->count > 1)
		qsort_r(fleet->rows, fleet->count, sizeof(struct store_report *), compare, &window);
	if (fleet->count < reading->keep)
		return;
	drop(fleet, reading->keep, fleet->count);
	reading->is_cut = true;
}

int fleet_page(struct store *store, const struct store_filter *filter,
               const struct fleet_choice *choice, const struct fleet_window *window,
               struct fleet *fleet, struct error *err)
{
	struct reading reading = { .choice = choice, .fleet = fleet, .window = window };
	struct store_report *after = NULL;
	size_t skip = window->first;
	int status;
	*fleet = (struct fleet){ .count = 0 };
	for (;;) {
		bool is_last = skip + window->count <= FLEET_WINDOW_MAX;
		reading.keep = is_last                   ? skip + window->count
		               : skip < FLEET_WINDOW_MAX ? skip
		                                         : FLEET_WINDOW_MAX;
		reading.is_cut = false;
		status = read_all(store, filter, &reading, err);
		if (status != 0)
			break;
		cut(&reading);
		if (is_last || fleet->count < reading.keep) {
			drop(fleet, 0, skip < fleet->count ? skip : fleet->count);
			break;
		}
		skip -= fleet->count;
		free(after);
		reading.after = after = fleet->rows[--fleet->count];
		drop(fleet, 0, fleet->count);
	}
	free(after);
	return status;
}

void fleet_sum_up(struct fleet_sum *total, const struct fleet_sum *one)
{
	total->rows += one->rows;
	total->stale += one->stale;
	for (size_t i = 0; i < FLEET_VERDICTS; i++)
		total->by_verdict[i] += one->by_verdict[i];
}
