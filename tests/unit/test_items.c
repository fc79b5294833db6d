/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From findings to what a person is told: grouped by cause, worst first. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "report/items.h"
#include "tests/lib/made_facts.h"

#define VIRT "l0.virt-not-exposed"
#define SLAT "l0.slat-not-exposed"

static const struct requirement requirements[] = {
	{ .id = "cpu.slat", .severity = SEVERITY_RECOMMENDED },
	{ .id = "kvm.device", .severity = SEVERITY_REQUIRED },
	{ .id = "l2.long-mode", .severity = SEVERITY_REQUIRED, .may_skip = true },
	{ .id = "cpu.extension", .severity = SEVERITY_REQUIRED },
	{ .id = "cpu.count", .severity = SEVERITY_INFORMATIONAL },
	{ .id = "net.mac-filter", .severity = SEVERITY_RECOMMENDED },
};

#define COUNT 6

static struct finding findings[COUNT];
static struct item *items;
static size_t count;

static void collect(void)
{
	const struct judgment judgment = { .findings = findings, .finding_count = COUNT };
	cr_assert_eq(items_collect(&judgment, NULL, NULL, NULL, &items, &count), 0);
}

static void all_pass(void)
{
	for (size_t i = 0; i < COUNT; i++)
		findings[i] = (struct finding){ &requirements[i], OUTCOME_PASS, NULL, NULL, false };
}

static void end(void)
{
	free(items);
}

TestSuite(items, .init = all_pass, .fini = end);

Test(items, nothing_to_tell_when_all_is_well)
{
	collect();
	cr_assert_eq(count, 0);
}

Test(items, one_cause_is_one_item_whatever_the_severities)
{
	findings[0] = (struct finding){ &requirements[0], OUTCOME_FAIL, VIRT, NULL, false };
	findings[1] = (struct finding){ &requirements[1], OUTCOME_FAIL, VIRT, NULL, false };
	findings[3] = (struct finding){ &requirements[3], OUTCOME_FAIL, VIRT, NULL, false };
	collect();
	cr_assert_eq(count, 1);
	cr_assert_eq(items[0].kind, ITEM_STOPS);
	cr_assert_eq(items[0].finding_count, 3);
	cr_assert_str_eq(items[0].gap_id, VIRT);
	cr_assert_not_null(items[0].remedy, "one that holds anywhere");
}

Test(items, no_command_where_the_kernel_keeps_registers_shut)
{
	static const char *const facts[] = { "{\"msr.locked-down\": true}",
		                             "{\"msr.locked-down\": false}", "{}" };
	static const struct requirement controls = { .id = "cpu.controls",
		                                     .severity = SEVERITY_REQUIRED };
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		struct fact_set *known = made_facts(facts[i]);
		findings[0] = (struct finding){ &controls, OUTCOME_UNKNOWN, NULL, "denied", false };
		const struct judgment judgment = { .findings = findings, .finding_count = COUNT };
		cr_assert_eq(items_collect(&judgment, NULL, known, NULL, &items, &count), 0);
		cr_assert_eq(count, 1);
		cr_expect_eq(items[0].settle == NULL, i == 0);
		cr_expect_eq(items[0].otherwise != NULL, i == 0);
		free(items);
		items = NULL;
		fact_set_free(known);
	}
}

Test(items, no_command_for_a_machine_that_another_program_recorded)
{
	struct fact_set *known = made_facts("{\"snapshot.imported\": \"systeminfo\"}");
	findings[1] = (struct finding){ &requirements[1], OUTCOME_UNKNOWN, NULL, "denied", false };
	const struct judgment judgment = { .findings = findings, .finding_count = COUNT };
	cr_assert_eq(items_collect(&judgment, NULL, known, NULL, &items, &count), 0);
	cr_assert_eq(count, 1);
	cr_expect_null(items[0].settle);
	cr_expect_not_null(strstr(items[0].otherwise, "boot image"));
	fact_set_free(known);
}

Test(items, worst_first)
{
	findings[0] = (struct finding){ &requirements[0], OUTCOME_FAIL, SLAT, NULL, false };
	findings[1] = (struct finding){ &requirements[1], OUTCOME_UNKNOWN, NULL, "denied", false };
	findings[3] = (struct finding){ &requirements[3], OUTCOME_FAIL, VIRT, NULL, false };
	collect();
	cr_assert_eq(count, 3);
	cr_assert_eq(items[0].kind, ITEM_STOPS);
	cr_assert_eq(items[1].kind, ITEM_UNSETTLED);
	cr_assert_eq(items[2].kind, ITEM_LACKS);
}

Test(items, what_one_command_settles_is_one_item)
{
	findings[1] = (struct finding){ &requirements[1], OUTCOME_UNKNOWN, NULL, "denied", false };
	findings[2] =
	        (struct finding){ &requirements[2], OUTCOME_UNKNOWN, NULL, "also denied", false };
	collect();
	cr_assert_eq(count, 1);
	cr_assert_eq(items[0].finding_count, 2);
	cr_assert_str_eq(items[0].settle, "sudo nestready");
}

Test(items, what_may_be_skipped_holds_nothing_up)
{
	findings[2] =
	        (struct finding){ &requirements[2], OUTCOME_NOT_CHECKED, NULL, "passive", false };
	collect();
	cr_assert_eq(count, 1);
	cr_assert_eq(items[0].kind, ITEM_OPEN);
}

Test(items, no_command_settles_it_no_item)
{
	findings[4] = (struct finding){ &requirements[4], OUTCOME_FAIL, NULL, NULL, false };
	findings[5] = (struct finding){ &requirements[5], OUTCOME_NOT_CHECKED, NULL, "nobody can",
		                        false };
	collect();
	cr_assert_eq(count, 0);
}

Test(items, the_tool_that_is_preferred)
{
	const struct platform *kvm = knowledge_platform("kvm-libvirt");
	const struct judgment judgment = { .findings = findings, .finding_count = COUNT };
	findings[3] = (struct finding){ &requirements[3], OUTCOME_FAIL, VIRT, NULL, false };
	const struct platform_gap *closing = knowledge_platform_gap(kvm, VIRT, NULL);
	for (size_t i = 0; i < closing->remedy_count; i++) {
		const char *tool = closing->remedies[i].tool;
		cr_assert_eq(items_collect(&judgment, kvm, NULL, tool, &items, &count), 0);
		cr_expect_str_eq(items[0].remedy->tool, tool);
		free(items);
	}
	cr_assert_eq(items_collect(&judgment, kvm, NULL, "no-such-tool", &items, &count), 0);
	cr_expect_eq(items[0].remedy, &closing->remedies[0]);
}

Test(items, first_of_all_what_cannot_be_mended)
{
	static const struct requirement model = { .id = "net.adapter-model",
		                                  .severity = SEVERITY_REQUIRED };
	const struct platform *platform = knowledge_platform("firecracker");
	const struct judgment judgment = { .findings = findings, .finding_count = COUNT };
	cr_assert_eq(knowledge_platform_gap(platform, "l0.adapter-model", NULL)->remedy_count, 0);
	findings[1] = (struct finding){ &requirements[1], OUTCOME_FAIL, VIRT, NULL, false };
	findings[2] = (struct finding){ &requirements[2], OUTCOME_ERROR, NULL, "broken", false };
	findings[3] = (struct finding){ &model, OUTCOME_FAIL, "l0.adapter-model", NULL, false };
	cr_assert_eq(items_collect(&judgment, platform, NULL, NULL, &items, &count), 0);
	cr_assert_eq(count, 3);
	cr_expect_str_eq(items[0].gap_id, "l0.adapter-model");
	cr_expect_null(items[0].remedy);
	cr_expect_str_eq(items[1].gap_id, VIRT);
	cr_expect_eq(items[2].kind, ITEM_UNSETTLED);
}

Test(items, titles)
{
	const struct judgment judgment = { .findings = findings, .finding_count = COUNT };
	cleanup_text struct text title = TEXT_INIT;
	findings[1] = (struct finding){ &requirements[1], OUTCOME_UNKNOWN, NULL, "denied", false };
	findings[2] = (struct finding){ &requirements[2], OUTCOME_UNKNOWN, NULL, "denied", false };
	findings[3] = (struct finding){ &requirements[3], OUTCOME_FAIL, VIRT, NULL, false };
	collect();
	item_title(&items[0], &judgment, &title);
	cr_expect_str_eq(text_string(&title), knowledge_gap(VIRT)->title);
	text_clear(&title);
	item_title(&items[1], &judgment, &title);
	cr_expect_str_eq(text_string(&title), "not known: kvm.device, l2.long-mode");
}
