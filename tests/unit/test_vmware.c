/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate before the backdoor port, and what is made of the port's answers. */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/lib/fake_platform.h"

extern const struct probe probe_vmware;

#define MAGIC ((uint64_t)0x564d5868)

static struct fake_machine *fake_esxi(uint64_t product, uint64_t hardware)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_vmware(fake);
	fake_numbers(fake, "backdoor 0x0000000a", 4, (uint64_t)6, MAGIC, product, (uint64_t)0);
	fake_numbers(fake, "backdoor 0x00000011", 4, hardware, MAGIC, (uint64_t)0, (uint64_t)0);
	return fake;
}

static struct fact_set *facts_of(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_vmware, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

Test(vmware, product_and_hardware_version)
{
	struct fact_set *facts = facts_of(fake_esxi(2, 19));
	expect_bool(facts, "vmware.backdoor", true);
	expect_int(facts, "vmware.product", 2);
	expect_int(facts, "vmware.hardware-version", 19);
	fact_set_free(facts);
}

/* The high half of ECX is preset, so that a product that was not set is seen. */
Test(vmware, a_port_that_knows_less)
{
	struct fact_set *facts = facts_of(fake_esxi(0xffff000a, 0xffffffff));
	expect_bool(facts, "vmware.backdoor", true);
	expect_status(facts, "vmware.product", STATUS_ABSENT);
	expect_status(facts, "vmware.hardware-version", STATUS_ABSENT);
	fact_set_free(facts);
}

Test(vmware, a_port_that_does_not_answer)
{
	struct fake_machine *fake = fake_esxi(2, 19);
	fake_numbers(fake, "backdoor 0x0000000a", 4, (uint64_t)0xffffffff, (uint64_t)0,
	             (uint64_t)0xffff000a, (uint64_t)0x5658);
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "vmware.backdoor", false);
	expect_status(facts, "vmware.product", STATUS_ABSENT);
	expect_status(facts, "vmware.hardware-version", STATUS_ABSENT);
	fact_set_free(facts);
}

Test(vmware, a_port_that_faults)
{
	struct fake_machine *fake = fake_esxi(2, 19);
	fake_status(fake, "backdoor 0x0000000a", STATUS_FAILED, EFAULT);
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "vmware.backdoor", STATUS_FAILED);
	expect_status(facts, "vmware.hardware-version", STATUS_FAILED);
	fact_set_free(facts);
}

/* In each of these the port is not recorded: to ask it would fail the test. */
static void expect_gate_closed(struct fake_machine *fake, const char *why)
{
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "vmware.backdoor", STATUS_SKIPPED);
	expect_status(facts, "vmware.product", STATUS_SKIPPED);
	expect_status(facts, "vmware.hardware-version", STATUS_SKIPPED);
	expect_why(facts, "vmware.backdoor", why);
	fact_set_free(facts);
}

Test(vmware, gate_is_closed_on_everything_else)
{
	expect_gate_closed(fake_bare_machine(), "CPUID does not say VMware");
	expect_gate_closed(fake_guest_machine(), "CPUID does not say VMware");

	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	expect_gate_closed(fake, "CPUID does not say VMware");

	fake = fake_guest_machine();
	fake_vmware(fake);
	fake_kvm(fake, 0x40000100);
	expect_gate_closed(fake, "another hypervisor beside VMware");

	fake = fake_guest_machine();
	fake_vmware(fake);
	fake_status(fake, "cpuid 0 0x40000100 0x00000000", STATUS_FAILED, EIO);
	expect_gate_closed(fake, "could not be read to the end");
}

Test(vmware, leaves_a_marker_first)
{
	cr_assert_neq(probe_vmware.flags & PROBE_RISKY, 0);
}
