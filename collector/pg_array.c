/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lengths and numbers go in the order of the network. */
#include "collector/pg_array.h"

#include <endian.h>
#include <string.h>

static void add_word(struct text *array, uint32_t word)
{
	word = htobe32(word);
	text_add_bytes(array, &word, sizeof word);
}

void pg_array_begin(struct text *array, enum pg_type type, size_t count)
{
	array->length = 0;
	add_word(array, count > 0 ? 1 : 0); /* dimensions */
	add_word(array, 0);                 /* no element is NULL */
	add_word(array, type);
	if (count > 0) {
		add_word(array, (uint32_t)count);
		add_word(array, 1); /* the first index */
	}
}

void pg_array_bytes(struct text *array, const void *bytes, size_t length)
{
	add_word(array, (uint32_t)length);
	text_add_bytes(array, bytes, length);
}

void pg_array_text(struct text *array, const char *text)
{
	pg_array_bytes(array, text, strlen(text));
}

void pg_array_number(struct text *array, int64_t number)
{
	uint64_t bytes = htobe64((uint64_t)number);
	pg_array_bytes(array, &bytes, sizeof bytes);
}

void pg_array_bool(struct text *array, bool value)
{
	const char byte = value;
	pg_array_bytes(array, &byte, 1);
}
