/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See best.h. */
#include "collector/best.h"

#include <stdlib.h>
#include <string.h>

#include "collector/grow.h"

bool best_fits(const struct best *best, const void *member)
{
	return best->count < best->keep ||
	       (best->count > 0 && best->compare(member, best->members[best->count - 1]) < 0);
}

/* Where a member belongs: behind those that are not behind it. */
static size_t place(const struct best *best, const void *member)
{
	size_t first = 0, end = best->count;
	while (first < end) {
		size_t middle = first + (end - first) / 2;
		if (best->compare(best->members[middle], member) <= 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

bool best_put(struct best *best, void *member)
{
	void *grown = grow(best->members, best->count, &best->room, sizeof *best->members);
	if (grown == NULL) {
		free(member);
		return false;
	}
	best->members = grown;
	size_t at = place(best, member);
	memmove(&best->members[at + 1], &best->members[at],
	        (best->count - at) * sizeof *best->members);
	best->members[at] = member;
	if (++best->count > best->keep)
		free(best->members[--best->count]);
	return true;
}

void best_clear(struct best *best)
{
	for (size_t i = 0; i < best->count; i++)
		free(best->members[i]);
	free(best->members);
	best->members = NULL;
	best->count = best->room = 0;
}
