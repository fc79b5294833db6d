/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Marks: each state with its reason, late ones, excused ones, several attempts, by hand. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "collector/grade.h"

#define FINDING(id, outcome) "\"" id "\":\"" outcome "\""
#define FAILED(id, gap)                                                                            \
	"\"" id "\":{\"outcome\":\"fail\",\"severity\":\"recommended\",\"gap\":\"" gap             \
	"\",\"why\":\"it fails\",\"fix\":{\"tool\":\"govc\",\"steps\":[\"do it\"]}}"

static json_t *parse(const char *text)
{
	json_error_t at;
	json_t *json = json_loads(text, 0, &at);
	cr_assert_not_null(json, "%s: %s", at.text, text);
	return json;
}

/* A rubric of one target; `items` is the inside of its array. */
static json_t *rubric(const char *attempts, const char *items)
{
	cleanup_text struct text text = TEXT_INIT;
	text_printf(&text,
	            "{\"title\":\"t\",\"targets\":[\"kvm\"],\"attempts\":\"%s\","
	            "\"deadline\":\"1970-01-01T00:00:10Z\",\"late_percent\":33,\"items\":[%s]}",
	            attempts, items);
	return parse(text_string(&text));
}

static json_t *attempt(int received, const char *platform, const char *verdict,
                       const char *findings)
{
	cleanup_text struct text text = TEXT_INIT;
	text_printf(&text,
	            "{\"report\":\"r%d\",\"time\":%d,\"received\":%d,\"guest\":\"g\","
	            "\"platform\":\"%s\",\"target\":\"kvm\",\"verdict\":\"%s\",\"findings\":{%s}}",
	            received, received - 1, received, platform, verdict, findings);
	return parse(text_string(&text));
}

/* "POINTS/POSSIBLE STATE POINTS/POSSIBLE REASON;..." of what grade says; takes its arguments over.
 */
static void expect_marks(json_t *marks_of, json_t *attempts, json_t *overrides,
                         const char *expected)
{
	cleanup_text struct text seen = TEXT_INIT;
	json_t *made = grade(marks_of, attempts, overrides);
	json_t *again = grade(marks_of, attempts, overrides);
	cr_assert(json_equal(made, again));
	text_printf(&seen, "%g/%g", json_number_value(json_object_get(made, "points")),
	            json_number_value(json_object_get(made, "possible")));
	const json_t *items = json_object_get(made, "items");
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		text_printf(&seen, "; %s %g/%g %s",
		            json_string_value(json_object_get(item, "state")),
		            json_number_value(json_object_get(item, "points")),
		            json_number_value(json_object_get(item, "possible")),
		            json_string_value(json_object_get(item, "reason")));
	}
	cr_assert_str_eq(text_string(&seen), expected);
	json_decref(made);
	json_decref(again);
	json_decref(marks_of);
	json_decref(attempts);
	json_decref(overrides);
}

#define ITEM "{\"id\":\"a\",\"finding\":\"net.mac-filter\",\"points\":10}"

static void expect_one(const char *item, json_t *made, const char *expected)
{
	expect_marks(rubric("best", item), json_pack("[o]", made), NULL, expected);
}

Test(grade, each_outcome_is_a_state_with_its_reason)
{
	expect_one(ITEM, attempt(1000, "vmware-esxi", "ready", FINDING("net.mac-filter", "pass")),
	           "10/10; met 10/10 ");
	expect_one(ITEM,
	           attempt(1000, "vmware-esxi", "degraded",
	                   FAILED("net.mac-filter", "l0.mac-filtered")),
	           "0/10; not-met 0/10 it fails");
	expect_one(ITEM, attempt(1000, "", "ready", ""),
	           "0/10; unknown 0/10 the report does not say");
	expect_one(ITEM,
	           attempt(1000, "", "ready",
	                   "\"net.mac-filter\":{\"outcome\":\"not-checked\",\"why\":\"no root\"}"),
	           "0/10; unknown 0/10 no root");
	expect_one(ITEM,
	           attempt(1000, "", "ready",
	                   "\"net.mac-filter\":{\"outcome\":\"not-applicable\",\"why\":\"none\"}"),
	           "0/0; excused 0/0 none");
	expect_marks(rubric("last", ITEM), json_array(), NULL,
	             "0/10; not-received 0/10 no report for kvm was received");
}

Test(grade, what_another_finding_proved_is_met)
{
	static const char item[] = "{\"id\":\"a\",\"finding\":\"cpu.extension\",\"points\":4}";
	static const char why[] =
	        "\"cpu.extension\":{\"outcome\":\"not-applicable\","
	        "\"why\":\"l2.long-mode passed: A 64-bit VM really runs\"},\"l2.long-mode\":{"
	        "\"outcome\":\"%s\"}";
	for (int passed = 0; passed < 2; passed++) {
		cleanup_text struct text findings = TEXT_INIT;
		text_add(&findings, "");
		text_add_bytes(&findings, why, (size_t)(strstr(why, "%s") - why));
		text_add(&findings, passed ? "pass\"}" : "fail\"}");
		expect_one(
		        item, attempt(1000, "", "ready", text_string(&findings)),
		        passed ? "4/4; met 4/4 l2.long-mode passed: A 64-bit VM really runs"
		               : "0/0; excused 0/0 l2.long-mode passed: A 64-bit VM really runs");
	}
}

Test(grade, what_the_platform_makes_impossible_costs_nothing)
{
	const char *failed = FAILED("net.mac-filter", "net.use-nat");
	expect_one(ITEM, attempt(1000, "azure", "degraded", failed),
	           "0/0; excused 0/0 impossible on azure: it fails");
	expect_one(ITEM, attempt(1000, "vmware-esxi", "degraded", failed),
	           "0/10; not-met 0/10 it fails");
	static const char ready[] = "{\"id\":\"a\",\"verdict\":\"ready\",\"points\":10}";
	expect_one(ready, attempt(1000, "azure", "degraded", failed),
	           "10/10; met 10/10 degraded by nothing but what is impossible on azure");
	expect_one(ready, attempt(1000, "vmware-esxi", "degraded", failed),
	           "0/10; not-met 0/10 degraded: it fails");
	expect_one("{\"id\":\"a\",\"verdict\":\"degraded\",\"points\":10}",
	           attempt(1000, "vmware-esxi", "degraded", failed), "10/10; met 10/10 ");
	expect_one(ready, attempt(1000, "", "indeterminate", ""),
	           "0/10; unknown 0/10 the report could not tell");
}

Test(grade, an_item_may_be_for_some_platforms_only)
{
	static const char item[] = "{\"id\":\"a\",\"finding\":\"net.mac-filter\",\"points\":10,"
	                           "\"when\":{\"platform\":[\"vmware-esxi\"]}}";
	static const char other[] = "{\"id\":\"a\",\"finding\":\"net.mac-filter\",\"points\":10,"
	                            "\"excused\":{\"platform\":[\"bhyve\"],\"note\":\"no time\"}}";
	const char *pass = FINDING("net.mac-filter", "pass");
	expect_one(item, attempt(1000, "vmware-esxi", "ready", pass), "10/10; met 10/10 ");
	expect_one(item, attempt(1000, "hyperv", "ready", pass),
	           "0/0; excused 0/0 not asked for on hyperv");
	expect_one(item, attempt(1000, "", "ready", pass),
	           "0/0; excused 0/0 not asked for on an unknown platform");
	expect_one(other, attempt(1000, "bhyve", "ready", pass),
	           "0/0; excused 0/0 excused on bhyve: no time");
}

Test(grade, a_late_report_is_worth_what_the_rubric_says)
{
	const char *pass = FINDING("net.mac-filter", "pass");
	expect_one(ITEM, attempt(10000, "", "ready", pass), "10/10; met 10/10 ");
	expect_one(ITEM, attempt(10001, "", "ready", pass),
	           "3.3/10; late 3.3/10 received after 1970-01-01T00:00:10Z: 33% of the points; "
	           "the guest's clock says that it was made before");
	expect_one(ITEM, attempt(10002, "", "ready", pass),
	           "3.3/10; late 3.3/10 received after 1970-01-01T00:00:10Z: 33% of the points");
}

Test(grade, of_several_attempts_the_best_or_the_last)
{
	const char *pass = FINDING("net.mac-filter", "pass");
	const char *fail = FAILED("net.mac-filter", "l0.mac-filtered");
	for (int best = 0; best < 2; best++) {
		json_t *attempts = json_pack("[o, o, o]", attempt(3000, "", "ready", fail),
		                             attempt(2000, "", "ready", pass),
		                             attempt(1000, "", "ready", fail));
		expect_marks(rubric(best ? "best" : "last", ITEM), attempts, NULL,
		             best ? "10/10; met 10/10 " : "0/10; not-met 0/10 it fails");
	}
	/* Once on another platform excuses nobody from what is possible here. */
	json_t *attempts = json_pack(
	        "[o, o]", attempt(1000, "azure", "ready", FAILED("net.mac-filter", "net.use-nat")),
	        attempt(2000, "vmware-esxi", "ready", fail));
	expect_marks(rubric("best", ITEM), attempts, NULL, "0/10; not-met 0/10 it fails");
}

/* What one attempt after the other adds is what all of them come to. */
static void expect_same_sum(const char *which)
{
	static const char *const findings[] = { "", FINDING("net.mac-filter", "pass"),
		                                FAILED("net.mac-filter", "net.use-nat"),
		                                FAILED("net.mac-filter", "l0.mac-filtered") };
	static const char *const platforms[] = { "azure", "vmware-esxi" };
	static const char *const verdicts[] = { "ready", "degraded", "not-ready" };
	json_t *marks_of = rubric(which, ITEM ",{\"id\":\"b\",\"verdict\":\"ready\",\"points\":7}");
	json_t *overrides = parse("{\"b\":{\"points\":150,\"note\":\"n\"}}");
	json_t *all = json_array(), *counts = NULL;
	unsigned draw = 1;
	for (int i = 0; i < 200; i++) {
		draw = draw * 1103515245 + 12345;
		json_t *one = attempt(9900 + i, platforms[draw >> 16 & 1],
		                      verdicts[(draw >> 18) % 3], findings[draw >> 22 & 3]);
		json_t *alone = json_pack("[O]", one);
		json_t *next = grade_counts(marks_of, alone, counts);
		json_decref(counts);
		counts = next;
		json_array_append_new(all, one);
		json_t *at_once = grade_counts(marks_of, all, NULL);
		cr_assert(json_equal(counts, at_once), "after %d", i);
		json_t *sum = grade_sum(marks_of, counts, i % 2 == 0 ? overrides : NULL);
		json_t *marks = grade(marks_of, all, i % 2 == 0 ? overrides : NULL);
		cr_assert(json_equal(json_object_get(sum, "points"),
		                     json_object_get(marks, "points")));
		json_decref(alone);
		json_decref(at_once);
		json_decref(sum);
		json_decref(marks);
	}
	json_decref(marks_of);
	json_decref(overrides);
	json_decref(all);
	json_decref(counts);
}

Test(grade, what_counts_is_added_to_one_attempt_at_a_time)
{
	expect_same_sum("best");
	expect_same_sum("last");
}

Test(grade, what_a_grader_set_counts)
{
	static const struct {
		const char *override, *expected;
	} rows[] = {
		{ "{\"a\":{\"points\":750,\"note\":\"saw it\"}}",
		  "7.5/10; met 7.5/10 set by hand: saw it" },
		{ "{\"a\":{\"points\":0,\"note\":\"copied\"}}",
		  "0/10; not-met 0/10 set by hand: copied" },
		{ "{\"a\":{\"excused\":true,\"note\":\"ill\"}}",
		  "0/0; excused 0/0 set by hand: ill" },
		{ "{\"b\":{\"points\":0,\"note\":\"?\"}}", "10/10; met 10/10 " },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		json_t *one = attempt(1000, "", "ready", FINDING("net.mac-filter", "pass"));
		expect_marks(rubric("best", ITEM), json_pack("[o]", one), parse(rows[i].override),
		             rows[i].expected);
	}
}
