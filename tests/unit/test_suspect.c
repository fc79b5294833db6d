/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two students may not have in common, and challenges that were not met. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/text.h"
#include "collector/suspect.h"

static json_t *parse(const char *text)
{
	json_error_t at;
	json_t *json = json_loads(text, 0, &at);
	cr_assert_not_null(json, "%s: %s", at.text, text);
	return json;
}

/* "STUDENT: FLAG(WITH) ..." */
static void expect_flags(const char *attempts, const char *challenges, const char *expected)
{
	cleanup_text struct text seen = TEXT_INIT;
	json_t *all = parse(attempts), *given = parse(challenges), *made = suspect(all, given);
	const char *student;
	json_t *flags;
	json_object_foreach(made, student, flags)
	{
		text_printf(&seen, "%s:", student);
		for (size_t i = 0; i < json_array_size(flags); i++) {
			const json_t *flag = json_array_get(flags, i);
			const json_t *with = json_object_get(flag, "with");
			text_printf(&seen, " %s", json_string_value(json_object_get(flag, "flag")));
			for (size_t k = 0; k < json_array_size(with); k++)
				text_printf(&seen, "(%s)",
				            json_string_value(json_array_get(with, k)));
		}
		text_add(&seen, "; ");
	}
	cr_assert_str_eq(text_string(&seen), expected);
	json_decref(all);
	json_decref(given);
	json_decref(made);
}

/* The nonce 00000001 three times, and what the stages make of it. */
#define NONCE  "000000010000000100000001"
#define ANSWER "9e3779b185ebca6bc2b2ae35"
#define ATTEMPT(id, time, same, challenge)                                                         \
	"{\"report\":\"" id "\",\"time\":" time ",\"received\":" time                              \
	",\"basis\":\"proven\",\"same\":{" same                                                    \
	"},\"findings\":{\"l2.long-mode\":\"pass\"}" challenge "}"
#define ANSWERED ",\"challenge\":{\"nonce\":\"" NONCE "\",\"answer\":\"" ANSWER "\"}"
#define GIVEN                                                                                      \
	"{\"a\":[{\"nonce\":\"" NONCE "\",\"time\":5}],\"b\":[{\"nonce\":\"" NONCE                 \
	"\",\"time\":5}]}"

Test(suspect, an_answered_challenge_and_a_machine_of_ones_own_say_nothing)
{
	expect_flags("{\"a\":[" ATTEMPT("1", "5", "\"mac\":[\"m1\"]",
	                                ANSWERED) "],"
	                                          "\"b\":[" ATTEMPT("2", "6", "\"mac\":[\"m2\"]",
	                                                            ANSWERED) "],\"c\":[]}",
	             GIVEN, "");
}

Test(suspect, what_two_students_share_is_said_of_both)
{
	expect_flags(
	        "{\"a\":[" ATTEMPT(
	                "1", "5", "\"evidence\":[\"e\"],\"timing\":[\"t\"]",
	                ANSWERED) "],\"b\":[" ATTEMPT("1", "6",
	                                              "\"evidence\":[\"e\"],\"timing\":[\"t\"]",
	                                              ANSWERED) "]}",
	        GIVEN,
	        "a: same-report(b) same-evidence(b) same-timing(b); "
	        "b: same-report(a) same-evidence(a) same-timing(a); ");
	expect_flags(
	        "{\"a\":[" ATTEMPT(
	                "1", "5", "\"system-uuid\":[\"u\"],\"mac\":[\"m\",\"n\"]",
	                ANSWERED) "],\"b\":[" ATTEMPT("2", "6",
	                                              "\"machine-id\":[\"i\"],\"mac\":[\"n\"]",
	                                              ANSWERED) "],"
	                                                        "\"c\":[" ATTEMPT(
	                                                                "3", "6",
	                                                                "\"system-uuid\":[\"u\"],"
	                                                                "\"machine-id\":[\"i\"]",
	                                                                "") "]}",
	        GIVEN,
	        "a: same-system-uuid(c) same-mac(b); b: same-machine-id(c) same-mac(a); "
	        "c: same-system-uuid(a) same-machine-id(b) no-challenge; ");
}

/* A class that was given one template: a page must not take the square of it. */
Test(suspect, of_many_only_a_few_are_named)
{
	cleanup_text struct text attempts = TEXT_INIT;
	for (int i = 0; i < 300; i++)
		text_printf(&attempts,
		            "%s\"s%d\":[" ATTEMPT("%d", "5", "\"mac\":[\"m\",\"n\"]", ANSWERED) "]",
		            i == 0 ? "{" : ",", i, i);
	text_add(&attempts, "}");
	json_t *all = parse(text_string(&attempts)), *none = json_object();
	json_t *made = suspect(all, none);
	cr_assert_eq(json_object_size(made), 300);
	const json_t *flag = json_array_get(json_object_get(made, "s299"), 0);
	cr_expect_str_eq(json_string_value(json_object_get(flag, "flag")), "same-mac");
	cr_expect_eq(json_array_size(json_object_get(flag, "with")), SUSPECT_NAMED);
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(flag, "with"), 0)), "s0");
	cr_expect_eq(json_integer_value(json_object_get(flag, "more")), 299 - SUSPECT_NAMED);
	flag = json_array_get(json_object_get(made, "s0"), 0);
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(flag, "with"), 0)), "s1");
	json_decref(all);
	json_decref(none);
	json_decref(made);
}

Test(suspect, a_challenge_that_was_not_met)
{
	static const struct {
		const char *attempts, *expected;
	} rows[] = {
		{ ATTEMPT("1", "5", "", ""), "a: no-challenge; " },
		{ ATTEMPT("1", "4", "", ANSWERED), "a: older-than-challenge; " },
		{ ATTEMPT("1", "5", "", ",\"challenge\":{\"nonce\":\"" NONCE "\"}"),
		  "a: wrong-answer; " },
		{ ATTEMPT("1", "5", "",
		          ",\"challenge\":{\"nonce\":\"" NONCE "\",\"answer\":\"" NONCE "\"}"),
		  "a: wrong-answer; " },
		{ ATTEMPT("1", "5", "", ",\"challenge\":{\"nonce\":\"0\",\"answer\":\"0\"}"),
		  "a: other-challenge; " },
		{ ATTEMPT("1", "5", "", ANSWERED) "," ATTEMPT("2", "6", "", ANSWERED),
		  "a: challenge-used-again; " },
		{ "{\"report\":\"1\",\"time\":5,\"received\":5,\"basis\":\"imported\",\"same\":{},"
		  "\"findings\":{},\"challenge\":{\"nonce\":\"" NONCE "\"}}",
		  "a: recording; " },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cleanup_text struct text attempts = TEXT_INIT;
		text_printf(&attempts, "{\"a\":[%s]}", rows[i].attempts);
		expect_flags(text_string(&attempts), GIVEN, rows[i].expected);
	}
}
