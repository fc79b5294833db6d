/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codes of students: written, typed again by people, and what is made of them. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/enrolment.h"

Test(enrolment, a_code_is_its_bits)
{
	char code[ENROLMENT_CODE_SIZE];
	const uint8_t none[ENROLMENT_BYTES] = { 0 };
	const uint8_t all[ENROLMENT_BYTES] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
	const uint8_t some[ENROLMENT_BYTES] = { 0x08, 0x86, 0x42, 0x98, 0xe8,
		                                0x4a, 0x96, 0xc6, 0xb9, 0xf0 };
	enrolment_write("ws-1", none, code);
	cr_assert_str_eq(code, "ws-1.0000-0000-0000-0000");
	enrolment_write("ws-1", all, code);
	cr_assert_str_eq(code, "ws-1.ZZZZ-ZZZZ-ZZZZ-ZZZZ");
	/* 00001 00010 00011 ... by hand */
	enrolment_write("ws-1", some, code);
	cr_assert_eq(strncmp(code, "ws-1.1234-", 10), 0, "%s", code);
}

Test(enrolment, people_type_a_code_as_they_like)
{
	static const char *const same[] = { "ws-1.0O1I-lL23-abcd-WXYZ", "ws-1.0011112 3",
		                            "ws-1.00111123ABCDWXYZ", "ws-1.0011-1123-ABCD-WXYZ" };
	struct enrolment first, other;
	struct error err = ERROR_INIT;
	cr_assert_eq(enrolment_read(same[0], &first, &err), 0, "%s", err.message);
	cr_assert_str_eq(first.lab, "ws-1");
	cr_assert_eq(enrolment_read(same[1], &other, NULL), -1);
	for (size_t i = 2; i < 4; i++) {
		cr_assert_eq(enrolment_read(same[i], &other, &err), 0, "%s", err.message);
		cr_assert_str_eq(first.key, other.key);
		cr_assert_str_eq(first.id, other.id);
	}
	cr_assert_eq(enrolment_read("ws-2.0011-1123-ABCD-WXYZ", &other, &err), 0);
	cr_assert_str_neq(first.key, other.key);
	cr_assert_str_neq(first.key, first.id);
}

Test(enrolment, what_is_no_code)
{
	static const char *const bad[] = { "",
		                           ".",
		                           "ws-1",
		                           "ws-1.",
		                           ".0011-1123-ABCD-WXYZ",
		                           "ws-1.0011-1123-ABCD-WXY",
		                           "ws-1.0011-1123-ABCD-WXYZ0",
		                           "ws-1.0011-1123-ABCD-WXYU",
		                           "WS.0011-1123-ABCD-WXYZ",
		                           "a/b.0011-1123-ABCD-WXYZ" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct enrolment enrolment;
		struct error err = ERROR_INIT;
		cr_assert_eq(enrolment_read(bad[i], &enrolment, &err), -1, "%s", bad[i]);
		cr_assert_eq(err.code, ERROR_USAGE);
	}
}

Test(enrolment, a_token_is_the_same_whenever_it_is_made_and_says_nothing_of_the_key)
{
	struct enrolment enrolment;
	char id[2][ENROLMENT_TOKEN_ID + 1], secret[2][ENROLMENT_TOKEN_SECRET + 1];
	cr_assert_eq(enrolment_read("ws-1.0011-1123-ABCD-WXYZ", &enrolment, NULL), 0);
	for (int i = 0; i < 2; i++)
		enrolment_token(&enrolment, id[i], secret[i]);
	cr_assert_str_eq(id[0], id[1]);
	cr_assert_str_eq(secret[0], secret[1]);
	cr_assert_eq(strlen(id[0]), ENROLMENT_TOKEN_ID);
	cr_assert_eq(strlen(secret[0]), ENROLMENT_TOKEN_SECRET);
	cr_assert_null(strstr(enrolment.key, id[0]));
}
