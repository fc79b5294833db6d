/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots answer what was recorded; hostile ones end in one message that says where. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/adapters.h"
#include "machine/snapshot.h"
#include "tests/lib/fake_machine.h"

static struct machine *open_text(const char *text, struct error *err)
{
	return machine_snapshot_open("guest.json", text, strlen(text), err);
}

/* Opens {"schema": ..., "answers": ANSWERS} with ' for ". */
static struct machine *open_answers(const char *answers, struct error *err)
{
	struct text text = TEXT_INIT;
	text_printf(&text, "{'schema': 'nestready.snapshot/1', 'answers': %s}", answers);
	for (char *c = text.data; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	struct machine *machine = open_text(text_string(&text), err);
	text_clear(&text);
	return machine;
}

Test(snapshot, answers_what_was_recorded_and_skips_the_rest)
{
	struct error err = ERROR_INIT;
	struct machine *machine =
	        open_answers("{'file /a': {'lines': ['one', 'two', '']}, 'file /b': {'text': ''},"
	                     "'file /c': {'base64': '/wA=', 'truncated': true},"
	                     "'file /d': {'status': 'denied', 'errno': 13, 'why': 'no'},"
	                     "'cpuid 0 0x00000001 0x00000000':"
	                     " {'numbers': ['0x1', '0x02', '0xFFFFFFFF', '0x0']}}",
	                     &err);
	cr_assert_not_null(machine, "%s", err.message);
	struct answer answer = ANSWER_INIT;
	cr_assert_eq(machine_read_file(machine, "/a", &answer), STATUS_OBSERVED);
	cr_assert_str_eq(answer.text, "one\ntwo\n");
	cr_assert_eq(machine_read_file(machine, "/b", &answer), STATUS_OBSERVED);
	cr_assert_str_eq(answer.text, "");
	cr_assert_eq(machine_read_file(machine, "/c", &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.length, 2);
	cr_assert_eq(memcmp(answer.text, "\xff\0", 3), 0);
	cr_assert(answer.truncated);
	cr_assert_eq(machine_read_file(machine, "/d", &answer), STATUS_DENIED);
	cr_assert_eq(answer.sys_errno, EACCES);
	cr_assert_str_eq(answer.why, "no");
	cr_assert_eq(machine_cpuid(machine, 0, 1, 0, &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.number_count, 4);
	cr_assert_eq(answer.numbers[2], 0xffffffff);

	const char *first = "";
	cr_assert_eq(machine_snapshot_missed(machine, &first), 0);
	cr_assert_null(first);
	cr_assert_eq(machine_read_file(machine, "/e", &answer), STATUS_SKIPPED);
	cr_assert_str_eq(answer.why, "not recorded");
	cr_assert_eq(machine_cpuid(machine, 1, 1, 0, &answer), STATUS_SKIPPED);
	cr_assert_eq(machine_snapshot_missed(machine, &first), 2);
	cr_assert_str_eq(first, "file /e");
	answer_clear(&answer);
	machine_close(machine);
}

static void there_and_back(const struct answer *answer)
{
	json_t *json = answer_to_json(answer);
	cr_assert_not_null(json);
	struct answer back = ANSWER_INIT;
	struct error err = ERROR_INIT;
	cr_assert_eq(answer_from_json(json, &back, &err), 0, "%s", err.message);
	cr_assert_eq(back.status, answer->status);
	cr_assert_eq(back.sys_errno, answer->sys_errno);
	cr_assert_str_eq(back.why, answer->why);
	cr_assert_eq(back.number_count, answer->number_count);
	cr_assert_eq(memcmp(back.numbers, answer->numbers, sizeof back.numbers), 0);
	cr_assert_eq(back.length, answer->length);
	cr_assert_eq(back.text == NULL, answer->text == NULL);
	if (answer->text != NULL)
		cr_assert_eq(memcmp(back.text, answer->text, answer->length + 1), 0);
	cr_assert_eq(back.truncated, answer->truncated);
	answer_clear(&back);
	json_decref(json);
}

Test(snapshot, every_answer_survives_the_way_there_and_back)
{
	static const struct {
		const char *bytes;
		size_t length;
	} texts[] = {
		{ "", 0 },          { "\n", 1 },           { "a", 1 },    { "a\n", 2 },
		{ "a\n\nb", 4 },    { "a\0b", 3 },         { "\xff", 1 }, { "h\xc3\xa9\n", 4 },
		{ "tab\t\x1b", 5 }, { "\xed\xa0\x80", 3 },
	};
	struct answer answer = ANSWER_INIT;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		answer_set_text(&answer, texts[i].bytes, texts[i].length);
		answer.truncated = i % 2 == 1;
		there_and_back(&answer);
	}
	answer_set_errno(&answer, EIO, "read");
	there_and_back(&answer);
	answer_set_numbers(&answer, (const uint64_t[]){ 0, 1, UINT64_MAX }, 3);
	there_and_back(&answer);
	answer.status = STATUS_FAILED;
	there_and_back(&answer);
	answer_clear(&answer);
}

Test(snapshot, lines_are_shown_as_lines)
{
	struct answer answer = ANSWER_INIT;
	answer_set_text(&answer, "a\nb\n", 4);
	json_t *json = answer_to_json(&answer);
	json_t *expected = quoted_json("{'lines': ['a', 'b', '']}");
	cr_assert(json_equal(json, expected));
	json_decref(expected);
	json_decref(json);
	answer_clear(&answer);
}

/* Answers that are wrong, and what the message says after `guest.json: answers: `. */
static const struct {
	const char *answers, *message;
} wrong_answers[] = {
	{ "{'cpuid 0 0x00000001 0x00000000': {'numbers': ['0x1', '0x1', 5]}}",
	  "\"cpuid 0 0x00000001 0x00000000\": numbers[2]: expected \"0x...\" hex, found 5" },
	{ "{'k': {'numbers': ['12']}}", "\"k\": numbers[0]: expected \"0x...\" hex, found \"12\"" },
	{ "{'k': {'numbers': ['0x']}}", "\"k\": numbers[0]: expected \"0x...\" hex, found \"0x\"" },
	{ "{'k': {'numbers': ['0x-1']}}",
	  "\"k\": numbers[0]: expected \"0x...\" hex, found \"0x-1\"" },
	{ "{'k': {'numbers': ['0x10000000000000000']}}",
	  "\"k\": numbers[0]: expected \"0x...\" hex, found \"0x10000000000000000\"" },
	{ "{'k': {'numbers': ['0','0','0','0','0','0','0','0','0']}}",
	  "\"k\": numbers: expected a list of at most 8, found a list" },
	{ "{'k': {'numbers': {}}}",
	  "\"k\": numbers: expected a list of at most 8, found an object" },
	{ "{'k': {'text': 1}}", "\"k\": text: expected a string, found 1" },
	{ "{'k': {'lines': 'a'}}", "\"k\": lines: expected a list of strings, found \"a\"" },
	{ "{'k': {'lines': []}}", "\"k\": lines: expected a list of strings, found a list" },
	{ "{'k': {'lines': ['a', null]}}", "\"k\": lines[1]: expected a string, found null" },
	{ "{'k': {'base64': 'Zg='}}", "\"k\": base64: expected padded base64, found \"Zg=\"" },
	{ "{'k': {'base64': 1.5}}", "\"k\": base64: expected padded base64, found a fraction" },
	{ "{'k': {'text': 'a', 'lines': ['a']}}",
	  "\"k\": lines: expected one of text, lines and base64, found a second one" },
	{ "{'k': {'status': 'gone'}}", "\"k\": status: expected \"observed\", \"absent\", "
	                               "\"denied\", \"failed\" or \"skipped\", "
	                               "found \"gone\"" },
	{ "{'k': {'errno': -1}}", "\"k\": errno: expected a number of 1 to 4095, found -1" },
	{ "{'k': {'errno': 'EIO'}}",
	  "\"k\": errno: expected a number of 1 to 4095, found \"EIO\"" },
	{ "{'k': {'why': true}}",
	  "\"k\": why: expected a string of at most 111 bytes, found true" },
	{ "{'k': {'truncated': 1}}", "\"k\": truncated: expected true or false, found 1" },
	{ "{'k': {'colour': 1}}", "\"k\": \"colour\": an answer has no such member" },
	{ "{'k': []}", "\"k\": answer: expected an object, found a list" },
	{ "{'k\\u001b[2J': 1}", "\"k?[2J\": answer: expected an object, found 1" },
	{ "{'file /a': {'numbers': ['0x1']}}",
	  "\"file /a\": the answer lacks what its question asks for (text, or all its numbers)" },
	{ "{'file /a': {}}",
	  "\"file /a\": the answer lacks what its question asks for (text, or all its numbers)" },
	{ "{'cpuid 0 0x00000001 0x00000000': {'numbers': ['0x1']}}",
	  "\"cpuid 0 0x00000001 0x00000000\": the answer lacks what its question asks for (text, "
	  "or "
	  "all its numbers)" },
	{ "{'l2 any real-mode': {'status': 'failed', 'numbers': ['0x1']}}",
	  "\"l2 any real-mode\": the answer lacks what its question asks for (text, or all its "
	  "numbers)" },
};

Test(snapshot, a_wrong_answer_is_named_with_its_place)
{
	for (size_t i = 0; i < sizeof wrong_answers / sizeof wrong_answers[0]; i++) {
		struct error err = ERROR_INIT;
		char expected[256];
		snprintf(expected, sizeof expected, "guest.json: answers: %s",
		         wrong_answers[i].message);
		cr_assert_null(open_answers(wrong_answers[i].answers, &err), "%s",
		               wrong_answers[i].answers);
		cr_assert_eq(err.code, ERROR_BAD_INPUT);
		cr_assert_str_eq(err.message, expected);
	}
}

#define GOOD "\"schema\": \"nestready.snapshot/1\""

/* Texts that are no snapshot, and how the message begins. */
static const struct {
	const char *text, *message;
} wrong_snapshots[] = {
	{ "", "guest.json: line 1, column 0: '[' or '{' expected near end of file" },
	{ "\x7f"
	  "ELF",
	  "guest.json: line 1, column " },
	{ "{" GOOD ", \"answers\": {\"file /a\": {\"tex",
	  "guest.json: line 1, column 63: premature end of input near '\"tex'" },
	{ "{" GOOD ", \"answers\": {}} x", "guest.json: line 1, column " },
	{ "[]", "guest.json: schema: expected \"nestready.snapshot/1\", found none" },
	{ "{}", "guest.json: schema: expected \"nestready.snapshot/1\", found none" },
	{ "{\"schema\": 1}", "guest.json: schema: expected \"nestready.snapshot/1\", found none" },
	{ "{\"schema\": \"nestready.report/1\"}",
	  "guest.json: schema: expected \"nestready.snapshot/1\", found \"nestready.report/1\"" },
	{ "{\"schema\": \"nestready.snapshot/2\"}",
	  "guest.json: schema: \"nestready.snapshot/2\" is of another version of nestready; this "
	  "one reads \"nestready.snapshot/1\"" },
	{ "{" GOOD "}", "guest.json: answers: expected an object, found none" },
	{ "{" GOOD ", \"answers\": []}", "guest.json: answers: expected an object" },
	{ "{" GOOD ", \"answers\": {}, \"x\": 1}",
	  "guest.json: \"x\": a snapshot has no such member" },
	{ "{" GOOD ", \"answers\": {}, \"taken\": 1}", "guest.json: taken: expected a string" },
	{ "{" GOOD ", \"answers\": {}, \"redacted\": 1}",
	  "guest.json: redacted: expected true or false" },
	{ "{" GOOD ", \"answers\": {\"a\": {}, \"a\": {}}}",
	  "guest.json: line 1, column 59: duplicate object key near '\"a\"'" },
	{ "{" GOOD ", \"answers\": {\"a\\u0000b\": {}}}", "guest.json: line 1, column " },
};

Test(snapshot, what_is_no_snapshot_is_said_to_be_none)
{
	for (size_t i = 0; i < sizeof wrong_snapshots / sizeof wrong_snapshots[0]; i++) {
		struct error err = ERROR_INIT;
		cr_assert_null(open_text(wrong_snapshots[i].text, &err), "%s",
		               wrong_snapshots[i].text);
		cr_assert_eq(err.code, ERROR_BAD_INPUT);
		const char *expected = wrong_snapshots[i].message;
		cr_assert_eq(strncmp(err.message, expected, strlen(expected)), 0, "%s",
		             err.message);
	}
}

Test(snapshot, an_unasked_kind_of_question_is_no_harm)
{
	struct error err = ERROR_INIT;
	struct machine *machine = open_answers("{'tpm 0': {'text': 'x'}}", &err);
	cr_assert_not_null(machine, "%s", err.message);
	machine_close(machine);
}

Test(snapshot, every_cut_of_a_snapshot_is_refused)
{
	static const char whole[] = "{" GOOD ", \"answers\": {\"file /a\": {\"text\": \"b\"}}}";
	for (size_t length = 0; length < sizeof whole - 1; length++) {
		struct error err = ERROR_INIT;
		cr_assert_null(machine_snapshot_open("cut", whole, length, &err), "%zu", length);
		cr_assert_eq(err.code, ERROR_BAD_INPUT);
	}
	struct machine *machine = machine_snapshot_open("cut", whole, sizeof whole - 1, NULL);
	cr_assert_not_null(machine);
	machine_close(machine);
}

/* `count` times `open` in the place of a snapshot; brackets within strings do not count. */
static void expect_too_deep(char open, size_t count)
{
	char *text = malloc(count);
	memset(text, open, count);
	struct error err = ERROR_INIT;
	cr_assert_null(machine_snapshot_open("deep", text, count, &err));
	cr_assert_str_eq(err.message, "deep: nested deeper than 32 levels");
	free(text);
}

Test(snapshot, depth_is_limited_before_anything_is_parsed)
{
	expect_too_deep('[', 33);
	expect_too_deep('{', 2049);
	expect_too_deep('[', 10 << 20);
	struct error err = ERROR_INIT;
	struct machine *machine = open_answers(
	        "{'file /a': {'text': '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\\'}}", &err);
	cr_assert_not_null(machine, "%s", err.message);
	machine_close(machine);
}

Test(snapshot, size_is_limited)
{
	size_t length = (size_t)100 << 20;
	char *text = calloc(1, length); /* never touched: never read either */
	struct error err = ERROR_INIT;
	cr_assert_null(machine_snapshot_open("big", text, length, &err));
	cr_assert_str_eq(err.message, "big: larger than 64 MiB");
	free(text);
}

Test(snapshot, a_text_is_as_long_as_a_file_may_be)
{
	struct text text = TEXT_INIT;
	text_add(&text, "{'file /a': {'text': '");
	size_t start = text.length;
	for (size_t i = 0; i <= MACHINE_FILE_LIMIT; i += 64)
		text_add(&text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	text.length = start + MACHINE_FILE_LIMIT + 1;
	text_add(&text, "'}}");
	struct error err = ERROR_INIT;
	cr_assert_null(open_answers(text_string(&text), &err));
	cr_assert_str_eq(err.message, "guest.json: answers: \"file /a\": text: expected at most "
	                              "4194304 bytes, found 4194305");
	text_clear(&text);
}
