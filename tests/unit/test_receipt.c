/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is an acknowledgement, what carries a token, and how long a pause may be. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/backoff.h"
#include "transport/receipt.h"
#include "transport/token.h"

#define ID "01970000-0000-7000-8000-000000000001"

Test(receipt, only_an_object_with_that_id_acknowledges)
{
	static const struct {
		const char *answer;
		bool echoes;
	} rows[] = {
		{ "{\"id\":\"" ID "\"}", true },
		{ "{\"status\":\"stored\",\"id\":\"" ID "\",\"x\":[1]}", true },
		{ "", false },
		{ ID, false },
		{ "\"" ID "\"", false },
		{ "[\"" ID "\"]", false },
		{ "{\"id\":\"01970000-0000-7000-8000-000000000002\"}", false },
		{ "{\"id\":\"" ID " \"}", false },
		{ "{\"id\":1}", false },
		{ "{\"id\":\"x\",\"id\":\"" ID "\"}", false },
		{ "{\"id\":\"" ID "\"", false },
		{ "<html>" ID "</html>", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		cr_expect_eq(receipt_echoes(rows[i].answer, strlen(rows[i].answer), ID),
		             rows[i].echoes, "%s", rows[i].answer);
}

Test(receipt, problems_are_one_printable_line)
{
	char text[20];
	const char *problem = "{\"title\":\"no\",\"detail\":\"a\\nb\\u001b[31m and far too long\"}";
	receipt_problem(problem, strlen(problem), text, sizeof text);
	cr_expect_str_eq(text, "a?b?[31m and far to");
	receipt_problem("{\"title\":\"no\"}", 14, text, sizeof text);
	cr_expect_str_eq(text, "no");
	receipt_problem("nonsense", 8, text, sizeof text);
	cr_expect_str_eq(text, "");
}

Test(backoff, doubles_to_a_bound_with_full_jitter)
{
	cr_expect_eq(backoff_ms(1, 0), 0);
	cr_expect_eq(backoff_ms(1, 1000), 1000);
	cr_expect_eq(backoff_ms(1, 1001), 0);
	cr_expect_eq(backoff_ms(4, 8000), 8000);
	cr_expect_eq(backoff_ms(4, 8001), 0);
	cr_expect_eq(backoff_ms(4000000000u, BACKOFF_MAX_MS), BACKOFF_MAX_MS);
	for (uint64_t random = 0; random < 3000; random++)
		cr_assert_leq(backoff_ms(2, random * 977), 2000);
}

Test(backoff, what_was_asked_for_is_kept)
{
	cr_expect_eq(backoff_asked_ms(10, 0), 10000);
	cr_expect_eq(backoff_asked_ms(10, 1000), 11000);
	cr_expect_eq(backoff_asked_ms(10, 1001), 10000);
	cr_expect_eq(backoff_asked_ms(4000000000u, 0), 3600000);
}

static void write_token(char *path, const char *content)
{
	int fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	close(fd);
}

Test(token, travels_encrypted_or_not_at_all)
{
	static const struct {
		const char *address, *content;
		bool good;
	} rows[] = {
		{ "https://a.example", "abc.DEF-1_~+/=\n", true },
		{ "https://a.example", "abc\r\nsecond line", true },
		{ "http://localhost:8080/x", "abc", true },
		{ "http://127.0.0.1", "abc", true },
		{ "http://[::1]:80", "abc", true },
		{ "http://a.example", "abc", false },
		{ "http://localhost.evil.example", "abc", false },
		{ "http://127.0.0.1.evil.example", "abc", false },
		{ "https://a.example", "", false },
		{ "https://a.example", "\nabc", false },
		{ "https://a.example", "a b", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char path[] = "/tmp/nestready-token-XXXXXX";
		struct error err = ERROR_INIT;
		cleanup_text struct text line = TEXT_INIT;
		write_token(path, rows[i].content);
		cr_expect_eq(token_header(rows[i].address, path, &line, &err) == 0, rows[i].good,
		             "%s '%s'", rows[i].address, rows[i].content);
		cr_expect(rows[i].good || strstr(text_string(&line), "abc") == NULL);
		unlink(path);
	}
}
