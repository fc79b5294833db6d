/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text line by line, and the small things that lines are made of. */
#ifndef NESTREADY_IMPORT_READER_H
#define NESTREADY_IMPORT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A piece of text: from `at` up to, not including, `end`.  Not NUL-terminated. */
struct span {
	const char *at;
	const char *end;
};

struct reader {
	struct span rest;
	struct span line; /* the current one, without what ends it and without blanks at its end */
	size_t number;    /* of the current one, from 1 */
};

void reader_open(struct reader *reader, const char *text, size_t length);

/* The next line; false after the last one. */
bool reader_next(struct reader *reader);

/* "NAME:LINE: MESSAGE, found 'TEXT'", ERROR_BAD_INPUT; the text is that of the line.  Returns -1.
 */
int reader_error(const struct reader *reader, const char *name, const char *message,
                 struct error *err);

/* Each looks at the beginning of the span, and moves it on when it is there. */
bool span_blanks(struct span *span);                   /* at least one blank */
bool span_word(struct span *span, const char *word);   /* exactly this, in any case of letters */
bool span_decimal(struct span *span, uint64_t *value); /* digits; false beyond 64 bits */

/* `low` to `high` hex digits, and no further one behind them; `high` is at most 16. */
bool span_hex(struct span *span, size_t low, size_t high, uint64_t *value);

size_t span_length(struct span span);
void span_trim(struct span *span);                /* takes blanks off both ends */
bool span_is(struct span span, const char *text); /* the same, in any case of letters */

/* The place of `text`, in any case of letters, in the span; NULL when it is not there. */
const char *span_find(struct span span, const char *text);

/* A copy that ends with a NUL, cut to `size`, with bytes that are no text replaced by '?'. */
void span_copy(struct span span, char *copy, size_t size);

#endif
