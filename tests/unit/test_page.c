/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terminal text: edges, whole words, and nothing that a terminal would obey. */
#include <criterion/criterion.h>
#include <string.h>

#include "report/page.h"

static struct text out = TEXT_INIT;
static const struct page narrow = { .out = &out, .columns = 20 };

static void clear(void)
{
	text_clear(&out);
}

TestSuite(page, .fini = clear);

Test(page, wraps_between_words)
{
	page_wrap(&narrow, PAGE_PLAIN, "+ ", 2, "one two three four five six");
	cr_assert_str_eq(text_string(&out), "+ one two three four\n  five six\n");
}

Test(page, keeps_a_long_word_whole)
{
	page_wrap(&narrow, PAGE_PLAIN, "  ", 2, "a /a/very/long/path/to/something b");
	cr_assert_str_eq(text_string(&out), "  a\n  /a/very/long/path/to/something\n  b\n");
}

Test(page, puts_a_text_at_each_edge)
{
	page_edges(&narrow, PAGE_PLAIN, "1 ", 2, "left", "right");
	cr_assert_str_eq(text_string(&out), "1 left         right\n");
	text_clear(&out);
	page_edges(&narrow, PAGE_PLAIN, "1 ", 2, "left left left", "right");
	cr_assert_str_eq(text_string(&out), "1 left left left\n  right\n");
}

Test(page, colours_only_when_asked)
{
	const struct page coloured = { .out = &out, .columns = 20, .colour = true };
	page_put(&narrow, PAGE_BAD, "x");
	cr_assert_str_eq(text_string(&out), "x");
	text_clear(&out);
	page_put(&coloured, PAGE_BAD, "x");
	cr_assert_str_eq(text_string(&out), "\033[1;31mx\033[0m");
}

Test(page, lets_no_control_sequence_through)
{
	page_wrap(&narrow, PAGE_PLAIN, "", 0, "a\033[2Jb\r\n\x9b\xc3\xa9");
	cr_assert_str_eq(text_string(&out), "a?[2Jb?????\n");
}

Test(page, counts_rows_as_the_terminal_does)
{
	const struct page coloured = { .out = &out, .columns = 20, .colour = true };
	page_command(&coloured, 2, "a command of more than twenty columns");
	text_add(&out, "\n");
	page_command(&coloured, 0, "exactly 20 columns..");
	cr_assert_eq(page_rows(&coloured, &out), 4);
}
