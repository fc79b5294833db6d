/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One loop for every format; what differs is its table. */
#include "report/escape.h"

#include <string.h>

#include "base/utf8.h"

static const char *find(const struct escape *table, char character)
{
	for (; table->instead != NULL; table++) {
		if (table->character == character)
			return table->instead;
	}
	return NULL;
}

/*
 * Not: C0, DEL, C1 (C2 80 to C2 9F), U+2028 and U+2029 (E2 80 A8 and A9), at
 * which some readers end a line, and U+FFFE and U+FFFF (EF BF BE and BF).
 */
static bool printable(const char *bytes, size_t length)
{
	const unsigned char *byte = (const unsigned char *)bytes;
	if (length == 1)
		return byte[0] >= 0x20 && byte[0] != 0x7f;
	if (length == 2)
		return byte[0] != 0xc2 || byte[1] >= 0xa0;
	if (length == 3 && byte[0] == 0xe2 && byte[1] == 0x80)
		return byte[2] != 0xa8 && byte[2] != 0xa9;
	return !(length == 3 && byte[0] == 0xef && byte[1] == 0xbf && byte[2] >= 0xbe);
}

void escape_add(struct text *out, const struct escape *table, const char *string)
{
	size_t left = strlen(string);
	while (left > 0) {
		const char *instead = find(table, *string);
		size_t length = utf8_character(string, left);
		if (instead != NULL)
			text_add(out, instead);
		else if (length > 0 && printable(string, length))
			text_add_bytes(out, string, length);
		else
			text_add(out, "?");
		length = length == 0 ? 1 : length;
		string += length;
		left -= length;
	}
}
