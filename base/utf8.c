/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 by the table of RFC 3629, section 4. */
#include "base/utf8.h"

#include <stdint.h>

/* First byte's range, and the range of the second byte; further bytes are 80..BF. */
static const struct {
	uint8_t first_low, first_high, second_low, second_high;
	uint8_t length;
} forms[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t utf8_character(const char *bytes, size_t length)
{
	const uint8_t *byte = (const uint8_t *)bytes;
	for (size_t i = 0; length > 0 && i < sizeof forms / sizeof forms[0]; i++) {
		if (byte[0] < forms[i].first_low || byte[0] > forms[i].first_high)
			continue;
		if (forms[i].length > length)
			return 0;
		if (forms[i].length > 1 &&
		    (byte[1] < forms[i].second_low || byte[1] > forms[i].second_high))
			return 0;
		for (size_t k = 2; k < forms[i].length; k++)
			if ((byte[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

bool utf8_valid(const char *bytes, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t character = utf8_character(bytes + at, length - at);
		if (character == 0)
			return false;
		at += character;
	}
	return true;
}

void utf8_sanitize(char *bytes, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t character = utf8_character(bytes + at, length - at);
		uint8_t first = (uint8_t)bytes[at];
		if (character == 0 || (first < 0x20 && first != '\t') || first == 0x7f) {
			bytes[at] = '?';
			character = 1;
		}
		at += character;
	}
}

/* A table: every byte between worker and supervisor passes here, on both sides. */
static const bool plain[256] = {
	[0x20 ... 0x21] = true,
	[0x23 ... 0x5b] = true,
	[0x5d ... 0x7e] = true,
};

size_t utf8_plain_run(const char *bytes, size_t length)
{
	size_t run = 0;
	while (run < length && plain[(uint8_t)bytes[run]])
		run++;
	return run;
}
