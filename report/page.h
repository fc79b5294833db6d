/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for a terminal: wrapped between words at the right edge, coloured only
 * when asked, plain ASCII whatever comes in (facts are the platform's words,
 * and must not reach the terminal as control sequences).
 */
#ifndef NESTREADY_REPORT_PAGE_H
#define NESTREADY_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum page_style { PAGE_PLAIN, PAGE_GOOD, PAGE_BAD, PAGE_DOUBT, PAGE_STRONG };

struct page {
	struct text *out;
	unsigned columns;
	bool colour;
};

/* Writes `string` as it stands, without a newline. */
void page_put(const struct page *page, enum page_style style, const char *string);

/*
 * A paragraph: its first line begins with `lead` (put in `style`), the others
 * with `hang` blanks.  A word that is longer than a line stays whole.
 */
void page_wrap(const struct page *page, enum page_style style, const char *lead, unsigned hang,
               const char *text);

/* The same with `right` at the right edge, on a line of its own when it does not fit. */
void page_edges(const struct page *page, enum page_style style, const char *lead, unsigned hang,
                const char *text, const char *right);

/* A command: never wrapped, so that it can be copied. */
void page_command(const struct page *page, unsigned indent, const char *command);

/* Lines of a terminal that this text takes up. */
size_t page_rows(const struct page *page, const struct text *text);

#endif
