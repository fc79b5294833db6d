/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scan takes for a signature, and how many VM exits it spends on that. */
#include <criterion/criterion.h>
#include <errno.h>

#include "probes/hypervisor.h"
#include "tests/lib/fake_platform.h"

/* Scans and frees the machine; fails when the scan asked what the test did not record. */
static struct hypervisor_scan scan_of(struct fake_machine *fake, size_t questions)
{
	struct hypervisor_scan scan;
	hypervisor_scan(fake_machine(fake), &scan);
	cr_assert_null(fake_missed(fake), "%s", fake_missed(fake));
	cr_assert_eq(fake_asked(fake), questions, "%zu questions", fake_asked(fake));
	fake_machine_free(fake);
	return scan;
}

Test(hypervisor, no_bit_no_scan)
{
	struct hypervisor_scan scan = scan_of(fake_bare_machine(), 1);
	cr_assert_eq(scan.status, STATUS_ABSENT);
	cr_assert_str_eq(scan.why, "CPUID says that there is no hypervisor");
}

Test(hypervisor, plain_kvm_costs_two_questions)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	struct hypervisor_scan scan = scan_of(fake, 2);
	cr_assert_eq(scan.status, STATUS_OBSERVED);
	cr_assert_eq(scan.count, 1);
	cr_assert_str_eq(scan.found[0].text, "KVMKVMKVM");
	cr_assert_eq(scan.found[0].base, 0x40000000);
	cr_assert_eq(scan.found[0].max_leaf, 0x40000001);
}

Test(hypervisor, old_kvm_says_zero_and_means_one)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_signature(fake, 0x40000000, 0, "KVMKVMKVM");
	struct hypervisor_scan scan = scan_of(fake, 2);
	cr_assert_eq(scan.count, 1);
	cr_assert_eq(scan.found[0].max_leaf, 0x40000001);
}

Test(hypervisor, all_signatures_of_one_layer_are_kept)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_xen(fake, 0x40000100);
	fake_kvm(fake, 0x40000200);
	struct hypervisor_scan scan = scan_of(fake, 4);
	cr_assert_eq(scan.count, 3);
	cr_assert_not_null(hypervisor_find(&scan, "Microsoft Hv"));
	cr_assert_eq(hypervisor_find(&scan, "XenVMMXenVMM")->base, 0x40000100);
	cr_assert_eq(hypervisor_find(&scan, "KVMKVMKVM")->base, 0x40000200);
	cr_assert_null(hypervisor_find(&scan, "VMwareVMware"));
}

Test(hypervisor, a_gap_between_ranges_is_crossed)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000300);
	struct hypervisor_scan scan = scan_of(fake, 5);
	cr_assert_eq(scan.count, 1);
	cr_assert_eq(scan.found[0].base, 0x40000300);
}

Test(hypervisor, goes_on_only_while_ranges_are_signed)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_xen(fake, 0x40000400);
	fake_cpuid(fake, 0, 0x40000500, 0, 0, 0, 0, 0);
	cr_assert_eq(scan_of(fake, 7).count, 1);

	fake = fake_guest_machine();
	for (uint32_t base = 0x40000000; base < 0x40000800; base += 0x100)
		fake_xen(fake, base);
	struct hypervisor_scan scan = scan_of(fake, 9);
	cr_assert_eq(scan.count, HYPERVISOR_RANGES_MAX);
	cr_assert_eq(scan.status, STATUS_OBSERVED);
}

/* A leaf out of range repeats the highest basic one: 0xd, 0x15, 0x16 and 0x1f of real CPUs. */
Test(hypervisor, repeated_basic_leaf_is_no_signature)
{
	static const uint32_t leaves[][4] = {
		{ 0x00000007, 0x00000340, 0x00000340, 0 },
		{ 2, 0x00000054, 0, 0 }, /* "T" */
		{ 0x00000d48, 0x00001194, 0x00000064, 0 },
		{ 0, 0, 0x00000064, 0 },
		{ 2, 0x6f697250, 0, 0 }, /* would be a name, had it a range */
		{ 0x40000001, 0x41414141, 0x41004141, 0x41414141 }, /* a hole in the name */
		{ 0x40000001, 0x41414141, 0x41418841, 0x41414141 }, /* no text */
	};
	for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
		struct fake_machine *fake = fake_guest_machine();
		for (uint32_t base = 0x40000000; base <= 0x40000400; base += 0x100)
			fake_cpuid(fake, 0, base, 0, leaves[i][0], leaves[i][1], leaves[i][2],
			           leaves[i][3]);
		struct hypervisor_scan scan = scan_of(fake, 6);
		cr_assert_eq(scan.count, 0, "row %zu", i);
		cr_assert_eq(scan.status, STATUS_ABSENT);
		cr_assert_str_eq(scan.why, "a hypervisor is there and does not give its name");
	}
}

Test(hypervisor, a_name_that_nobody_knows_counts_with_its_own_range)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_signature(fake, 0x40000000, 0x40000005, "MyCloud");
	struct hypervisor_scan scan = scan_of(fake, 6);
	cr_assert_eq(scan.count, 1);
	cr_assert_str_eq(scan.found[0].text, "MyCloud");
	cr_assert_null(hypervisor_vendor("MyCloud"));
	cr_assert_str_eq(hypervisor_vendor("bhyve bhyve "), "bhyve");
}

Test(hypervisor, what_cpuid_would_not_say_is_passed_on)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_status(fake, "cpuid 0 0x40000100 0x00000000", STATUS_DENIED, EPERM);
	struct hypervisor_scan scan = scan_of(fake, 3);
	cr_assert_eq(scan.status, STATUS_DENIED);
	cr_assert_str_eq(scan.why, "Operation not permitted");
	cr_assert_eq(scan.count, 1, "what was found until then stays");
}

Test(hypervisor, a_recording_that_ends_with_the_first_range_names_it)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_status(fake, "cpuid 0 0x40000100 0x00000000", STATUS_SKIPPED, 0);
	struct hypervisor_scan scan = scan_of(fake, 3);
	cr_assert_eq(scan.status, STATUS_OBSERVED);
	cr_assert_eq(scan.count, 1);
}

Test(hypervisor, present)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_xen(fake, 0x40000100);
	cr_assert(hypervisor_present(fake_machine(fake), "XenVMMXenVMM"));
	cr_assert_not(hypervisor_present(fake_machine(fake), "KVMKVMKVM"));
	fake_machine_free(fake);
}
