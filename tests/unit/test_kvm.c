/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KVM's device, its back end and what that says; a module that is there need not be at work. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "tests/lib/fake_machine.h"

extern const struct probe probe_kvm;

#define MODULES "/lib/modules/6.1.0-37-amd64/"

/* A CPU of that make with VMX, SVM or neither; no module, no device. */
static struct fake_machine *fake_cpu(const char *vendor, bool vmx, bool svm)
{
	uint32_t text[3];
	struct fake_machine *fake = fake_machine_new();
	memcpy(text, vendor, sizeof text);
	fake_cpuid(fake, 0, 0, 0, 0x16, text[0], text[2], text[1]);
	fake_cpuid(fake, 0, 1, 0, 0, 0, vmx ? 1 << 5 : 0, 0);
	fake_cpuid(fake, 0, 0x80000001, 0, 0, 0, svm ? 1 << 2 : 0, 0);
	fake_uname(fake, "6.1.0-37-amd64");
	fake_status(fake, "kvm", STATUS_ABSENT, ENOENT);
	fake_status(fake, "dir /sys/module/kvm_intel", STATUS_ABSENT, ENOENT);
	fake_status(fake, "dir /sys/module/kvm_amd", STATUS_ABSENT, ENOENT);
	fake_status(fake, "dir /sys/module/kvm_pvm", STATUS_ABSENT, ENOENT);
	fake_status(fake, "file " MODULES "modules.builtin", STATUS_ABSENT, ENOENT);
	fake_status(fake, "file " MODULES "modules.dep", STATUS_ABSENT, ENOENT);
	return fake;
}

static void fake_loaded(struct fake_machine *fake, const char *directory)
{
	fake_dir(fake, directory, "coresize\nholders\ninitstate\nparameters\nrefcnt\n");
}

static void fake_builtin(struct fake_machine *fake, const char *directory)
{
	fake_dir(fake, directory, "parameters\nuevent\n");
}

static void fake_device(struct fake_machine *fake)
{
	fake_numbers(fake, "kvm", 1, UINT64_C(12));
}

static void fake_intel(struct fake_machine *fake, const char *ept)
{
	fake_file(fake, "/sys/module/kvm_intel/parameters/ept", ept);
	fake_file(fake, "/sys/module/kvm_intel/parameters/unrestricted_guest", ept);
	fake_file(fake, "/sys/module/kvm_intel/parameters/nested", "N\n");
}

static struct fact_set *facts_of(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_kvm, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

Test(kvm, intel_loaded)
{
	struct fake_machine *fake = fake_cpu("GenuineIntel", true, false);
	fake_device(fake);
	fake_loaded(fake, "/sys/module/kvm_intel");
	fake_intel(fake, "Y\n");
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "kvm.device", true);
	expect_int(facts, "kvm.api-version", 12);
	expect_text(facts, "kvm.backend", "kvm_intel");
	expect_source(facts, "kvm.backend", "/sys/module/kvm_intel");
	expect_bool(facts, "kvm.slat", true);
	expect_source(facts, "kvm.slat", "/sys/module/kvm_intel/parameters/ept");
	expect_bool(facts, "kvm.unrestricted-guest", true);
	expect_bool(facts, "kvm.nested-for-l3", false);
	expect_bool(facts, "kvm.module-available", true);
	fact_set_free(facts);
}

Test(kvm, amd_says_nested_as_a_number)
{
	struct fake_machine *fake = fake_cpu("AuthenticAMD", false, true);
	fake_device(fake);
	fake_loaded(fake, "/sys/module/kvm_amd");
	fake_file(fake, "/sys/module/kvm_amd/parameters/npt", "N\n");
	fake_file(fake, "/sys/module/kvm_amd/parameters/nested", "1\n");
	struct fact_set *facts = facts_of(fake);
	expect_text(facts, "kvm.backend", "kvm_amd");
	expect_bool(facts, "kvm.slat", false);
	expect_source(facts, "kvm.slat", "/sys/module/kvm_amd/parameters/npt");
	expect_bool(facts, "kvm.nested-for-l3", true);
	expect_status(facts, "kvm.unrestricted-guest", STATUS_ABSENT);
	fact_set_free(facts);
}

Test(kvm, pvm_built_in_needs_no_extension)
{
	struct fake_machine *fake = fake_cpu("GenuineIntel", false, false);
	fake_device(fake);
	fake_builtin(fake, "/sys/module/kvm_pvm");
	struct fact_set *facts = facts_of(fake);
	expect_text(facts, "kvm.backend", "kvm_pvm");
	expect_bool(facts, "kvm.module-available", true);
	expect_status(facts, "kvm.slat", STATUS_ABSENT);
	expect_why(facts, "kvm.slat", "kvm_pvm has no such parameter");
	expect_status(facts, "kvm.nested-for-l3", STATUS_ABSENT);
	fact_set_free(facts);
}

/* All three built in: the parameters of those that found no CPU are only defaults. */
Test(kvm, of_modules_built_in_the_one_with_its_extension_serves)
{
	struct fake_machine *fake = fake_cpu("AuthenticAMD", false, true);
	fake_device(fake);
	fake_builtin(fake, "/sys/module/kvm_intel");
	fake_builtin(fake, "/sys/module/kvm_amd");
	fake_file(fake, "/sys/module/kvm_amd/parameters/npt", "Y\n");
	fake_file(fake, "/sys/module/kvm_amd/parameters/nested", "0\n");
	struct fact_set *facts = facts_of(fake);
	expect_text(facts, "kvm.backend", "kvm_amd");
	expect_bool(facts, "kvm.slat", true);
	fact_set_free(facts);

	fake = fake_cpu("AuthenticAMD", false, false);
	fake_device(fake);
	fake_builtin(fake, "/sys/module/kvm_intel");
	fake_builtin(fake, "/sys/module/kvm_amd");
	fake_builtin(fake, "/sys/module/kvm_pvm");
	facts = facts_of(fake);
	expect_text(facts, "kvm.backend", "kvm_pvm");
	fact_set_free(facts);
}

Test(kvm, built_in_without_its_extension_serves_nothing_but_is_available)
{
	struct fake_machine *fake = fake_cpu("GenuineIntel", false, false);
	fake_builtin(fake, "/sys/module/kvm_intel");
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "kvm.device", STATUS_ABSENT);
	expect_status(facts, "kvm.backend", STATUS_ABSENT);
	expect_status(facts, "kvm.slat", STATUS_ABSENT);
	expect_bool(facts, "kvm.module-available", true);
	fact_set_free(facts);
}

Test(kvm, names_are_exact)
{
	struct fake_machine *fake = fake_cpu("GenuineIntel", true, false);
	fake_file(fake, MODULES "modules.builtin", "kernel/arch/x86/kvm/kvm-intel-test.ko\n");
	fake_file(fake, MODULES "modules.dep",
	          "kernel/x/my-kvm-intel.ko: kernel/arch/x86/kvm/kvm-intel.ko\n");
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "kvm.module-available", false);
	expect_source(facts, "kvm.module-available", MODULES "modules.dep");
	fact_set_free(facts);
}

Test(kvm, not_loaded_but_installed_for_this_make_of_cpu)
{
	static const char dep[] =
	        "kernel/arch/x86/kvm/kvm.ko.xz: kernel/virt/lib/irqbypass.ko.xz\n"
	        "kernel/arch/x86/kvm/kvm-amd.ko.xz: kernel/arch/x86/kvm/kvm.ko.xz\n";
	struct fake_machine *fake = fake_cpu("HygonGenuine", false, false);
	fake_file(fake, MODULES "modules.builtin", "kernel/fs/ext4/ext4.ko\n");
	fake_file(fake, MODULES "modules.dep", dep);
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "kvm.backend", STATUS_ABSENT);
	expect_bool(facts, "kvm.module-available", true);
	expect_source(facts, "kvm.module-available", MODULES "modules.dep");
	fact_set_free(facts);

	fake = fake_cpu("GenuineIntel", false, false);
	fake_file(fake, MODULES "modules.builtin", "");
	fake_file(fake, MODULES "modules.dep", dep);
	facts = facts_of(fake);
	expect_bool(facts, "kvm.module-available", false);
	fact_set_free(facts);
}

Test(kvm, without_lists_of_modules_availability_is_absent)
{
	struct fact_set *facts = facts_of(fake_cpu("GenuineIntel", true, false));
	expect_status(facts, "kvm.module-available", STATUS_ABSENT);
	expect_source(facts, "kvm.module-available", MODULES "modules.dep");
	fact_set_free(facts);
}

Test(kvm, denied_device_is_denied_and_its_module_is_still_seen)
{
	struct fake_machine *fake = fake_cpu("GenuineIntel", true, false);
	fake_status(fake, "kvm", STATUS_DENIED, EACCES);
	fake_builtin(fake, "/sys/module/kvm_intel");
	fake_intel(fake, "Y\n");
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "kvm.device", STATUS_DENIED);
	expect_status(facts, "kvm.api-version", STATUS_DENIED);
	expect_text(facts, "kvm.backend", "kvm_intel");
	fact_set_free(facts);
}

Test(kvm, a_device_that_is_none_is_failed)
{
	struct fake_machine *fake = fake_cpu("GenuineIntel", true, false);
	fake_status(fake, "kvm", STATUS_FAILED, EISDIR);
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "kvm.device", STATUS_FAILED);
	fact_set_free(facts);
}

Test(kvm, hidden_sysfs_is_no_absence)
{
	struct fake_machine *fake = fake_cpu("GenuineIntel", true, false);
	fake_device(fake);
	fake_status(fake, "dir /sys/module/kvm_intel", STATUS_DENIED, EACCES);
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "kvm.backend", STATUS_DENIED);
	expect_status(facts, "kvm.slat", STATUS_DENIED);
	fact_set_free(facts);
}

Test(kvm, a_parameter_of_rubbish_is_failed)
{
	static const char *const rubbish[] = { "", "\n", "2\n", "Yes\n", "10\n", "y" };
	for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
		struct fake_machine *fake = fake_cpu("GenuineIntel", true, false);
		fake_device(fake);
		fake_loaded(fake, "/sys/module/kvm_intel");
		fake_intel(fake, rubbish[i]);
		struct fact_set *facts = facts_of(fake);
		expect_status(facts, "kvm.slat", STATUS_FAILED);
		fact_set_free(facts);
	}
}
