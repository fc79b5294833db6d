/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the L2 probe makes of the machine's answers, right, wrong and missing. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "tests/lib/fake_machine.h"

extern const struct probe probe_l2;

static const char *const proven[] = { "l2.real-mode", "l2.long-mode", "l2.nested-fault" };

#define PROVEN (sizeof proven / sizeof *proven)

/* One stage's answer; `error` 1 spoils the result. */
static void fake_stage(struct fake_machine *fake, const char *cpu, enum l2_stage stage,
                       uint64_t error)
{
	char key[64];
	uint64_t nonce = 0xdeadbeef + (uint64_t)stage;
	snprintf(key, sizeof key, "l2 %s %s", cpu, l2_stage_name(stage));
	fake_numbers(fake, key, L2_NUMBERS, nonce, l2_transform(stage, nonce) ^ error, UINT64_C(5),
	             UINT64_C(0), UINT64_C(13000), UINT64_C(32));
}

static void fake_stages(struct fake_machine *fake, const char *cpu)
{
	for (int stage = 0; stage < L2_EXIT_COST; stage++)
		fake_stage(fake, cpu, (enum l2_stage)stage, 0);
}

static void fake_signature(struct fake_machine *fake, const char *text)
{
	uint32_t part[3];
	memcpy(part, text, sizeof part);
	fake_cpuid(fake, 0, 1, 0, 0, 0, UINT32_C(1) << 31, 0);
	fake_open_world(fake);
	fake_cpuid(fake, 0, 0x40000000, 0, 0x40000001, part[0], part[1], part[2]);
}

/* A machine on which everything is right. */
static struct fake_machine *fake_good(void)
{
	struct fake_machine *fake = fake_machine_new();
	fake_numbers(fake, "kvm", 1, UINT64_C(12));
	fake_cpuid(fake, 0, 1, 0, 0, 0, 0, 0);
	fake_stages(fake, "any");
	fake_stage(fake, "any", L2_EXIT_COST, 0);
	return fake;
}

static struct fact_set *facts_of(struct fake_machine *fake, const struct probe_settings *settings)
{
	struct fact_set *facts = run_probe(&probe_l2, fake, settings);
	fake_machine_free(fake);
	return facts;
}

static bool risks(struct fake_machine *fake, const struct probe_settings *settings)
{
	struct probe_run run = { fake_machine(fake), NULL, settings };
	return probe_l2.risks(&run);
}

Test(l2, right_answers_are_the_proof)
{
	struct fact_set *facts = facts_of(fake_good(), NULL);
	for (size_t i = 0; i < PROVEN; i++)
		expect_bool(facts, proven[i], true);
	expect_int(facts, "l2.exit-ns", 13000);
	expect_status(facts, "l2.hardware-reason", STATUS_ABSENT);
	expect_bool(facts, "l2.busy", false);
	expect_no_fact(facts, "l2.previous-run-lost-machine");
	fact_set_free(facts);
}

Test(l2, a_wrong_answer_is_false_and_observed)
{
	for (size_t wrong = 0; wrong < PROVEN; wrong++) {
		struct fake_machine *fake = fake_good();
		fake_stage(fake, "any", (enum l2_stage)wrong, 1);
		struct fact_set *facts = facts_of(fake, NULL);
		for (size_t i = 0; i < PROVEN; i++)
			expect_bool(facts, proven[i], i != wrong);
		fact_set_free(facts);
	}
}

Test(l2, the_answer_of_one_stage_does_not_pass_for_another)
{
	struct fake_machine *fake = fake_good();
	fake_numbers(fake, "l2 any long-mode", L2_NUMBERS, UINT64_C(7),
	             l2_transform(L2_REAL_MODE, 7), UINT64_C(5), UINT64_C(0), UINT64_C(1),
	             UINT64_C(0));
	struct fact_set *facts = facts_of(fake, NULL);
	expect_bool(facts, "l2.long-mode", false);
	fact_set_free(facts);
}

Test(l2, a_cost_without_the_right_answer_is_none)
{
	struct fake_machine *fake = fake_good();
	fake_stage(fake, "any", L2_EXIT_COST, 1);
	struct fact_set *facts = facts_of(fake, NULL);
	expect_status(facts, "l2.exit-ns", STATUS_FAILED);
	fact_set_free(facts);
}

Test(l2, a_refused_entry_tells_the_cpus_reason_and_ends_it)
{
	struct fake_machine *fake = fake_good();
	fake_json(fake, "l2 any real-mode",
	          "{'status': 'failed', 'why': 'the CPU refused to enter the L2',"
	          " 'numbers': ['0x1', '0x0', '0x9', '0x80000021', '0x0', '0x0']}");
	struct fact_set *facts = facts_of(fake, NULL);
	expect_status(facts, "l2.real-mode", STATUS_FAILED);
	expect_why(facts, "l2.real-mode", "refused to enter");
	expect_hex(facts, "l2.hardware-reason", 0x80000021);
	expect_status(facts, "l2.long-mode", STATUS_SKIPPED);
	expect_why(facts, "l2.long-mode", "not tried after real-mode failed");
	expect_status(facts, "l2.nested-fault", STATUS_SKIPPED);
	expect_status(facts, "l2.exit-ns", STATUS_SKIPPED);
	expect_bool(facts, "l2.busy", false);
	fact_set_free(facts);
}

Test(l2, a_busy_cpu_is_told)
{
	struct fake_machine *fake = fake_good();
	fake_status(fake, "l2 any real-mode", STATUS_FAILED, EBUSY);
	struct fact_set *facts = facts_of(fake, NULL);
	expect_status(facts, "l2.real-mode", STATUS_FAILED);
	expect_bool(facts, "l2.busy", true);
	fact_set_free(facts);
}

Test(l2, that_could_not_be_made_is_not_said_to_be_free)
{
	struct fake_machine *fake = fake_good();
	fake_status(fake, "l2 any real-mode", STATUS_FAILED, ENOMEM);
	struct fact_set *facts = facts_of(fake, NULL);
	expect_status(facts, "l2.busy", STATUS_FAILED);
	fact_set_free(facts);
}

static void expect_not_run(struct fake_machine *fake, const struct probe_settings *settings,
                           enum status status, const char *why)
{
	static const char *const others[] = { "l2.exit-ns", "l2.hardware-reason", "l2.busy" };
	static const struct probe_settings none = { .passive = false };
	cr_assert_not(risks(fake, settings == NULL ? &none : settings));
	struct fact_set *facts = facts_of(fake, settings);
	for (size_t i = 0; i < PROVEN; i++) {
		expect_status(facts, proven[i], status);
		expect_why(facts, proven[i], why);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		expect_status(facts, others[i], status);
	fact_set_free(facts);
}

Test(l2, without_device_is_skipped_and_no_risk)
{
	struct fake_machine *fake = fake_machine_new();
	fake_status(fake, "kvm", STATUS_ABSENT, ENOENT);
	expect_not_run(fake, NULL, STATUS_SKIPPED, "no /dev/kvm");
}

Test(l2, with_a_denied_device_is_denied)
{
	struct fake_machine *fake = fake_machine_new();
	fake_status(fake, "kvm", STATUS_DENIED, EACCES);
	expect_not_run(fake, NULL, STATUS_DENIED, "");
}

Test(l2, with_a_device_that_is_none_is_failed)
{
	struct fake_machine *fake = fake_machine_new();
	fake_status(fake, "kvm", STATUS_FAILED, EISDIR);
	expect_not_run(fake, NULL, STATUS_FAILED, "");
}

Test(l2, is_not_launched_on_xen_unless_told)
{
	static const struct probe_settings risky = { .risky_l2 = true };
	struct fake_machine *fake = fake_good();
	fake_signature(fake, "XenVMMXenVMM");
	expect_not_run(fake, NULL, STATUS_SKIPPED, "an L2 can kill this guest on Xen");

	fake = fake_good();
	fake_signature(fake, "XenVMMXenVMM");
	cr_assert(risks(fake, &risky));
	struct fact_set *facts = facts_of(fake, &risky);
	expect_bool(facts, "l2.real-mode", true);
	fact_set_free(facts);
}

Test(l2, is_launched_on_kvm)
{
	static const struct probe_settings none = { .passive = false };
	struct fake_machine *fake = fake_good();
	fake_signature(fake, "KVMKVMKVM\0\0\0");
	cr_assert(risks(fake, &none));
	struct fact_set *facts = facts_of(fake, NULL);
	expect_bool(facts, "l2.real-mode", true);
	fact_set_free(facts);
}

static const struct probe_settings every_cpu = { .every_cpu = true };

/* CPUs 0, 1 and 3, each with its stages. */
static struct fake_machine *fake_three(void)
{
	struct fake_machine *fake = fake_good();
	fake_file(fake, "/sys/devices/system/cpu/online", "0-1,3\n");
	fake_stages(fake, "0");
	fake_stages(fake, "1");
	fake_stages(fake, "3");
	return fake;
}

Test(l2, runs_on_every_online_cpu_when_asked)
{
	struct fact_set *facts = facts_of(fake_three(), &every_cpu);
	for (size_t i = 0; i < PROVEN; i++) {
		expect_bool(facts, proven[i], true);
		cr_assert_null(fact_set_find(facts, proven[i])->exceptions);
	}
	expect_int(facts, "l2.exit-ns", 13000);
	fact_set_free(facts);
}

Test(l2, a_cpu_that_fails_is_an_exception)
{
	struct fake_machine *fake = fake_three();
	fake_status(fake, "l2 1 long-mode", STATUS_FAILED, EIO);
	struct fact_set *facts = facts_of(fake, &every_cpu);
	expect_bool(facts, "l2.real-mode", true);
	expect_bool(facts, "l2.long-mode", true);
	const struct fact *fact = fact_set_find(facts, "l2.long-mode");
	cr_assert_eq(json_array_size(fact->exceptions), 1);
	json_t *exception = json_array_get(fact->exceptions, 0);
	cr_assert_str_eq(json_string_value(json_object_get(exception, "cpus")), "1");
	cr_assert_str_eq(json_string_value(json_object_get(exception, "status")), "failed");
	fact_set_free(facts);
}

Test(l2, a_hang_on_one_cpu_spares_the_others_the_deadline)
{
	struct fake_machine *fake = fake_machine_new();
	fake_numbers(fake, "kvm", 1, UINT64_C(12));
	fake_cpuid(fake, 0, 1, 0, 0, 0, 0, 0);
	fake_file(fake, "/sys/devices/system/cpu/online", "0-2\n");
	fake_stages(fake, "0");
	fake_status(fake, "l2 1 real-mode", STATUS_FAILED, ETIMEDOUT);
	struct fact_set *facts = facts_of(fake, &every_cpu);
	expect_exceptions(facts, "l2.real-mode",
	                  "[{'cpus': '1', 'status': 'failed', 'why': 'Connection timed out'},"
	                  " {'cpus': '2', 'status': 'skipped',"
	                  "  'why': 'not tried after another CPU did not come back'}]");
	expect_status(facts, "l2.exit-ns", STATUS_SKIPPED);
	fact_set_free(facts);
}

Test(l2, an_answer_is_said_only_to_a_challenge_and_only_to_this_one)
{
	/* what fake_stage's nonces are, and what is made of them */
	static const struct probe_settings mine = { .challenge = "deadbeefdeadbef0deadbef1" };
	static const struct probe_settings other = { .challenge = "deadbeefdeadbef0deadbef2" };
	static const struct probe_settings none = { .passive = false };
	struct fact_set *facts = facts_of(fake_good(), &none);
	cr_assert_null(fact_set_find(facts, "l2.answer"));
	fact_set_free(facts);
	char expected[25] = "";
	for (int stage = 0; stage < L2_EXIT_COST; stage++)
		snprintf(
		        expected + 8 * stage, 9, "%08x",
		        (unsigned)l2_transform((enum l2_stage)stage, 0xdeadbeef + (uint64_t)stage));
	facts = facts_of(fake_good(), &mine);
	expect_text(facts, "l2.answer", expected);
	fact_set_free(facts);
	facts = facts_of(fake_good(), &other);
	expect_status(facts, "l2.answer", STATUS_FAILED);
	fact_set_free(facts);
}
