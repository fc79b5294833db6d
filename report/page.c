/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wrapping, edges and colours: the one place where bytes become terminal text. */
#include "report/page.h"

#include <stdio.h>
#include <string.h>

/* ECMA-48, 8.3.117: select graphic rendition.  Bold everywhere, for whoever sees no colours. */
static const char *const style_on[] = {
	[PAGE_PLAIN] = "",           [PAGE_GOOD] = "\033[1;32m", [PAGE_BAD] = "\033[1;31m",
	[PAGE_DOUBT] = "\033[1;33m", [PAGE_STRONG] = "\033[1m",
};

static void put(const struct page *page, const char *bytes, size_t length)
{
	while (length > 0) {
		size_t run = 0;
		while (run < length && bytes[run] >= ' ' && bytes[run] <= '~')
			run++;
		text_add_bytes(page->out, run > 0 ? bytes : "?", run > 0 ? run : 1);
		run += run == 0;
		bytes += run;
		length -= run;
	}
}

static void blanks(const struct page *page, size_t count)
{
	static const char some[] = "                                ";
	for (size_t part; count > 0; count -= part) {
		part = count < sizeof some - 1 ? count : sizeof some - 1;
		text_add_bytes(page->out, some, part);
	}
}

void page_put(const struct page *page, enum page_style style, const char *string)
{
	bool styled = page->colour && style != PAGE_PLAIN;
	if (styled)
		text_add(page->out, style_on[style]);
	put(page, string, strlen(string));
	if (styled)
		text_add(page->out, "\033[0m");
}

void page_wrap(const struct page *page, enum page_style style, const char *lead, unsigned hang,
               const char *text)
{
	size_t column = strlen(lead);
	bool fresh = true; /* nothing but indentation on this line yet */
	page_put(page, style, lead);
	while (*text != '\0') {
		size_t length = strcspn(text, " ");
		if (!fresh && column + 1 + length > page->columns) {
			text_add(page->out, "\n");
			blanks(page, hang);
			column = hang;
			fresh = true;
		}
		if (!fresh) {
			blanks(page, 1);
			column++;
		}
		put(page, text, length);
		column += length;
		fresh = false;
		text += length;
		text += strspn(text, " ");
	}
	text_add(page->out, "\n");
}

void page_edges(const struct page *page, enum page_style style, const char *lead, unsigned hang,
                const char *text, const char *right)
{
	size_t left = strlen(lead) + strlen(text);
	if (right[0] == '\0') {
		page_wrap(page, style, lead, hang, text);
		return;
	}
	if (left + 2 + strlen(right) > page->columns) {
		char margin[16];
		snprintf(margin, sizeof margin, "%*s", (int)hang, "");
		page_wrap(page, style, lead, hang, text);
		page_wrap(page, PAGE_PLAIN, margin, hang + 1, right);
		return;
	}
	page_put(page, style, lead);
	put(page, text, strlen(text));
	blanks(page, page->columns - left - strlen(right));
	put(page, right, strlen(right));
	text_add(page->out, "\n");
}

void page_command(const struct page *page, unsigned indent, const char *command)
{
	blanks(page, indent);
	page_put(page, PAGE_STRONG, command);
	text_add(page->out, "\n");
}

size_t page_rows(const struct page *page, const struct text *text)
{
	size_t rows = 0;
	size_t column = 0;
	for (const char *c = text_string(text); *c != '\0'; c++) {
		if (*c == '\n') {
			rows += column == 0 ? 1 : (column + page->columns - 1) / page->columns;
			column = 0;
		} else if (*c == '\033') {
			c += strcspn(c, "m");
		} else {
			column++;
		}
	}
	return rows;
}
