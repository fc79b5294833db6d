/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports read in one pass and by way of a tree: the same is taken, and the same is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake.h"
#include "collector/scan.h"

/* clang-format off */
static const char whole[] =
	"{ \"schema\":\"nestready.report/1\", \"id\":\"01a1f97f-5e43-74c1-bf6d-e158365fef0f\","
	"\"time\":\"2026-01-02T03:04:05.678Z\",\"agent\":{\"version\":\"1.0\"},"
	"\"guest\":{\"hostname\":\"g\\u00e9\\ud83d\\ude00\",\"system_uuid\":\"u-\xc3\xa9\"},"
	"\"platform\":{\"id\":\"vmware-esxi\",\"version\":-17,\"evidence\":[\"a\\\"b\",\"\"]},"
	"\"target\":{\"id\":\"kvm\",\"title\":\"KVM\"},\"verdict\":\"ready\",\"basis\":\"proven\","
	"\"not_proven\":[],\"others\":[],\"probes\":[{\"id\":\"p\",\"status\":\"absent\",\"duration_us\":12}],"
	"\"facts\":{\"cpu.name\":{\"status\":\"observed\",\"value\":\"Xe\\ton\"},"
	"\"os.kernel\":{\"status\":\"observed\",\"value\":[\"6.1\"]},"
	"\"xen.version\":{\"status\":\"observed\",\"value\":true}},"
	"\"findings\":[{\"id\":\"l2.runs\",\"outcome\":\"fail\",\"severity\":\"required\",\"group\":\"cpu\","
	"\"title\":\"t\",\"why\":\"w\",\"evidence\":[],\"gap\":\"l0.virt-not-exposed\",\"remedies\":[]},"
	"{\"id\":\"cpu.flags\",\"outcome\":\"pass\",\"severity\":\"required\",\"group\":\"cpu\","
	"\"title\":\"t\",\"why\":\"w\",\"evidence\":[]}],"
	"\"newer\":{\"a\":[{\"b\":null,\"c\":{}},123456789012345678,\"\\/\\b\\f\\n\\r\\t\"]} }\n";
/* clang-format on */

typedef int (*reader)(char *body, size_t length, const char *lab, struct intake *intake,
                      bool *well_formed, struct error *err);

struct outcome {
	int status;
	bool well_formed;
	struct error err;
	struct intake intake;
};

static void read_by(reader read, const char *bytes, size_t length, struct outcome *outcome)
{
	char *body = malloc(length + 1);
	memcpy(body, bytes, length);
	*outcome = (struct outcome){ .err = ERROR_INIT };
	outcome->status =
	        read(body, length, "lab", &outcome->intake, &outcome->well_formed, &outcome->err);
}

static void expect_equal(const struct intake *a, const struct intake *b)
{
	cr_assert_str_eq(a->id, b->id);
	cr_assert_str_eq(a->guest, b->guest);
	cr_assert_str_eq(a->name, b->name);
	cr_assert_str_eq(a->hostname, b->hostname);
	cr_assert_str_eq(a->platform, b->platform);
	cr_assert_str_eq(a->target, b->target);
	cr_assert_str_eq(a->verdict, b->verdict);
	cr_assert_str_eq(a->basis, b->basis);
	cr_assert_str_eq(a->agent, b->agent);
	cr_assert_eq(a->time_ms, b->time_ms);
	cr_assert_str_eq(text_string(&a->profile), text_string(&b->profile));
	cr_assert_str_eq(text_string(&a->traits), text_string(&b->traits));
	cr_assert(json_equal(a->said, b->said));
}

/* True when it was taken. */
static bool same(const char *bytes, size_t length)
{
	struct outcome pass, tree;
	read_by(intake_read, bytes, length, &pass);
	read_by(intake_read_tree, bytes, length, &tree);
	cr_assert_eq(pass.status, tree.status, "%.*s", (int)length, bytes);
	cr_assert_eq(pass.well_formed, tree.well_formed, "%.*s", (int)length, bytes);
	cr_assert_str_eq(pass.err.message, tree.err.message);
	if (pass.status == 0) {
		expect_equal(&pass.intake, &tree.intake);
		intake_clear(&pass.intake);
		intake_clear(&tree.intake);
	}
	return pass.status == 0;
}

static bool in_one_pass(const char *bytes, size_t length)
{
	struct gist gist;
	bool fits = scan_report(shape_report, bytes, length, INTAKE_DEPTH_MAX, &gist);
	gist_clear(&gist);
	return fits;
}

Test(scan, a_whole_report_needs_no_tree)
{
	cr_assert(in_one_pass(whole, strlen(whole)));
	cr_assert(same(whole, strlen(whole)));
	struct outcome pass;
	read_by(intake_read, whole, strlen(whole), &pass);
	cr_assert_str_eq(pass.intake.hostname, "g\xc3\xa9\xf0\x9f\x98\x80");
	cr_assert_str_eq(text_string(&pass.intake.traits), "vmware-esxi\n-17\nXe on\n\n\n");
	cr_assert_str_eq(text_string(&pass.intake.profile),
	                 "cpu.flags pass required -\nl2.runs fail required l0.virt-not-exposed\n");
	intake_clear(&pass.intake);
}

/* Whatever stands in place of one thing: what is taken in one pass, a tree takes too. */
Test(scan, one_thing_in_place_of_another)
{
	static const char *const values[] = {
		"null",
		"true",
		"tru",
		"-0",
		"0",
		"01",
		"-1",
		"1.5",
		"1e999",
		"1e5",
		"\"\"",
		"\"x\"",
		"\"\\u0000\"",
		"\"\\ud800\"",
		"\"\\udc00\\ud800\"",
		"\"\\u12\"",
		"\"\x01\"",
		"\"\x7f\"",
		"\"\xff\"",
		"\"\xed\xa0\x80\"",
		"\"\xc0\x80\"",
		"\"\xf4\x90\x80\x80\"",
		"{}",
		"[]",
		"[[]]",
		"{\"a\":1,\"a\":2}",
		"{\"a\":1,\"\\u0061\":2}",
		"{\"a\":1,}",
		"[1,]",
		"+1",
		"99999999999999999999",
		"9223372036854775807",
		"-9223372036854775808",
		"nul",
		"\"a",
	};
	size_t taken = 0, refused = 0;
	for (const char *colon = whole; (colon = strchr(colon, ':')) != NULL; colon++) {
		size_t end = strcspn(colon, ",}]");
		for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
			char changed[4096];
			int length = snprintf(changed, sizeof changed, "%.*s:%s%s",
			                      (int)(colon - whole), whole, values[i], colon + end);
			bool fits = same(changed, (size_t)length);
			taken += fits;
			refused += !fits;
		}
	}
	cr_assert(taken > 40 && refused > 500, "%zu %zu", taken, refused);
}

/* Bytes changed, taken away and put in; the same every time. */
Test(scan, anything_may_happen_to_bytes)
{
	static const char alphabet[] = "{}[],:\"\\u0019ae-+.tfn \n\x01\x80\xc3\xa9\xff";
	unsigned long seed = 6;
	size_t taken = 0;
	for (int round = 0; round < 20000; round++) {
		char changed[sizeof whole + 16];
		size_t length = strlen(whole);
		memcpy(changed, whole, length);
		for (int change = 0; change < 1 + round % 3; change++) {
			seed = seed * 6364136223846793005ul + 1442695040888963407ul;
			size_t at = (seed >> 33) % length;
			char with = alphabet[(seed >> 20) % (sizeof alphabet - 1)];
			bool more = (seed >> 17 & 1) != 0, less = (seed >> 18 & 1) != 0;
			if (more)
				memmove(changed + at + 1, changed + at, length++ - at);
			if (less && !more)
				memmove(changed + at, changed + at + 1, --length - at);
			else
				changed[at] = with;
		}
		taken += same(changed, length);
	}
	cr_assert(taken > 1000);
}

/* Keys of an open object are told apart, however many there are. */
Test(scan, a_key_twice_among_many)
{
	for (int twice = 0; twice < 2; twice++) {
		cleanup_text struct text body = TEXT_INIT;
		text_add_bytes(&body, whole, strlen(whole) - 3);
		text_add(&body, ",\"many\":{\"k0\":1");
		for (int i = 1; i < 3000; i++)
			text_printf(&body, ",\"k%d\":1", twice && i == 2999 ? 77 : i);
		text_add(&body, "}}");
		cr_assert_eq(same(body.data, body.length), !twice);
		cr_assert_eq(in_one_pass(body.data, body.length), !twice);
	}
}

Test(scan, as_deep_as_a_tree_may_be)
{
	for (int depth = 28; depth < 36; depth++) {
		cleanup_text struct text body = TEXT_INIT;
		text_add_bytes(&body, whole, strlen(whole) - 3);
		text_add(&body, ",\"deep\":");
		for (int i = 0; i < depth; i++)
			text_add(&body, "[");
		for (int i = 0; i < depth; i++)
			text_add(&body, "]");
		text_add(&body, "}");
		cr_assert_eq(same(body.data, body.length), depth < INTAKE_DEPTH_MAX);
		cr_assert_eq(in_one_pass(body.data, body.length), depth < INTAKE_DEPTH_MAX);
	}
}
