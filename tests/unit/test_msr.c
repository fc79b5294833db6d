/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers are read where they exist, and each way of not knowing one keeps its own word. */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/lib/cpus.h"

extern const struct probe probe_msr;

#define LOCKDOWN "/sys/kernel/security/lockdown"

/* An Intel guest of so many CPUs with VMX and all its registers, no lockdown. */
static struct fake_machine *vmx_machine(unsigned count)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, count, true);
	fake_file(fake, LOCKDOWN, "[none] integrity confidentiality\n");
	for (unsigned cpu = 0; cpu < count; cpu++)
		fake_vmx_msrs(fake, cpu);
	return fake;
}

static struct fact_set *run(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_msr, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

Test(msr, an_intel_guest_with_vmx)
{
	struct fact_set *facts = run(vmx_machine(2));
	expect_bool(facts, "msr.device", true);
	expect_text(facts, "kernel.lockdown", "none");
	expect_bool(facts, "msr.locked-down", false);
	expect_hex(facts, "msr.feature-control", 5);
	expect_source(facts, "msr.feature-control", "MSR 0x3a");
	expect_hex(facts, "msr.efer", 0xd01);
	expect_hex(facts, "msr.vmx-basic", 0x00da040000000012);
	expect_hex(facts, "msr.vmx-proc", 0xfff9fffe0401e172);
	expect_hex(facts, "msr.vmx-proc2", 0x02007fff00000000);
	expect_hex(facts, "msr.vmx-ept-vpid", 0x00000f0106334141);
	expect_hex(facts, "msr.vmx-true-entry", 0x0000ffff000011fb);
	expect_hex(facts, "msr.vmx-vmfunc", 1);
	expect_status(facts, "msr.vmx-proc3", STATUS_ABSENT);
	expect_why(facts, "msr.vmx-proc3", "MSR 0x482 does not announce it");
	expect_status(facts, "msr.vm-cr", STATUS_ABSENT);
	expect_why(facts, "msr.vm-cr", "CPUID has no svm");
	for (const struct fact_declaration *fact = probe_msr.facts; fact->key != NULL; fact++)
		cr_assert_null(fact_set_find(facts, fact->key)->exceptions);
	fact_set_free(facts);
}

Test(msr, each_gate_opens_what_rests_on_it)
{
	struct fake_machine *fake = vmx_machine(1);
	fake_msr(fake, 0, 0x482, 0xfffbfffe0401e172); /* tertiary controls, bit 17 */
	fake_msr(fake, 0, 0x492, 0x10);
	struct fact_set *facts = run(fake);
	expect_hex(facts, "msr.vmx-proc3", 0x10);
	fact_set_free(facts);
}

Test(msr, closed_gates_are_absent_and_not_asked)
{
	/* A world of registers that ends at 0x48A: a question beyond it fails the test. */
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, true);
	fake_status(fake, "file " LOCKDOWN, STATUS_ABSENT, ENOENT);
	fake_msr(fake, 0, 0x3a, 5);
	fake_msr(fake, 0, 0xc0000080, 0xd01);
	for (uint32_t index = 0x480; index <= 0x48a; index++)
		fake_msr(fake, 0, index, 0);
	struct fact_set *facts = run(fake);
	static const char *const closed[] = { "msr.vmx-proc2",     "msr.vmx-ept-vpid",
		                              "msr.vmx-true-pin",  "msr.vmx-true-proc",
		                              "msr.vmx-true-exit", "msr.vmx-true-entry",
		                              "msr.vmx-vmfunc",    "msr.vmx-proc3" };
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
		expect_status(facts, closed[i], STATUS_ABSENT);
	expect_why(facts, "msr.vmx-true-pin", "MSR 0x480 does not announce it");
	expect_hex(facts, "msr.vmx-vmcs-enum", 0);
	expect_status(facts, "kernel.lockdown", STATUS_ABSENT);
	fact_set_free(facts);
}

Test(msr, without_the_extension_only_efer_is_asked)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, false);
	fake_file(fake, LOCKDOWN, "[none] integrity confidentiality\n");
	fake_msr(fake, 0, 0xc0000080, 0xd01);
	fake_msr(fake, 1, 0xc0000080, 0xd01);
	struct fact_set *facts = run(fake);
	expect_hex(facts, "msr.efer", 0xd01);
	expect_status(facts, "msr.feature-control", STATUS_ABSENT);
	expect_status(facts, "msr.vmx-basic", STATUS_ABSENT);
	expect_why(facts, "msr.vmx-basic", "CPUID has no vmx");
	fact_set_free(facts);
}

Test(msr, an_amd_guest_with_svm_has_vm_cr)
{
	struct fake_machine *fake = fake_machine_new();
	fake_amd(fake, 1, true);
	fake_file(fake, LOCKDOWN, "none [integrity] confidentiality\n");
	fake_msr(fake, 0, 0xc0000080, 0x1d01);
	fake_msr(fake, 0, 0xc0010114, 0x18);
	struct fact_set *facts = run(fake);
	expect_hex(facts, "msr.vm-cr", 0x18);
	expect_hex(facts, "msr.efer", 0x1d01);
	expect_status(facts, "msr.feature-control", STATUS_ABSENT);
	expect_text(facts, "kernel.lockdown", "integrity");
	fact_set_free(facts);
}

Test(msr, a_register_that_faults_failed_and_so_did_what_it_announces)
{
	struct fake_machine *fake = vmx_machine(1);
	fake_status(fake, "msr 0 0x0000003a", STATUS_FAILED, EIO);
	fake_status(fake, "msr 0 0x00000482", STATUS_FAILED, EIO);
	struct fact_set *facts = run(fake);
	expect_bool(facts, "msr.device", true);
	expect_status(facts, "msr.feature-control", STATUS_FAILED);
	expect_why(facts, "msr.feature-control", "the register faults");
	expect_status(facts, "msr.vmx-proc2", STATUS_FAILED);
	expect_why(facts, "msr.vmx-proc2", "MSR 0x482 would announce it: the register faults");
	expect_status(facts, "msr.vmx-ept-vpid", STATUS_FAILED);
	expect_hex(facts, "msr.vmx-true-pin", 0x000000ff00000016);
	fact_set_free(facts);
}

Test(msr, a_faulting_efer_still_shows_that_there_is_a_device)
{
	struct fake_machine *fake = vmx_machine(1);
	fake_status(fake, "msr 0 0xc0000080", STATUS_FAILED, EIO);
	struct fact_set *facts = run(fake);
	expect_bool(facts, "msr.device", true);
	expect_status(facts, "msr.efer", STATUS_FAILED);
	expect_hex(facts, "msr.feature-control", 5);
	fact_set_free(facts);
}

Test(msr, without_a_device_nobody_looked)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 512, true);
	fake_file(fake, LOCKDOWN, "[none] integrity confidentiality\n");
	fake_status(fake, "msr 0 0xc0000080", STATUS_ABSENT, ENOENT);
	struct fact_set *facts = run(fake); /* one register of one CPU was asked, or this fails */
	expect_status(facts, "msr.device", STATUS_ABSENT);
	expect_why(facts, "msr.device", "no msr device (modprobe msr)");
	expect_status(facts, "msr.locked-down", STATUS_ABSENT);
	expect_status(facts, "msr.feature-control", STATUS_SKIPPED);
	expect_why(facts, "msr.feature-control", "no msr device (modprobe msr)");
	expect_status(facts, "msr.vmx-proc2", STATUS_SKIPPED);
	expect_status(facts, "msr.efer", STATUS_SKIPPED);
	expect_status(facts, "msr.vm-cr", STATUS_ABSENT); /* but this gate is closed */
	fact_set_free(facts);
}

Test(msr, what_is_refused_is_denied_and_lockdown_is_said)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, true);
	fake_file(fake, LOCKDOWN, "none integrity [confidentiality]\n");
	fake_status(fake, "msr 0 0xc0000080", STATUS_DENIED, EPERM);
	struct fact_set *facts = run(fake);
	expect_status(facts, "msr.device", STATUS_DENIED);
	expect_why(facts, "msr.device",
	           "Operation not permitted; kernel lockdown: confidentiality");
	expect_bool(facts, "msr.locked-down", true);
	expect_status(facts, "msr.feature-control", STATUS_DENIED);
	expect_why(facts, "msr.feature-control", "kernel lockdown: confidentiality");
	expect_status(facts, "msr.vmx-ept-vpid", STATUS_DENIED);
	fact_set_free(facts);
}

Test(msr, no_right_without_lockdown_is_no_lockdown)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, true);
	fake_file(fake, LOCKDOWN, "[none] integrity confidentiality\n");
	fake_status(fake, "msr 0 0xc0000080", STATUS_DENIED, EPERM);
	struct fact_set *facts = run(fake);
	expect_bool(facts, "msr.locked-down", false);
	cr_assert_str_eq(fact_set_find(facts, "msr.efer")->why, "Operation not permitted");
	fact_set_free(facts);
}

Test(msr, an_ordinary_user_is_denied_whatever_the_lockdown)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, true);
	fake_file(fake, LOCKDOWN, "none [integrity] confidentiality\n");
	fake_status(fake, "msr 0 0xc0000080", STATUS_DENIED, EACCES);
	struct fact_set *facts = run(fake);
	expect_text(facts, "kernel.lockdown", "integrity");
	expect_status(facts, "msr.locked-down", STATUS_DENIED);
	expect_why(facts, "msr.efer", "Permission denied");
	cr_assert_str_eq(fact_set_find(facts, "msr.efer")->why, "Permission denied");
	fact_set_free(facts);
}

Test(msr, a_lockdown_file_that_makes_no_sense_failed)
{
	static const char *const wrong[] = {
		"", "none\n", "[", "[]", "[none", "none [", "[sixteen-letters-]\n", "] ["
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct fake_machine *fake = vmx_machine(1);
		fake_file(fake, LOCKDOWN, wrong[i]);
		struct fact_set *facts = run(fake);
		expect_status(facts, "kernel.lockdown", STATUS_FAILED);
		fact_set_free(facts);
	}
}

Test(msr, cpus_whose_registers_differ_are_named)
{
	struct fake_machine *fake = vmx_machine(3);
	fake_msr(fake, 1, 0x3a, 1);
	fake_status(fake, "msr 2 0x0000048b", STATUS_FAILED, EIO);
	struct fact_set *facts = run(fake);
	expect_hex(facts, "msr.feature-control", 5);
	expect_exceptions(facts, "msr.feature-control",
	                  "[{'cpus': '1', 'status': 'observed', 'value': '0x0000000000000001'}]");
	expect_exceptions(facts, "msr.vmx-proc2",
	                  "[{'cpus': '2', 'status': 'failed', 'why': 'the register faults'}]");
	fact_set_free(facts);
}

Test(msr, a_recording_without_registers_says_so)
{
	struct fake_machine *fake = fake_machine_new();
	fake_open_world(fake);
	fake_intel(fake, 1, true);
	struct fact_set *facts = run(fake);
	expect_status(facts, "msr.device", STATUS_SKIPPED);
	expect_status(facts, "msr.feature-control", STATUS_SKIPPED);
	expect_why(facts, "msr.feature-control", "not recorded");
	fact_set_free(facts);
}

Test(msr, a_recording_of_some_registers_is_read)
{
	struct fake_machine *fake = fake_machine_new();
	fake_open_world(fake);
	fake_intel(fake, 1, true);
	fake_msr(fake, 0, 0x480, 0x00da040000000012);
	struct fact_set *facts = run(fake);
	expect_status(facts, "msr.device", STATUS_SKIPPED);
	expect_hex(facts, "msr.vmx-basic", 0x00da040000000012);
	expect_status(facts, "msr.vmx-pin", STATUS_SKIPPED);
	fact_set_free(facts);
}
