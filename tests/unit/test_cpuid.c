/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw CPUID becomes facts, CPU by CPU, without a leaf too many. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "tests/lib/cpus.h"

extern const struct probe probe_cpuid;

Test(cpuid, an_intel_guest_with_vmx)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_text(facts, "cpu.vendor", "GenuineIntel");
	expect_hex(facts, "cpu.signature", 0x306f2);
	expect_int(facts, "cpu.max-basic-leaf", 15);
	expect_bool(facts, "cpu.hypervisor-bit", true);
	expect_bool(facts, "cpu.vmx", true);
	expect_source(facts, "cpu.vmx", "CPUID.1:ECX[5]");
	expect_bool(facts, "cpu.svm", false);
	expect_source(facts, "cpu.svm", "CPUID.80000001h:ECX[2]");
	expect_bool(facts, "cpu.nx", true);
	expect_bool(facts, "cpu.long-mode", true);
	expect_bool(facts, "cpu.sse4.2", true);
	expect_bool(facts, "cpu.popcnt", true);
	expect_bool(facts, "cpu.xsave", true);
	expect_bool(facts, "cpu.cx16", true);
	expect_bool(facts, "cpu.pcid", true);
	expect_bool(facts, "cpu.x2apic", true);
	expect_bool(facts, "cpu.lahf", true);
	expect_bool(facts, "cpu.prefetchw", false);
	expect_status(facts, "cpu.npt", STATUS_ABSENT);
	expect_status(facts, "cpu.nrips", STATUS_ABSENT);
	expect_status(facts, "cpu.svm-revision", STATUS_ABSENT);
	expect_status(facts, "cpu.svm-asids", STATUS_ABSENT);
	expect_status(facts, "cpu.svm-features", STATUS_ABSENT);
	expect_bool(facts, "cpu.uniform", true);
	expect_status(facts, "cpu.differing", STATUS_ABSENT);
	/* The list of CPUs; leaf 0; 1 and 0x80000001 of each CPU. */
	cr_assert_eq(fake_asked(fake), 1 + 1 + 2 * 2);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, an_amd_guest_with_svm)
{
	struct fake_machine *fake = fake_machine_new();
	fake_amd(fake, 2, true);
	fake_svm(fake, 0, 0x9);
	fake_svm(fake, 1, 0x9);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_text(facts, "cpu.vendor", "AuthenticAMD");
	expect_bool(facts, "cpu.vmx", false);
	expect_bool(facts, "cpu.svm", true);
	expect_int(facts, "cpu.svm-revision", 1);
	expect_int(facts, "cpu.svm-asids", 0x8000);
	expect_hex(facts, "cpu.svm-features", 9);
	expect_bool(facts, "cpu.npt", true);
	expect_source(facts, "cpu.npt", "CPUID.8000000Ah:EDX[0]");
	expect_bool(facts, "cpu.nrips", true);
	expect_bool(facts, "cpu.uniform", true);
	expect_bool(facts, "cpu.prefetchw", true);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, without_svm_its_leaf_is_not_asked)
{
	struct fake_machine *fake = fake_machine_new();
	fake_amd(fake, 1, false);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_bool(facts, "cpu.svm", false);
	expect_status(facts, "cpu.npt", STATUS_ABSENT);
	expect_why(facts, "cpu.npt", "no svm");
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, a_leaf_beyond_the_maximum_is_absent_and_not_asked)
{
	struct fake_machine *fake = fake_machine_new();
	fake_amd(fake, 1, true);
	fake_cpuid(fake, 0, 0x80000000, 0, 0x80000008, 0, 0, 0);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_status(facts, "cpu.npt", STATUS_ABSENT);
	expect_why(facts, "cpu.npt", "CPUID ends at leaf 0x80000008, before 0x8000000a");
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, an_extended_maximum_that_is_none_reaches_nothing)
{
	struct fake_machine *fake = fake_machine_new();
	fake_amd(fake, 1, true);
	fake_cpuid(fake, 0, 0x80000000, 0, 0x16, 0, 0, 0); /* the highest basic leaf's answer */
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_status(facts, "cpu.npt", STATUS_ABSENT);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, cpus_that_differ_are_named)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 6, true);
	fake_intel_cpu(fake, 2, FAKE_VMX);
	fake_intel_cpu(fake, 3, FAKE_VMX);
	fake_intel_cpu(fake, 5, 1u << 20);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_bool(facts, "cpu.uniform", false);
	expect_text(facts, "cpu.differing", "2-3,5");
	expect_bool(facts, "cpu.vmx", true);
	expect_exceptions(facts, "cpu.vmx",
	                  "[{'cpus': '2-3', 'status': 'observed', 'value': false}]");
	expect_exceptions(facts, "cpu.sse4.2",
	                  "[{'cpus': '5', 'status': 'observed', 'value': false}]");
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, what_differs_on_every_machine_does_not_count)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	fake_intel_cpu(fake, 1, 1u << 27 | 1u << 3); /* OSXSAVE, MONITOR */
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_bool(facts, "cpu.uniform", true);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, svm_features_that_differ_are_a_difference)
{
	struct fake_machine *fake = fake_machine_new();
	fake_amd(fake, 2, true);
	fake_svm(fake, 0, 0x9);
	fake_svm(fake, 1, 0x8);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_bool(facts, "cpu.uniform", false);
	expect_text(facts, "cpu.differing", "1");
	expect_exceptions(facts, "cpu.npt",
	                  "[{'cpus': '1', 'status': 'observed', 'value': false}]");
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, one_cpu_that_was_assumed_says_nothing_of_others)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	fake_status(fake, "file " FAKE_ONLINE, STATUS_DENIED, EACCES);
	fake_status(fake, "file /proc/cpuinfo", STATUS_DENIED, EACCES);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_bool(facts, "cpu.vmx", true);
	expect_status(facts, "cpu.uniform", STATUS_DENIED);
	expect_why(facts, "cpu.uniform", "no list of CPUs");
	expect_status(facts, "cpu.differing", STATUS_DENIED);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, a_cpu_that_cannot_be_asked_leaves_uniformity_open)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	fake_status(fake, "cpuid 1 0x00000001 0x00000000", STATUS_FAILED, EINVAL);
	fake_status(fake, "cpuid 1 0x80000001 0x00000000", STATUS_FAILED, EINVAL);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_status(facts, "cpu.uniform", STATUS_FAILED);
	expect_why(facts, "cpu.uniform", "Invalid argument");
	expect_status(facts, "cpu.differing", STATUS_FAILED);
	expect_bool(facts, "cpu.vmx", true);
	expect_exceptions(facts, "cpu.vmx",
	                  "[{'cpus': '1', 'status': 'failed', 'why': 'Invalid argument'}]");
	expect_exceptions(facts, "cpu.npt",
	                  "[{'cpus': '1', 'status': 'failed', 'why': 'Invalid argument'}]");
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, cpus_outside_the_cpuset_are_denied_together)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 4, true);
	for (unsigned cpu = 1; cpu < 4; cpu++) {
		char key[64];
		snprintf(key, sizeof key, "cpuid %u 0x00000001 0x00000000", cpu);
		fake_status(fake, key, STATUS_DENIED, EINVAL);
		snprintf(key, sizeof key, "cpuid %u 0x80000001 0x00000000", cpu);
		fake_status(fake, key, STATUS_DENIED, EINVAL);
	}
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_status(facts, "cpu.uniform", STATUS_DENIED);
	expect_status(facts, "cpu.vmx", STATUS_DENIED);
	expect_why(facts, "cpu.vmx", "outside the cpuset of this process");
	expect_exceptions(facts, "cpu.vmx", "[{'cpus': '0', 'status': 'observed', 'value': true}]");
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, a_cpu_that_went_offline_is_no_cpu_without_vmx)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	fake_status(fake, "cpuid 1 0x00000001 0x00000000", STATUS_ABSENT, EINVAL);
	fake_status(fake, "cpuid 1 0x80000001 0x00000000", STATUS_ABSENT, EINVAL);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_status(facts, "cpu.uniform", STATUS_SKIPPED);
	expect_exceptions(
	        facts, "cpu.vmx",
	        "[{'cpus': '1', 'status': 'skipped', 'why': 'the CPU is not online any more'}]");
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, a_recording_without_cpuid_says_so_everywhere)
{
	struct fake_machine *fake = fake_machine_new();
	fake_open_world(fake);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	for (const struct fact_declaration *fact = probe_cpuid.facts; fact->key != NULL; fact++)
		expect_status(facts, fact->key, STATUS_SKIPPED);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, an_offline_cpu_is_not_asked)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, true);
	fake_intel_cpu(fake, 3, 0);
	fake_file(fake, FAKE_ONLINE, "0,3\n");
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_bool(facts, "cpu.uniform", true);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuid, five_hundred_and_twelve_cpus_cost_two_leaves_each)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 512, true);
	fake_intel_cpu(fake, 511, FAKE_VMX);
	struct fact_set *facts = run_probe(&probe_cpuid, fake, NULL);
	expect_text(facts, "cpu.differing", "511");
	cr_assert_eq(fake_asked(fake), 2 + 512 * 2);
	fact_set_free(facts);
	fake_machine_free(fake);
}
