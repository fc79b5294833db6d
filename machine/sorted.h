/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines collected in any order and given as one sorted answer, so that recordings compare. */
#ifndef NESTREADY_MACHINE_SORTED_H
#define NESTREADY_MACHINE_SORTED_H

#include "machine/machine.h"

struct sorted {
	char **lines;
	size_t count;
	size_t capacity;
};

#define SORTED_INIT                                                                                \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Adds a copy; a newline within it becomes '?'.  0 or -ENOMEM. */
int sorted_add(struct sorted *sorted, const char *line);

/* Makes the answer of the lines, each with a newline, sorted by bytes, cut at MACHINE_FILE_LIMIT.
 */
void sorted_answer(struct sorted *sorted, struct answer *answer);

void sorted_clear(struct sorted *sorted);

#define cleanup_sorted __attribute__((cleanup(sorted_clear)))

#endif
