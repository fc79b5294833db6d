/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nearest word by edit distance, and the sentence that is made of it. */
#include "agent/choice.h"

#include <stdint.h>
#include <string.h>

/* Longer words are not mistyped, they are something else. */
#define WORD_MAX 40

static const char *word_at(const struct choice *choice, size_t index)
{
	return choice->at(choice->context, index);
}

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

bool choice_has(const struct choice *choice, const char *word)
{
	for (size_t i = 0; word_at(choice, i) != NULL; i++) {
		if (strcmp(word_at(choice, i), word) == 0)
			return true;
	}
	return false;
}

const char *choice_nearest(const struct choice *choice, const char *word)
{
	const char *nearest = NULL;
	size_t length = strlen(word);
	size_t best = length / 3 + 2; /* every third letter may be wrong, and one more */
	for (size_t i = 0; word_at(choice, i) != NULL; i++) {
		/* The beginning of a word is that word, but not as close as a typing mistake. */
		bool begins = length >= 3 && strncmp(word_at(choice, i), word, length) == 0;
		size_t edits = begins ? 1 : distance(word, word_at(choice, i));
		if (edits < best && edits < length) {
			best = edits;
			nearest = word_at(choice, i);
		}
	}
	return nearest;
}

void choice_list(const struct choice *choice, const char *before, struct text *out)
{
	for (size_t i = 0; word_at(choice, i) != NULL; i++)
		text_printf(out, "%s%s", i == 0 ? before : ", ", word_at(choice, i));
}

int choice_unknown(struct error *err, const char *what, const char *word,
                   const struct choice *choice, const char *lister)
{
	cleanup_text struct text hint = TEXT_INIT;
	const char *nearest = choice_nearest(choice, word);
	if (nearest != NULL && lister != NULL)
		text_printf(&hint, "did you mean '%s'? %s lists them", nearest, lister);
	else if (nearest != NULL)
		text_printf(&hint, "did you mean '%s'?", nearest);
	else if (lister != NULL)
		text_printf(&hint, "%s lists what there is", lister);
	else
		choice_list(choice, "expected one of ", &hint);
	return error_set(err, ERROR_USAGE, 0, "unknown %s '%.40s': %s", what, word,
	                 text_string(&hint));
}
