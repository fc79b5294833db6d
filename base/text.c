/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing piece of text; failure is sticky and asked for once, at the end. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct text *text, size_t more)
{
	if (text->failed)
		return false;
	size_t needed = text->length + more + 1;
	if (needed <= text->capacity)
		return true;
	size_t capacity = text->capacity == 0 ? 1024 : text->capacity;
	while (capacity < needed)
		capacity *= 2;
	char *data = realloc(text->data, capacity);
	if (data == NULL) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->capacity = capacity;
	return true;
}

void text_clear(struct text *text)
{
	free(text->data);
	*text = (struct text)TEXT_INIT;
}

void text_add_bytes(struct text *text, const void *bytes, size_t length)
{
	if (!reserve(text, length))
		return;
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

/* Most texts fit into what is there, and are then written once. */
void text_printf(struct text *text, const char *format, ...)
{
	va_list args;
	if (!reserve(text, 64))
		return;
	size_t room = text->capacity - text->length;
	va_start(args, format);
	int needed = vsnprintf(text->data + text->length, room, format, args);
	va_end(args);
	if (needed < 0) {
		text->failed = true;
		return;
	}
	if ((size_t)needed >= room) {
		if (!reserve(text, (size_t)needed))
			return;
		va_start(args, format);
		vsnprintf(text->data + text->length, (size_t)needed + 1, format, args);
		va_end(args);
	}
	text->length += (size_t)needed;
}

void text_cut(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);
	memcpy(to, from, length);
	to[length] = '\0';
}

const char *text_string(const struct text *text)
{
	return text->data == NULL ? "" : text->data;
}
