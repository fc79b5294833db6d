/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three bytes are four letters of six bits each; see base64.h for what is refused. */
#include "base/base64.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *bytes, size_t length)
{
	const unsigned char *in = bytes;
	char *text = malloc((length + 2) / 3 * 4 + 1);
	if (text == NULL)
		return NULL;
	char *out = text;
	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t group = (uint32_t)in[i] << 16;
		if (left > 1)
			group |= (uint32_t)in[i + 1] << 8;
		if (left > 2)
			group |= in[i + 2];
		*out++ = letters[group >> 18];
		*out++ = letters[group >> 12 & 63];
		*out++ = left > 1 ? letters[group >> 6 & 63] : '=';
		*out++ = left > 2 ? letters[group & 63] : '=';
	}
	*out = '\0';
	return text;
}

/* The six bits of a letter; -1 when it is none. */
static int letter_value(char letter)
{
	const char *at = letter == '\0' ? NULL : strchr(letters, letter);
	return at == NULL ? -1 : (int)(at - letters);
}

int base64_decode(const char *text, size_t length, unsigned char **bytes, size_t *count)
{
	if (length % 4 != 0)
		return -EINVAL;
	size_t data = length;
	while (data > 0 && length - data < 2 && text[data - 1] == '=')
		data--;
	unsigned char *out = malloc(length / 4 * 3 + 1);
	if (out == NULL)
		return -ENOMEM;
	uint32_t bits = 0;
	unsigned held = 0; /* how many of `bits` are not written yet */
	*count = 0;
	for (size_t i = 0; i < data; i++) {
		int value = letter_value(text[i]);
		if (value < 0) {
			free(out);
			return -EINVAL;
		}
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[(*count)++] = (unsigned char)(bits >> held);
		}
	}
	*bytes = out;
	return 0;
}
