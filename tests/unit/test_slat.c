/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second-level address translation, from whoever can tell, and who that was. */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/lib/cpus.h"

extern const struct probe probe_slat;

static struct fact_set *run(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_slat, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

/* Intel with VMX whose registers nobody may read. */
static struct fake_machine *denied_machine(unsigned count)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, count, true);
	fake_status(fake, "msr 0 0xc0000080", STATUS_DENIED, EACCES);
	return fake;
}

static void expect_no_ept_details(const struct fact_set *facts)
{
	static const char *const details[] = {
		"slat.ept-4-level", "slat.ept-write-back",     "slat.ept-2m",
		"slat.ept-1g",      "slat.ept-accessed-dirty", "slat.ept-invept-all"
	};
	for (size_t i = 0; i < sizeof details / sizeof *details; i++)
		expect_status(facts, details[i], STATUS_ABSENT);
}

Test(slat, ept_from_the_registers)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	fake_vmx_msrs(fake, 0);
	fake_vmx_msrs(fake, 1);
	fake_msr(fake, 1, 0x48c, 0x00000f0106114141); /* no pages of 1 GiB, no accessed bits */
	struct fact_set *facts = run(fake);
	expect_bool(facts, "slat.present", true);
	expect_source(facts, "slat.present", "MSR 0x48b");
	expect_text(facts, "slat.kind", "ept");
	expect_bool(facts, "slat.unrestricted-guest", true);
	expect_bool(facts, "slat.vpid", true);
	expect_bool(facts, "slat.ept-4-level", true);
	expect_source(facts, "slat.ept-4-level", "MSR 0x48c");
	expect_bool(facts, "slat.ept-write-back", true);
	expect_bool(facts, "slat.ept-2m", true);
	expect_bool(facts, "slat.ept-1g", true);
	expect_bool(facts, "slat.ept-accessed-dirty", true);
	expect_bool(facts, "slat.ept-invept-all", true);
	expect_exceptions(facts, "slat.ept-1g",
	                  "[{'cpus': '1', 'status': 'observed', 'value': false}]");
	expect_exceptions(facts, "slat.ept-accessed-dirty",
	                  "[{'cpus': '1', 'status': 'observed', 'value': false}]");
	fact_set_free(facts);
}

Test(slat, registers_without_ept)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, true);
	fake_vmx_msrs(fake, 0);
	fake_msr(fake, 0, 0x48b, 0x0000002000000000); /* VPID alone */
	fake_msr(fake, 0, 0x48c, 0x00000f0100000000);
	struct fact_set *facts = run(fake);
	expect_bool(facts, "slat.present", false);
	expect_status(facts, "slat.kind", STATUS_ABSENT);
	expect_bool(facts, "slat.vpid", true);
	expect_bool(facts, "slat.unrestricted-guest", false);
	expect_no_ept_details(facts);
	fact_set_free(facts);
}

Test(slat, no_secondary_controls_is_a_known_no)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, true);
	fake_vmx_msrs(fake, 0);
	fake_msr(fake, 0, 0x482, 0x7ff9fffe0401e172);
	struct fact_set *facts = run(fake);
	expect_bool(facts, "slat.present", false);
	expect_source(facts, "slat.present", "MSR 0x48b");
	expect_bool(facts, "slat.unrestricted-guest", false);
	expect_no_ept_details(facts);
	fact_set_free(facts);
}

Test(slat, without_the_registers_the_kernel_retells)
{
	struct fake_machine *fake = denied_machine(2);
	fake_cpuinfo(fake, 2, "fpu vmx ept vpid", "vnmi ept_ad ept vpid unrestricted_guest");
	struct fact_set *facts = run(fake);
	expect_bool(facts, "slat.present", true);
	expect_source(facts, "slat.present", "/proc/cpuinfo vmx flags");
	expect_text(facts, "slat.kind", "ept");
	expect_bool(facts, "slat.unrestricted-guest", true);
	expect_bool(facts, "slat.vpid", true);
	expect_bool(facts, "slat.ept-accessed-dirty", true);
	expect_bool(facts, "slat.ept-1g", false);
	expect_status(facts, "slat.ept-4-level", STATUS_SKIPPED);
	expect_why(facts, "slat.ept-4-level", "the msr device would");
	fact_set_free(facts);
}

Test(slat, vmx_flags_without_ept)
{
	struct fake_machine *fake = denied_machine(1);
	fake_cpuinfo(fake, 1, "fpu vmx", "vnmi preemption_timer");
	struct fact_set *facts = run(fake);
	expect_bool(facts, "slat.present", false);
	expect_status(facts, "slat.kind", STATUS_ABSENT);
	expect_bool(facts, "slat.vpid", false);
	expect_no_ept_details(facts);
	fact_set_free(facts);
}

Test(slat, an_older_kernel_retells_less)
{
	struct fake_machine *fake = denied_machine(1);
	fake_cpuinfo(fake, 1, "fpu vmx tpr_shadow vnmi flexpriority ept vpid", NULL);
	struct fact_set *facts = run(fake);
	expect_bool(facts, "slat.present", true);
	expect_source(facts, "slat.present", "/proc/cpuinfo flags");
	expect_bool(facts, "slat.vpid", true);
	expect_status(facts, "slat.unrestricted-guest", STATUS_SKIPPED);
	expect_status(facts, "slat.ept-1g", STATUS_SKIPPED);
	fact_set_free(facts);
}

Test(slat, a_kernel_that_retells_nothing_leaves_it_denied)
{
	struct fake_machine *fake = denied_machine(1);
	fake_cpuinfo(fake, 1, "fpu vmx", NULL);
	struct fact_set *facts = run(fake);
	expect_status(facts, "slat.present", STATUS_DENIED);
	expect_source(facts, "slat.present", "MSR 0x48b");
	expect_status(facts, "slat.kind", STATUS_DENIED);
	expect_status(facts, "slat.ept-2m", STATUS_DENIED);
	fact_set_free(facts);
}

Test(slat, a_damaged_cpuinfo_denies_nothing)
{
	struct fake_machine *fake = denied_machine(2);
	fake_file(fake, "/proc/cpuinfo",
	          "processor : 0\nflags : vmx\nvmx flags : ept\n\nprocessor : 1\nflags : vmx\nvmx");
	struct fact_set *facts = run(fake);
	expect_bool(facts, "slat.present", true);
	expect_exceptions(facts, "slat.present",
	                  "[{'cpus': '1', 'status': 'failed',"
	                  " 'why': '/proc/cpuinfo: processor 1: cut in the middle'}]");
	fact_set_free(facts);
}

Test(slat, npt_from_cpuid)
{
	struct fake_machine *fake = fake_machine_new();
	fake_amd(fake, 2, true);
	fake_svm(fake, 0, 1);
	fake_svm(fake, 1, 0);
	fake_msr(fake, 0, 0xc0000080, 0xd01);
	struct fact_set *facts = run(fake);
	expect_bool(facts, "slat.present", true);
	expect_source(facts, "slat.present", "CPUID.8000000Ah:EDX[0]");
	expect_exceptions(facts, "slat.present",
	                  "[{'cpus': '1', 'status': 'observed', 'value': false}]");
	expect_text(facts, "slat.kind", "npt");
	expect_status(facts, "slat.unrestricted-guest", STATUS_ABSENT);
	expect_status(facts, "slat.vpid", STATUS_ABSENT);
	expect_no_ept_details(facts);
	fact_set_free(facts);
}

Test(slat, without_an_extension_all_is_absent)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, false);
	fake_msr(fake, 0, 0xc0000080, 0xd01);
	struct fact_set *facts = run(fake);
	for (const struct fact_declaration *fact = probe_slat.facts; fact->key != NULL; fact++) {
		expect_status(facts, fact->key, STATUS_ABSENT);
		expect_why(facts, fact->key, "no vmx and no svm");
	}
	fact_set_free(facts);
}

Test(slat, cpus_of_which_only_a_later_one_has_vmx)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, false);
	fake_intel_cpu(fake, 1, 0);
	fake_msr(fake, 0, 0xc0000080, 0xd01);
	fake_vmx_msrs(fake, 1);
	struct fact_set *facts = run(fake);
	expect_status(facts, "slat.present", STATUS_ABSENT);
	expect_exceptions(facts, "slat.present",
	                  "[{'cpus': '1', 'status': 'observed', 'value': true}]");
	fact_set_free(facts);
}
