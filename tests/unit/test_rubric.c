/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rubrics: what is taken, and where one is wrong. */
#include <criterion/criterion.h>
#include <string.h>

#include "collector/rubric.h"

#define HEAD         "{\"schema\":\"nestready.rubric/1\",\"title\":\"t\",\"attempts\":\"best\","
#define TARGETS      "\"targets\":[\"kvm\",\"proxmox\"],"
#define ITEMS(items) HEAD TARGETS "\"items\":[" items "]}"
#define GOOD         "{\"id\":\"a\",\"finding\":\"cpu.extension\",\"points\":1}"

static json_t *read_rubric(const char *text, struct error *err)
{
	*err = (struct error)ERROR_INIT;
	return rubric_read(text, strlen(text), err);
}

Test(rubric, what_an_item_does_not_say_the_rubric_says)
{
	struct error err;
	json_t *rubric = read_rubric(
	        HEAD TARGETS
	        "\"deadline\":\"1970-01-01T00:00:01Z\",\"late_percent\":50,\"items\":[" GOOD
	        ",{\"id\":\"b\",\"target\":\"proxmox\",\"verdict\":\"ready\",\"title\":\"T\","
	        "\"points\":2,\"deadline\":\"1970-01-01T00:00:02Z\",\"late_percent\":0}]}",
	        &err);
	cr_assert_not_null(rubric, "%s", err.message);
	const json_t *a = rubric_item(rubric, "a"), *b = rubric_item(rubric, "b");
	cr_assert_null(rubric_item(rubric, "c"));
	cr_assert_str_eq(rubric_target(rubric, a), "kvm");
	cr_assert_str_eq(rubric_target(rubric, b), "proxmox");
	cr_assert_eq(rubric_deadline(rubric, a), 1000);
	cr_assert_eq(rubric_deadline(rubric, b), 2000);
	cr_assert_eq(rubric_late_percent(rubric, a), 50);
	cr_assert_eq(rubric_late_percent(rubric, b), 0);
	cr_assert_str_eq(rubric_title(b), "T");
	cr_assert_gt(strlen(rubric_title(a)), 5);
	json_decref(rubric);
}

Test(rubric, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "{", "line 1, column 1: " },
		{ "[]", "top: expected an object" },
		{ HEAD TARGETS "\"items\":[]}", "items: expected 1 to 200" },
		{ HEAD "\"targets\":[],\"items\":[" GOOD "]}", "targets: expected one at least" },
		{ HEAD "\"targets\":[\"vax\"],\"items\":[" GOOD "]}",
		  "targets: expected ids of targets (`nestready targets`), found vax" },
		{ ITEMS("{\"id\":\"a\",\"points\":1}"),
		  "items[0] (a): expected one of finding and verdict" },
		{ ITEMS("{\"id\":\"a\",\"points\":1,\"verdict\":\"ready\","
		        "\"finding\":\"cpu.extension\"}"),
		  "items[0] (a): expected one of finding and verdict" },
		{ ITEMS(GOOD "," GOOD), "items[1] (a): its id is there twice" },
		{ ITEMS("{\"id\":\"a\",\"points\":1,\"finding\":\"cpu.extnsion\"}"),
		  "items[0] (a): expected a finding (`nestready explain ID`), found cpu.extnsion" },
		{ ITEMS("{\"id\":\"a\",\"points\":1,\"finding\":\"cpu.maker\"}"),
		  "items[0] (a): kvm does not ask for cpu.maker" },
		{ ITEMS("{\"id\":\"a\",\"points\":-1,\"verdict\":\"ready\"}"),
		  "items[0].points: expected a number that is not negative" },
		{ ITEMS("{\"id\":\"a\",\"points\":10001,\"verdict\":\"ready\"}"),
		  "items[0] (a): points: expected at most 10000" },
		{ ITEMS("{\"id\":\"a\",\"points\":1,\"verdict\":\"ready\",\"target\":\"xen\"}"),
		  "items[0] (a): expected a target of the list targets, found xen" },
		{ ITEMS("{\"id\":\"a\",\"points\":1,\"verdict\":\"ready\",\"late_percent\":101}"),
		  "items[0] (a): late_percent: expected 0 to 100" },
		{ ITEMS("{\"id\":\"a\",\"points\":1,\"verdict\":\"ready\","
		        "\"deadline\":\"2026-02-30T00:00:00Z\"}"),
		  "items[0] (a): expected a moment since 1970, found 2026-02-30T00:00:00Z" },
		{ ITEMS("{\"id\":\"a\",\"points\":1,\"verdict\":\"ready\","
		        "\"when\":{\"platform\":[\"vmware\"]}}"),
		  "items[0] (a): expected ids of platforms (`nestready platforms`), found vmware" },
		{ ITEMS("{\"id\":\"a\",\"points\":1,\"verdict\":\"ready\",\"excused\":{}}"),
		  "items[0].excused: expected a member platform" },
		{ ITEMS("{\"id\":\"a\",\"points\":1,\"verdict\":\"ready\",\"pionts\":1}"),
		  "items[0].pionts: expected no such member" },
		{ HEAD TARGETS "\"items\":[{\"id\":\"a\",\"verdict\":\"redy\",\"points\":1}]}",
		  "items[0].verdict: expected one of ready, degraded, found redy" },
		{ HEAD TARGETS "\"items\":[{\"id\":\"A\",\"verdict\":\"ready\",\"points\":1}]}",
		  "items[0].id: expected text like a-1, of a-z, 0-9 and single - or ., found A" },
		{ HEAD TARGETS "\"deadline\":\"2026-12-01\",\"items\":[" GOOD "]}",
		  "deadline: expected text like 2026-12-01T22:59:59Z (UTC), found 2026-12-01" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct error err;
		json_t *rubric = read_rubric(rows[i].text, &err);
		cr_assert_null(rubric, "%s", rows[i].text);
		cr_assert_eq(err.code, ERROR_BAD_INPUT);
		cr_assert_eq(strncmp(err.message, rows[i].message, strlen(rows[i].message)), 0,
		             "%s\n%s", err.message, rows[i].message);
	}
}
