/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The growing text, and the error object that is filled in beside it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

Test(text, grows_and_keeps_what_was_there)
{
	struct text text = TEXT_INIT;
	cr_assert_str_eq(text_string(&text), "");
	for (int i = 0; i < 10000; i++)
		text_printf(&text, "%d,", i % 10);
	cr_assert_eq(text.length, 20000);
	cr_assert_eq(strncmp(text_string(&text) + 19980, "0,1,2,3,4,5,6,7,8,9,", 20), 0);
	cr_assert_not(text.failed);
	text_clear(&text);
}

Test(error, the_first_one_wins_and_context_goes_in_front)
{
	struct error err = ERROR_INIT;
	cr_assert_eq(error_set(&err, ERROR_NO_INPUT, ENOENT, "x.json"), -1);
	error_set(&err, ERROR_INTERNAL, 0, "later");
	error_wrap(&err, "snapshot");
	cr_assert_eq(err.code, ERROR_NO_INPUT);
	cr_assert_eq(err.sys_errno, ENOENT);
	cr_assert_str_eq(err.message, "snapshot: x.json: No such file or directory");
}

Test(error, a_message_of_any_length_stays_terminated)
{
	char longer[1000];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	struct error err = ERROR_INIT;
	error_set(&err, ERROR_INTERNAL, EIO, "%s", longer);
	error_wrap(&err, "%s", longer);
	cr_assert_eq(strlen(err.message), sizeof err.message - 1);
}

Test(text, what_does_not_fit_is_cut_and_terminated)
{
	char to[4] = "abc";
	text_cut(to, sizeof to, "vwxyz");
	cr_assert_str_eq(to, "vwx");
	text_cut(to, sizeof to, "");
	cr_assert_str_eq(to, "");
	text_cut(to, 1, "vwxyz");
	cr_assert_str_eq(to, "");
}

Test(text, formats_longer_than_the_room_that_is_there)
{
	struct text text = TEXT_INIT;
	char longer[5000];
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	for (int i = 0; i < 3; i++)
		text_printf(&text, "%s%d", longer, i);
	cr_assert_eq(text.length, 3 * sizeof longer);
	cr_assert_str_eq(text_string(&text) + text.length - 2, "x2");
	text_clear(&text);
}
