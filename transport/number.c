/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See number.h. */
#include "transport/number.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define DIGITS_MAX 10 /* of UINT32_MAX */

bool number_read(const char *text, uint32_t most, uint32_t *number)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > DIGITS_MAX || text[digits] != '\0' ||
	    (text[0] == '0' && digits > 1))
		return false;
	uint64_t value = strtoull(text, NULL, 10);
	*number = (uint32_t)value;
	return value <= most;
}

bool number_read_pair(const char *text, uint32_t *first, uint32_t *second)
{
	char left[DIGITS_MAX + 1];
	const char *colon = strchr(text, ':');
	if (colon == NULL || colon - text > DIGITS_MAX)
		return false;
	text_cut(left, (size_t)(colon - text) + 1, text);
	return number_read(left, UINT32_MAX - 1, first) &&
	       number_read(colon + 1, UINT32_MAX - 1, second);
}
