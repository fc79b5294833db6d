/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See fleet.h. */
#include "collector/fleet.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 256

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

static int take(void *context, const struct store_report *row)
{
	struct reading *reading = context;
	struct fleet *fleet = reading->fleet;
	if (!is_chosen(reading->choice, row))
		return 0;
	if (fleet->count == fleet->room) {
		size_t room = fleet->room == 0 ? ROOM_FIRST : 2 * fleet->room;
		void *rows = reallocarray(fleet->rows, room, sizeof(struct store_report *));
		if (rows == NULL) {
			fleet->failed = true;
			return 1;
		}
		fleet->rows = rows;
		fleet->room = room;
	}
	struct store_report *kept = copy(row);
	fleet->failed = kept == NULL;
	if (fleet->failed)
		return 1;
	fleet->rows[fleet->count++] = kept;
	return 0;
}

int fleet_read(struct store *store, const struct store_filter *filter,
               const struct fleet_choice *choice, struct fleet *fleet, struct error *err)
{
	struct reading reading = { choice, fleet };
	*fleet = (struct fleet){ .count = 0 };
	int status = store->type->latest(store, filter, NULL, NULL, INT_MAX, take, &reading, err);
	if (status == 0 && fleet->failed)
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

struct sorting {
	enum fleet_order order;
	bool descending;
};

static int compare(const void *first, const void *second, void *context)
{
	const struct sorting *sorting = context;
	const struct store_report *a = *(struct store_report *const *)first;
	const struct store_report *b = *(struct store_report *const *)second;
	int order = 0;
	switch (sorting->order) {
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
		return sorting->descending ? -order : order;
	/* What is alike stays in one order, whatever the direction: pages must not overlap. */
	order = strcasecmp(fleet_name(a), fleet_name(b));
	if (order == 0)
		order = strcmp(a->guest, b->guest);
	return order != 0 ? order : strcmp(a->target, b->target);
}

void fleet_sort(struct fleet *fleet, enum fleet_order order, bool descending)
{
	struct sorting sorting = { order, descending };
	if (fleet->count > 1)
		qsort_r(fleet->rows, fleet->count, sizeof(struct store_report *), compare,
		        &sorting);
}

void fleet_add(struct fleet_sum *sum, const struct store_report *row, int64_t stale)
{
	size_t verdict = fleet_verdict(row->verdict);
	sum->rows++;
	sum->stale += row->received < stale;
	if (verdict < FLEET_VERDICTS)
		sum->by_verdict[verdict]++;
}
