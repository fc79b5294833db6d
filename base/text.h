/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing piece of text.  Formats write into it, so that nothing is printed
 * half: the whole output exists before the first byte leaves.
 */
#ifndef NESTREADY_BASE_TEXT_H
#define NESTREADY_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data;    /* NUL-terminated once anything was added; NULL before */
	size_t length; /* bytes without the NUL */
	size_t capacity;
	bool failed; /* memory ran out: the text is incomplete; sticky */
};

#define TEXT_INIT                                                                                  \
	{                                                                                          \
		NULL, 0, 0, false                                                                  \
	}

void text_clear(struct text *text);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const void *bytes, size_t length);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copies as much of a string as fits, always terminated.  `size` is not 0. */
void text_cut(char *to, size_t size, const char *from);

/* The text as a string; "" when nothing was added.  Stays owned by `text`. */
const char *text_string(const struct text *text);

#define cleanup_text __attribute__((cleanup(text_clear)))

#endif
