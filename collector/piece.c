/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See piece.h. */
#include "collector/piece.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/* The four digits behind \u; -1 when they are not there. */
static int hex4(const char *at, const char *end)
{
	int value = 0;
	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = at[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
		            : c >= 'a' && c <= 'f' ? c - 'a' + 10
		            : c >= 'A' && c <= 'F' ? c - 'A' + 10
		                                   : -1;
		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* The character behind a backslash; moves on behind it.  -1: none that is allowed. */
static int32_t escaped(const char **at, const char *end)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known = *at < end && **at != '\0' ? strchr(from, **at) : NULL;
	if (known != NULL) {
		(*at)++;
		return to[known - from];
	}
	if (*at == end || **at != 'u')
		return -1;
	int32_t value = hex4(*at + 1, end);
	if (value <= 0 || (value & 0xfc00) == 0xdc00)
		return -1;
	*at += 5;
	if ((value & 0xfc00) != 0xd800)
		return value;
	/* Half of a pair (RFC 8259, 7). */
	int32_t low =
	        end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? hex4(*at + 2, end) : -1;
	if (low < 0 || (low & 0xfc00) != 0xdc00)
		return -1;
	*at += 6;
	return 0x10000 + ((value & 0x3ff) << 10 | (low & 0x3ff));
}

bool piece_read(const char **at, const char *end, struct piece *piece)
{
	const char *now = *at;
	*piece = (struct piece){ now, 0, false };
	while (now < end) {
		now += utf8_plain_run(now, (size_t)(end - now));
		if (now == end)
			return false;
		unsigned char c = (unsigned char)*now;
		if (c == '"') {
			piece->length = (size_t)(now - piece->text);
			*at = now + 1;
			return true;
		}
		if (c == '\\') {
			piece->escaped = true;
			now++;
			if (escaped(&now, end) < 0)
				return false;
		} else {
			size_t length = utf8_character(now, (size_t)(end - now));
			if (c < 0x20 || length == 0)
				return false;
			now += length;
		}
	}
	return false;
}

static char *put_character(char *to, int32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	*to++ = (char)(0xf00 >> (more + 1) | c >> 6 * more);
	while (more-- > 0)
		*to++ = (char)(0x80 | (c >> 6 * more & 0x3f));
	return to;
}

size_t piece_copy(const struct piece *piece, char *to)
{
	const char *begin = to, *at = piece->text, *end = at + piece->length;
	if (!piece->escaped) {
		memcpy(to, at, piece->length);
		to += piece->length;
		at = end;
	}
	while (at < end) {
		if (*at != '\\') {
			*to++ = *at++;
			continue;
		}
		at++;
		to = put_character(to, escaped(&at, end));
	}
	*to++ = '\0';
	return (size_t)(to - begin);
}
