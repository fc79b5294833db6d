/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See number.h. */
#include "transport/number.h"

#include <stdlib.h>
#include <string.h>

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
