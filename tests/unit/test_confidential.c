/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Confidential VMs are recognised by what cannot lie to them, and nothing is taken for one. */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/lib/cpus.h"
#include "tests/lib/fake_platform.h"

extern const struct probe probe_confidential;

#define KIND       "confidential.kind"
#define SEV_STATUS "msr 0 0xc0010131"
#define SYSFS      "/sys/devices/system/cpu/sev/vmpl"

/* AMD or Intel under KVM. */
static struct fake_machine *amd_machine(uint32_t encryption)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_amd(fake, 1, false);
	fake_cpuid(fake, 0, 0x80000000, 0, 0x8000001f, 0, 0, 0);
	fake_cpuid(fake, 0, 0x8000001f, 0, encryption, 0x173, 0, 0);
	return fake;
}

static struct fake_machine *intel_machine(void)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_intel(fake, 1, false);
	return fake;
}

/* Makes it a guest of Hyper-V of these privileges and this isolation. */
static void add_hyperv(struct fake_machine *fake, uint32_t privileges, uint32_t isolation)
{
	fake_hyperv(fake, "Microsoft Hv");
	fake_signature(fake, 0x40000000, 0x4000000c, "Microsoft Hv");
	fake_cpuid(fake, 0, 0x40000003, 0, 0x2e7f, privileges, 0, 0);
	fake_cpuid(fake, 0, 0x4000000c, 0, 1, isolation, 0, 0);
}

static struct fact_set *run(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_confidential, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

static void expect_kind(struct fake_machine *fake, const char *kind, const char *source)
{
	struct fact_set *facts = run(fake);
	expect_text(facts, KIND, kind);
	expect_source(facts, KIND, source);
	fact_set_free(facts);
}

static void expect_none(struct fake_machine *fake, enum status status, const char *why)
{
	struct fact_set *facts = run(fake);
	expect_status(facts, KIND, status);
	expect_why(facts, KIND, why);
	fact_set_free(facts);
}

Test(confidential, the_status_register_tells_which_sev)
{
	static const struct {
		uint64_t status;
		const char *kind;
	} cases[] = { { 1, "sev" }, { 3, "sev-es" }, { 7, "snp" }, { 0x9f, "snp" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake_machine *fake = amd_machine(2);
		fake_msr(fake, 0, 0xc0010131, cases[i].status);
		expect_kind(fake, cases[i].kind, "MSR 0xc0010131");
	}
}

Test(confidential, a_cpu_that_can_is_not_a_vm_that_is)
{
	struct fake_machine *fake = amd_machine(0x1b);
	fake_msr(fake, 0, 0xc0010131, 0);
	expect_none(fake, STATUS_ABSENT, "SEV is not used for this VM");
	expect_none(amd_machine(0x1), STATUS_ABSENT, "CPUID shows no SEV");
}

Test(confidential, without_the_register_sysfs_tells_of_snp)
{
	struct fake_machine *fake = amd_machine(2);
	fake_status(fake, SEV_STATUS, STATUS_DENIED, EACCES);
	fake_file(fake, SYSFS, "0\n");
	expect_kind(fake, "snp", SYSFS);
}

Test(confidential, without_any_witness_it_is_not_known)
{
	static const struct {
		enum status answer;
		int sys_errno;
		enum status expected;
		const char *why;
	} cases[] = {
		{ STATUS_DENIED, EACCES, STATUS_DENIED, "in an MSR: Permission denied" },
		{ STATUS_ABSENT, ENOENT, STATUS_SKIPPED,
		  "in an MSR: no msr device (modprobe msr)" },
		{ STATUS_FAILED, EIO, STATUS_FAILED, "in an MSR: Input/output error" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake_machine *fake = amd_machine(2);
		fake_status(fake, SEV_STATUS, cases[i].answer, cases[i].sys_errno);
		fake_status(fake, "file " SYSFS, STATUS_ABSENT, ENOENT);
		expect_none(fake, cases[i].expected, cases[i].why);
	}
}

Test(confidential, tdx_signs_its_leaf)
{
	struct fake_machine *fake = intel_machine();
	fake_cpuid(fake, 0, 0, 0, 0x21, 0x756e6547, 0x6c65746e, 0x49656e69);
	fake_cpuid(fake, 0, 0x21, 0, 0, 0x65746e49, 0x20202020, 0x5844546c);
	expect_kind(fake, "tdx", "CPUID.21h");
}

Test(confidential, an_intel_guest_that_is_none)
{
	expect_none(intel_machine(), STATUS_ABSENT, "CPUID ends at leaf 0xf, before 0x21");
	struct fake_machine *fake = intel_machine();
	fake_cpuid(fake, 0, 0, 0, 0x21, 0x756e6547, 0x6c65746e, 0x49656e69);
	fake_cpuid(fake, 0, 0x21, 0, 0, 0, 0, 0);
	expect_none(fake, STATUS_ABSENT, "no TDX guest");
}

Test(confidential, hyperv_tells_what_a_paravisor_hides)
{
	static const char *const kinds[] = { "vbs", "snp", "tdx" };
	for (uint32_t kind = 1; kind <= 3; kind++) {
		struct fake_machine *fake = intel_machine();
		add_hyperv(fake, 1u << 22, 0xbe0 | kind);
		expect_kind(fake, kinds[kind - 1], "CPUID.4000000Ch:EBX[3:0]");
		fake = amd_machine(0); /* as Azure does it */
		add_hyperv(fake, 1u << 22, 0xbe0 | kind);
		expect_kind(fake, kinds[kind - 1], "CPUID.4000000Ch:EBX[3:0]");
	}
}

Test(confidential, hyperv_settles_what_a_denied_register_left_open)
{
	struct fake_machine *fake = amd_machine(2);
	fake_status(fake, SEV_STATUS, STATUS_DENIED, EACCES);
	fake_status(fake, "file " SYSFS, STATUS_ABSENT, ENOENT);
	add_hyperv(fake, 1u << 22, 2);
	expect_kind(fake, "snp", "CPUID.4000000Ch:EBX[3:0]");
}

Test(confidential, hyperv_without_isolation)
{
	struct fake_machine *fake = intel_machine();
	add_hyperv(fake, 0, 2); /* what the leaf holds does not count then */
	expect_none(fake, STATUS_ABSENT, "not an isolated partition");
	fake = intel_machine();
	add_hyperv(fake, 1u << 22, 0);
	expect_none(fake, STATUS_ABSENT, "isolation of no kind");
	fake = intel_machine();
	add_hyperv(fake, 1u << 22, 9);
	expect_none(fake, STATUS_FAILED, "isolation of an unknown kind");
	fake = intel_machine();
	fake_hyperv(fake, "Microsoft Hv"); /* ends before the leaf of isolation */
	fake_cpuid(fake, 0, 0x40000003, 0, 0, 1u << 22, 0, 0);
	expect_none(fake, STATUS_ABSENT, "Hyper-V has no such leaf");
}

Test(confidential, bare_metal_is_none)
{
	struct fake_machine *fake = fake_bare_machine();
	fake_online(fake, 1);
	expect_none(fake, STATUS_ABSENT, "no hypervisor underneath");
}

Test(confidential, cpuid_that_cannot_be_asked_leaves_it_open)
{
	struct fake_machine *fake = fake_machine_new();
	fake_online(fake, 1);
	fake_status(fake, "cpuid 0 0x00000001 0x00000000", STATUS_FAILED, EINVAL);
	expect_none(fake, STATUS_FAILED, "Invalid argument");
}
