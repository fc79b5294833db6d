/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written can be read again, and nothing else can. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "report/wire.h"

static struct wire_line decode(const struct text *text)
{
	struct wire_line line;
	struct error err = ERROR_INIT;
	cr_assert_not(text->failed);
	cr_assert_gt(text->length, 0);
	cr_assert_eq(text->data[text->length - 1], '\n');
	cr_assert_null(memchr(text->data, '\n', text->length - 1), "more than one line");
	cr_assert_eq(wire_decode(text->data, text->length - 1, &line, &err), 0, "%s: %s",
	             err.message, text->data);
	return line;
}

static struct wire_line round_trip(struct text *text, const struct fact *fact)
{
	wire_fact(text, "cpuid", fact);
	struct wire_line line = decode(text);
	cr_assert_eq(line.kind, WIRE_FACT);
	cr_assert_str_eq(line.probe, "cpuid");
	cr_assert_str_eq(line.fact.key, fact->key);
	cr_assert_eq(line.fact.status, fact->status);
	return line;
}

Test(wire, begin_end_and_done_come_back)
{
	cleanup_text struct text text = TEXT_INIT;
	wire_begin(&text, "cpuid", UINT32_MAX);
	struct wire_line line = decode(&text);
	cr_assert_eq(line.kind, WIRE_BEGIN);
	cr_assert_str_eq(line.probe, "cpuid");
	cr_assert_eq(line.deadline_ms, UINT32_MAX);
	wire_line_clear(&line);

	text_clear(&text);
	wire_end(&text, "l2", STATUS_OBSERVED, NULL, INT64_MAX);
	line = decode(&text);
	cr_assert_eq(line.kind, WIRE_END);
	cr_assert_eq(line.status, STATUS_OBSERVED);
	cr_assert_null(line.why);
	cr_assert_eq(line.duration_us, INT64_MAX);
	wire_line_clear(&line);

	text_clear(&text);
	wire_end(&text, "l2", STATUS_SKIPPED, "passive \"run\"\\", 0);
	line = decode(&text);
	cr_assert_eq(line.status, STATUS_SKIPPED);
	cr_assert_str_eq(line.why, "passive \"run\"\\");
	wire_line_clear(&line);

	text_clear(&text);
	wire_done(&text, 12);
	line = decode(&text);
	cr_assert_eq(line.kind, WIRE_DONE);
	cr_assert_eq(line.count, 12);
	wire_line_clear(&line);
}

Test(wire, every_kind_of_value_comes_back_equal)
{
	json_t *values[] = {
		json_true(),
		json_false(),
		json_integer(0),
		json_integer(INT64_MAX),
		json_integer(INT64_MIN),
		json_string("0xffffffffffffffff"),
		json_string(""),
		json_string("tab\there, \"quoted\", back\\slash, é, \xf0\x9f\x90\x98"),
		json_array(),
		json_pack("[s, s]", "one", "two words"),
	};
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		cleanup_text struct text text = TEXT_INIT;
		struct fact fact = { .key = "cpu.x", .value = values[i], .source = "CPUID.1" };
		struct wire_line line = round_trip(&text, &fact);
		cr_assert(json_equal(line.fact.value, values[i]), "%s", text_string(&text));
		cr_assert_str_eq(line.fact.source, "CPUID.1");
		cr_assert_null(line.fact.why);
		wire_line_clear(&line);
		json_decref(values[i]);
	}
}

Test(wire, every_status_comes_back)
{
	for (int status = STATUS_ABSENT; status < STATUS_COUNT; status++) {
		cleanup_text struct text text = TEXT_INIT;
		struct fact fact = { .key = "net.eth0.mac-filter",
			             .status = (enum status)status,
			             .why = "because" };
		struct wire_line line = round_trip(&text, &fact);
		cr_assert_null(line.fact.value);
		cr_assert_str_eq(line.fact.why, "because");
		cr_assert_null(line.fact.source);
		wire_line_clear(&line);
	}
}

Test(wire, exceptions_come_back)
{
	cleanup_text struct text text = TEXT_INIT;
	json_t *exceptions =
	        json_pack("[{s:s, s:s, s:b}, {s:s, s:s, s:s}]", "cpus", "2-3,5", "status",
	                  "observed", "value", 1, "cpus", "7", "status", "denied", "why", "EACCES");
	struct fact fact = { .key = "cpu.vmx", .value = json_false(), .exceptions = exceptions };
	struct wire_line line = round_trip(&text, &fact);
	cr_assert(json_equal(line.fact.exceptions, exceptions));
	wire_line_clear(&line);
	json_decref(exceptions);
}

Test(wire, an_answer_is_carried_unchanged)
{
	cleanup_text struct text text = TEXT_INIT;
	json_t *answer =
	        json_pack("{s:s, s:i, s:[s, s], s:b, s:[s]}", "status", "failed", "errno", 5,
	                  "lines", "a\x1b[31m", "b\n\tc", "truncated", 1, "numbers", "0x1");
	wire_asked(&text, "file /proc/a \"b\"\n\t", answer);
	struct wire_line line = decode(&text);
	cr_assert_eq(line.kind, WIRE_ASKED);
	cr_assert_str_eq(line.key, "file /proc/a \"b\"\n\t");
	cr_assert(json_equal(line.answer, answer));
	wire_line_clear(&line);
	text_clear(&text);
	wire_asked(&text, "file /\xff", answer);
	cr_assert_eq(text.length, 0);
	json_decref(answer);
}

Test(wire, bytes_that_are_no_text_become_question_marks)
{
	cleanup_text struct text text = TEXT_INIT;
	struct fact fact = { .key = "k", .status = STATUS_FAILED, .why = "a\x80\x1b[0m\n\xc3" };
	struct wire_line line = round_trip(&text, &fact);
	cr_assert_str_eq(line.fact.why, "a??[0m??");
	wire_line_clear(&line);
}

/* One wrong thing each. */
static const char *const refused[] = {
	"",
	" ",
	"null",
	"[]",
	"7",
	"{}",
	"{\"begin\":\"a\",\"deadline_ms\":1",
	"{\"begin\":\"a\",\"deadline_ms\":1}}",
	"{\"begin\":\"a\",\"deadline_ms\":1} x",
	"{\"begin\":\"a\",\"deadline_ms\":1}{\"done\":1}",
	"{\"begin\":\"a\"}",
	"{\"begin\":\"a\",\"deadline_ms\":0}",
	"{\"begin\":\"a\",\"deadline_ms\":-1}",
	"{\"begin\":\"a\",\"deadline_ms\":4294967296}",
	"{\"begin\":\"a\",\"deadline_ms\":1.0}",
	"{\"begin\":\"a\",\"deadline_ms\":1e3}",
	"{\"begin\":\"a\",\"deadline_ms\":\"1\"}",
	"{\"begin\":\"a\",\"deadline_ms\":1,\"x\":1}",
	"{\"begin\":\"a\",\"begin\":\"a\",\"deadline_ms\":1}",
	"{\"begin\":\"\",\"deadline_ms\":1}",
	"{\"begin\":\"A\",\"deadline_ms\":1}",
	"{\"begin\":\"../a\",\"deadline_ms\":1}",
	"{\"begin\":\"abcdefghijklmnopqrstuvwxyz012345\",\"deadline_ms\":1}",
	"{\"begin\":7,\"deadline_ms\":1}",
	"{\"begin\":\"a\\u0000b\",\"deadline_ms\":1}",
	"{\"begin\":\"a\",\"end\":\"a\",\"deadline_ms\":1}",
	"{\"end\":\"a\",\"status\":\"observed\"}",
	"{\"end\":\"a\",\"status\":\"observed\",\"us\":-1}",
	"{\"end\":\"a\",\"status\":\"observed\",\"us\":9223372036854775808}",
	"{\"end\":\"a\",\"status\":\"observed\",\"us\":1,\"why\":\"x\"}",
	"{\"end\":\"a\",\"status\":\"skipped\",\"us\":1}",
	"{\"end\":\"a\",\"status\":\"denied\",\"why\":\"x\",\"us\":1}",
	"{\"end\":\"a\",\"status\":\"OBSERVED\",\"us\":1}",
	"{\"done\":-1}",
	"{\"done\":true}",
	"{\"done\":1,\"begin\":\"a\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":null}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":1.5}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":{}}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":[1]}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":[[\"x\"]]}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":9223372036854775808}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":\"\\u001b[31m\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":\"\\ud800\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":\"\\u0000\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":\"a\xff\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":1,\"why\":\"x\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"value\":1}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"maybe\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"why\":\"a\\nb\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"source\":1}",
	"{\"probe\":\"a\",\"fact\":\"k k\",\"status\":\"denied\"}",
	"{\"probe\":\"a\",\"fact\":\"\",\"status\":\"denied\"}",
	"{\"fact\":\"k\",\"status\":\"denied\"}",
	"{\"probe\":\"a\",\"status\":\"denied\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"exceptions\":[]}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"exceptions\":{}}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"exceptions\":[1]}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"exceptions\":"
	"[{\"cpus\":\"x\",\"status\":\"denied\"}]}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"exceptions\":"
	"[{\"cpus\":\"1\",\"status\":\"observed\"}]}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"exceptions\":"
	"[{\"cpus\":\"1\",\"status\":\"denied\",\"x\":1}]}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":01}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":-}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":-0}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":-9223372036854775809}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":[\"x\",]}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":[\"x\" ,\"y\"]}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":[\"x\"",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":[",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":\"\\",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":\"\\u0041\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":\"\\n\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":\"a\tb\"}",
	"{\"fact\":\"k\",\"probe\":\"a\",\"status\":\"denied\"}",
	"{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"denied\",\"why\":\"x\",\"source\":\"s\"}",
	"{\"probe\":\"a\", \"fact\":\"k\",\"status\":\"denied\"}",
	" {\"done\":1}",
	"{\"done\":1} ",
	"{\"done\":}",
	"{\"done\":007}",
	"{\"done\":1",
	"{\"asked\":\"file /x\"}",
	"{\"asked\":\"\",\"answer\":{}}",
	"{\"asked\":\"file /x\",\"answer\":[]}",
	"{\"asked\":\"file /x\",\"answer\":{\"text\":{}}}",
	"{\"asked\":\"file /x\",\"answer\":{\"lines\":[[]]}}",
	"{\"asked\":\"file /x\",\"answer\":{},\"probe\":\"a\"}",
};

static void check_refused(const char *bytes, size_t length)
{
	struct wire_line line;
	struct error err = ERROR_INIT;
	cr_assert_eq(wire_decode(bytes, length, &line, &err), -1, "accepted: %s", bytes);
	cr_assert_eq(err.code, ERROR_BAD_INPUT);
	cr_assert_null(line.strings);
}

Test(wire, anything_else_is_refused)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		check_refused(refused[i], strlen(refused[i]));
	check_refused("{\"done\":1}\0", 11);
	check_refused("{\"done\"\0:1}", 11);
}

Test(wire, depth_is_no_way_in)
{
	cleanup_text struct text text = TEXT_INIT;
	text_add(&text, "{\"probe\":\"a\",\"fact\":\"k\",\"status\":\"observed\",\"value\":");
	for (int i = 0; i < 60000; i++)
		text_add(&text, "[");
	check_refused(text.data, text.length);
	text_clear(&text);
	text_add(&text, "{\"asked\":\"k\",\"answer\":{\"lines\":");
	for (int i = 0; i < 1000; i++)
		text_add(&text, "[");
	for (int i = 0; i < 1000; i++)
		text_add(&text, "]");
	text_add(&text, "}}");
	check_refused(text.data, text.length);
}

Test(wire, limits_hold_to_the_byte)
{
	for (size_t length = 1023; length <= 1025; length++) {
		char why[1026];
		memset(why, 'x', length);
		why[length] = '\0';
		cleanup_text struct text text = TEXT_INIT;
		struct fact fact = { .key = "k", .status = STATUS_FAILED, .why = why };
		wire_fact(&text, "p", &fact);
		struct wire_line line;
		int result = wire_decode(text.data, text.length - 1, &line, NULL);
		cr_assert_eq(result, length <= 1024 ? 0 : -1, "%zu", length);
		wire_line_clear(&line);
	}
	cr_assert(wire_is_id("abcdefghijklmnopqrstuvwxyz01234"));
	cr_assert_not(wire_is_id("abcdefghijklmnopqrstuvwxyz012345"));
}
