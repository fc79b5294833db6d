/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nearest word by edit distance, and the sentence that is made of it. */
#include "agent/choice.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Longer words are not mistyped, they are something else. */
#define WORD_MAX 40

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The edits (insert, delete, replace, swap neighbours) that make `b` of `a`:
 * the optimal string alignment distance.
 */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][WORD_MAX + 1];
	size_t length_a = strlen(a);
	size_t length_b = strlen(b);
	if (length_a > WORD_MAX || length_b > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= length_b; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t *now = row[i % 3];
		const size_t *before = row[(i - 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			now[j] = before[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = least(now[j], least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], row[(i - 2) % 3][j - 2] + 1);
		}
	}
	return row[length_a % 3][length_b];
}

bool choice_has(choice_at at, const char *word)
{
	for (size_t i = 0; at(i) != NULL; i++) {
		if (strcmp(at(i), word) == 0)
			return true;
	}
	return false;
}

const char *choice_nearest(choice_at at, const char *word)
{
	const char *nearest = NULL;
	size_t length = strlen(word);
	size_t best = length / 3 + 2; /* every third letter may be wrong, and one more */
	for (size_t i = 0; at(i) != NULL; i++) {
		/* The beginning of a word is that word, but not as close as a typing mistake. */
		bool begins = length >= 3 && strncmp(at(i), word, length) == 0;
		size_t edits = begins ? 1 : distance(word, at(i));
		if (edits < best && edits < length) {
			best = edits;
			nearest = at(i);
		}
	}
	return nearest;
}

/* "expected one of text, json": the set in one line. */
static void list(choice_at at, char *out, size_t size)
{
	size_t used = 0;
	for (size_t i = 0; at(i) != NULL && used < size; i++) {
		const char *before = i == 0 ? "expected one of " : ", ";
		int n = snprintf(out + used, size - used, "%s%s", before, at(i));
		used += n < 0 ? size : (size_t)n;
	}
}

int choice_unknown(struct error *err, const char *what, const char *word, choice_at at,
                   const char *lister)
{
	char hint[160];
	const char *nearest = choice_nearest(at, word);
	if (nearest != NULL && lister != NULL)
		snprintf(hint, sizeof hint, "did you mean '%s'? %s lists them", nearest, lister);
	else if (nearest != NULL)
		snprintf(hint, sizeof hint, "did you mean '%s'?", nearest);
	else if (lister != NULL)
		snprintf(hint, sizeof hint, "%s lists what there is", lister);
	else
		list(at, hint, sizeof hint);
	return error_set(err, ERROR_USAGE, 0, "unknown %s '%.40s': %s", what, word, hint);
}
