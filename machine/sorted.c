/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing array of strings; see sorted.h. */
#include "machine/sorted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int sorted_add(struct sorted *sorted, const char *line)
{
	if (sorted->count == sorted->capacity) {
		size_t capacity = sorted->capacity == 0 ? 64 : sorted->capacity * 2;
		char **larger = realloc(sorted->lines, capacity * sizeof *larger);
		if (larger == NULL)
			return -ENOMEM;
		sorted->lines = larger;
		sorted->capacity = capacity;
	}
	char *copy = strdup(line);
	if (copy == NULL)
		return -ENOMEM;
	for (char *newline = copy; (newline = strchr(newline, '\n')) != NULL;)
		*newline = '?';
	sorted->lines[sorted->count++] = copy;
	return 0;
}

static int by_bytes(const void *first, const void *second)
{
	return strcmp(*(char *const *)first, *(char *const *)second);
}

void sorted_answer(struct sorted *sorted, struct answer *answer)
{
	cleanup_text struct text text = TEXT_INIT;
	bool truncated = false;
	if (sorted->count > 1)
		qsort(sorted->lines, sorted->count, sizeof *sorted->lines, by_bytes);
	for (size_t i = 0; i < sorted->count && !truncated; i++) {
		truncated = text.length + strlen(sorted->lines[i]) + 1 > MACHINE_FILE_LIMIT;
		if (!truncated)
			text_printf(&text, "%s\n", sorted->lines[i]);
	}
	if (text.failed) {
		answer_set_status(answer, STATUS_FAILED, "out of memory");
		return;
	}
	answer_set_text(answer, text_string(&text), text.length);
	answer->truncated = truncated && answer->status == STATUS_OBSERVED;
}

void sorted_clear(struct sorted *sorted)
{
	for (size_t i = 0; i < sorted->count; i++)
		free(sorted->lines[i]);
	free(sorted->lines);
	*sorted = (struct sorted)SORTED_INIT;
}
