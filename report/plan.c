/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From items to work: sorted, put into parts, and what would be done twice left out. */
#include "report/plan.h"

#include <stdlib.h>
#include <string.h>

static enum plan_part part_of(const struct item *item)
{
	if (item->gap != NULL && strcmp(item->gap->layer, "L1") == 0)
		return PLAN_GUEST;
	if (item->remedy == NULL)
		return PLAN_CANNOT;
	return item->remedy->power_off ? PLAN_WINDOW : PLAN_LIVE;
}

/* Whether it can be done now: nothing else that is still to be done comes before it. */
static bool is_next(const struct item *items, size_t count, const bool *done, size_t index)
{
	for (size_t i = 0; i < count; i++) {
		if (!done[i] && i != index && item_is_after(&items[index], &items[i]))
			return false;
	}
	return true;
}

/* In the order of `items`, but for what has to come after another one.  There are no circles:
 * tools/knowledge-compile sees to it. */
static void sort(const struct item *items, size_t count, bool *done, struct plan *plan)
{
	for (bool found = true; found;) {
		found = false;
		for (size_t i = 0; i < count && !found; i++) {
			if (done[i] || !is_next(items, count, done, i))
				continue;
			plan->steps[plan->count++] =
			        (struct plan_step){ .item = &items[i], .part = part_of(&items[i]) };
			done[i] = true;
			found = true;
		}
	}
}

/* What is done live and something in the window waits for, directly or not, goes before it. */
static void pull_forward(struct plan *plan)
{
	for (size_t i = plan->count; i-- > 0;) {
		for (size_t later = i + 1; later < plan->count; later++) {
			enum plan_part part = plan->steps[later].part;
			if (plan->steps[i].part == PLAN_LIVE && part <= PLAN_WINDOW &&
			    item_is_after(plan->steps[later].item, plan->steps[i].item))
				plan->steps[i].part = PLAN_BEFORE;
		}
	}
}

/* Stable: within a part the order stays. */
static void group(struct plan *plan)
{
	for (size_t i = 1; i < plan->count; i++) {
		struct plan_step step = plan->steps[i];
		size_t at = i;
		for (; at > 0 && plan->steps[at - 1].part > step.part; at--)
			plan->steps[at] = plan->steps[at - 1];
		plan->steps[at] = step;
	}
}

static size_t length_of(const char *const *list)
{
	size_t length = 0;
	while (list[length] != NULL)
		length++;
	return length;
}

/* How many entries at the end are the same in both: there the VM is powered on. */
static size_t shared_end(const char *const *a, const char *const *b)
{
	size_t left = length_of(a), right = length_of(b);
	size_t count = 0;
	while (left > 0 && right > 0 && strcmp(a[left - 1], b[right - 1]) == 0) {
		left--;
		right--;
		count++;
	}
	return count;
}

static bool equal(const char *const *a, const char *const *b)
{
	size_t length = length_of(a);
	return length == length_of(b) && shared_end(a, b) == length;
}

static bool has(const char *const *list, const char *step)
{
	for (; *list != NULL; list++) {
		if (strcmp(*list, step) == 0)
			return true;
	}
	return false;
}

/*
 * Leaves out what the first of the window has done by then, powering off above
 * all, and the end that the last one does for all.  0 or -1.
 */
static int trim(struct plan_step *step, const struct plan_step *first, const struct plan_step *last)
{
	const char *const *list = step->item->remedy->steps;
	const char *const *done = first->item->remedy->steps;
	size_t length = length_of(list);
	size_t end = length - shared_end(list, step == last ? done : last->item->remedy->steps);
	size_t count = 0;
	if (first == last)
		return 0;
	step->steps = calloc(length + 1, sizeof *step->steps);
	if (step->steps == NULL)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (i < end ? step == first || !has(done, list[i]) : step == last)
			step->steps[count++] = list[i];
	}
	step->remedy.steps = step->steps;
	return 0;
}

/* The first step of the window that does the same; 0 when there is none. */
static size_t same_step(const struct plan *plan, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (plan->steps[i].part == PLAN_WINDOW &&
		    equal(plan->steps[i].item->remedy->steps,
		          plan->steps[index].item->remedy->steps))
			return i + 1;
	}
	return 0;
}

static int share_window(struct plan *plan)
{
	struct plan_step *first = NULL, *last = NULL;
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_step *step = &plan->steps[i];
		if (step->part != PLAN_WINDOW)
			continue;
		step->same_as = same_step(plan, i);
		if (step->same_as != 0)
			continue;
		first = first == NULL ? step : first;
		last = step;
	}
	for (struct plan_step *step = first; step != NULL && step <= last; step++) {
		if (step->same_as == 0 && trim(step, first, last) != 0)
			return -1;
		if (step->same_as == 0 && step->remedy.steps[0] == NULL)
			step->same_as = (size_t)(first - plan->steps) + 1;
	}
	return 0;
}

int plan_make(const struct item *items, size_t count, struct plan *plan)
{
	bool *done = calloc(count + 1, sizeof *done);
	*plan = (struct plan){ .steps = calloc(count + 1, sizeof *plan->steps) };
	if (done == NULL || plan->steps == NULL) {
		free(done);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		done[i] = items[i].first->outcome != OUTCOME_FAIL; /* nothing to be done about it */
	sort(items, count, done, plan);
	free(done);
	pull_forward(plan);
	group(plan);
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].item->remedy != NULL)
			plan->steps[i].remedy = *plan->steps[i].item->remedy;
	}
	return share_window(plan);
}

void plan_clear(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->steps[i].steps);
	free(plan->steps);
	*plan = (struct plan){ NULL, 0 };
}

size_t plan_count(const struct plan *plan, enum plan_part part)
{
	size_t count = 0;
	for (size_t i = 0; i < plan->count; i++)
		count += plan->steps[i].part == part;
	return count;
}
