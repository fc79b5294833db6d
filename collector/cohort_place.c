/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See cohort_place.h. */
#include "collector/cohort_place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void cohort_place_write(const struct cohort *cohort, struct text *out)
{
	text_printf(out, "%d.%zu.%s.", cohort->outlier, cohort->sum.rows,
	            standing_trait_names[cohort->trait]);
	for (const char *at = cohort->value; *at != '\0'; at++)
		text_printf(out, "%02x", (unsigned char)*at);
}

/* A word up to the next full stop; *text is behind it. */
static bool cut(const char **text, char *word, size_t size)
{
	size_t length = strcspn(*text, ".");
	if ((*text)[length] != '.' || length >= size)
		return false;
	memcpy(word, *text, length);
	word[length] = '\0';
	*text += length + 1;
	return true;
}

static bool read_rows(const char **text, size_t *rows)
{
	char word[21];
	if (!cut(text, word, sizeof word) || word[0] == '\0' ||
	    word[strspn(word, "0123456789")] != '\0')
		return false;
	errno = 0;
	*rows = strtoul(word, NULL, 10);
	return errno == 0;
}

static bool read_trait(const char **text, enum trait *trait)
{
	char word[24];
	if (!cut(text, word, sizeof word))
		return false;
	int found = 0;
	while (found < TRAIT_COUNT && strcmp(standing_trait_names[found], word) != 0)
		found++;
	*trait = (enum trait)found;
	return found < TRAIT_COUNT;
}

static int digit(char character)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = character == '\0' ? NULL : strchr(digits, character);
	return found == NULL ? -1 : (int)(found - digits);
}

static bool read_value(const char *text, char *value, size_t size)
{
	size_t length = strlen(text) / 2;
	if (strlen(text) % 2 != 0 || length >= size)
		return false;
	for (size_t i = 0; i < length; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
		if (high < 0 || low < 0 || high + low == 0)
			return false;
		value[i] = (char)(high << 4 | low);
	}
	value[length] = '\0';
	return true;
}

bool cohort_place_read(const char *text, struct cohort_place *place)
{
	char outlier[2];
	struct cohort *cohort = &place->cohort;
	*cohort = (struct cohort){ .value = place->value };
	if (!cut(&text, outlier, sizeof outlier) || !read_rows(&text, &cohort->sum.rows) ||
	    !read_trait(&text, &cohort->trait) ||
	    !read_value(text, place->value, sizeof place->value))
		return false;
	cohort->outlier = outlier[0] == '1';
	return cohort->outlier || strcmp(outlier, "0") == 0;
}
