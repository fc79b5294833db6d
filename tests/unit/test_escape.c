/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What formats may carry, and what stands for the rest. */
#include <criterion/criterion.h>

#include "report/escape.h"

static const struct escape none[] = { { 0, NULL } };
static const struct escape some[] = {
	{ '<', "&lt;" }, { '\n', "\\n" }, { '\\', "\\\\" }, { 0, NULL }
};

static void expect(const struct escape *table, const char *string, const char *expected)
{
	cleanup_text struct text out = TEXT_INIT;
	escape_add(&out, table, string);
	cr_expect_not(out.failed);
	cr_expect_str_eq(text_string(&out), expected);
}

Test(escape, plain_text_stays)
{
	expect(none, "", "");
	expect(none, "a <b> \"c\" \\ 100%", "a <b> \"c\" \\ 100%");
	expect(none, "\u00e9 \u00a0 \u20ac \U0001f600", "\u00e9 \u00a0 \u20ac \U0001f600");
}

Test(escape, the_table_has_the_first_word)
{
	expect(some, "a<b\nc\\n", "a&lt;b\\nc\\\\n");
}

Test(escape, one_question_mark_a_character_that_may_not_be)
{
	expect(none, "\n\t\r\x1b[0m\x7f", "????[0m?");
	expect(none, "\xc2\x80|\xc2\x9f", "?|?");            /* C1 */
	expect(none, "\xe2\x80\xa8|\xe2\x80\xa9", "?|?");    /* line and paragraph separator */
	expect(none, "\xef\xbf\xbe|\xef\xbf\xbf", "?|?");    /* no characters */
	expect(none, "\xe2\x80\xa7\xe2\x80\xaa\xef\xbf\xbd", /* their neighbours are */
	       "\xe2\x80\xa7\xe2\x80\xaa\xef\xbf\xbd");
}

Test(escape, bytes_that_are_no_text)
{
	expect(none, "a\xff\xfe", "a??");
	expect(none, "\xc3", "?");
	expect(none, "\xc3(", "?(");
	expect(none, "\xed\xa0\x80", "???"); /* a surrogate */
	expect(none, "\xc0\xaf", "??");      /* a longer way to say '/' */
}
