/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signs of a layer, each read from where it is kept; what they add up to is in test_traps. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/kvp.h"
#include "tests/lib/fake_platform.h"

extern const struct probe probe_platform;

static struct fact_set *facts_of(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_platform, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

Test(platform, bare_machine)
{
	struct fact_set *facts = facts_of(fake_bare_machine());
	static const char *const absent[] = {
		"hypervisor.signatures",
		"hypervisor.signature",
		"hypervisor.vendor",
		"hyperv.interface",
		"hyperv.root-partition",
		"kvm-guest.features",
		"xen.version",
		"dmi.sys-vendor",
		"dmi.product-uuid",
		"acpi.oem-id",
		"bus.vmbus",
		"container.kind",
		"hyperv.kvp.host",
	};
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		expect_status(facts, absent[i], STATUS_ABSENT);
	expect_why(facts, "hypervisor.signature", "no hypervisor");
	expect_bool(facts, "bus.xen", false);
	expect_bool(facts, "firmware.fw-cfg", false);
	expect_status(facts, "dmi.virtual-machine", STATUS_ABSENT);
	expect_text(facts, "os.kernel", "6.1.0-37-amd64");
	expect_text(facts, "guest.boot-id", "5c3b71a6-2f6e-4d0c-9a1b-7e0f3c9d2b11");
	fact_set_free(facts);
}

Test(platform, every_declared_fact_is_emitted)
{
	struct fact_set *facts = facts_of(fake_bare_machine());
	for (const struct fact_declaration *fact = probe_platform.facts; fact->key != NULL; fact++)
		cr_assert_not_null(fact_set_find(facts, fact->key), "%s", fact->key);
	fact_set_free(facts);
}

/* Three CPUIDs, one of them twice; DMI, ACPI, three buses, name space, kernel and boot. */
Test(platform, a_microvm_costs_twelve_questions)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	struct fact_set *facts = run_probe(&probe_platform, fake, NULL);
	cr_assert_eq(fake_asked(fake), 12, "%zu questions", fake_asked(fake));
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(platform, cpuid_denied_is_not_no_hypervisor)
{
	struct fake_machine *fake = fake_bare_machine();
	fake_status(fake, "cpuid 0 0x00000001 0x00000000", STATUS_DENIED, EPERM);
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "hypervisor.signature", STATUS_DENIED);
	expect_status(facts, "hyperv.interface", STATUS_DENIED);
	expect_status(facts, "kvm-guest.features", STATUS_DENIED);
	fact_set_free(facts);
}

Test(platform, kvm)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	struct fact_set *facts = facts_of(fake);
	expect_value(facts, "hypervisor.signatures", "['KVMKVMKVM']");
	expect_text(facts, "hypervisor.signature", "KVMKVMKVM");
	expect_text(facts, "hypervisor.vendor", "KVM");
	expect_hex(facts, "kvm-guest.features", 0x01007efb);
	expect_status(facts, "hyperv.interface", STATUS_ABSENT);
	fact_set_free(facts);
}

Test(platform, hyperv)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "hyperv.interface", true);
	expect_text(facts, "hyperv.version", "10.0.20348.1");
	expect_int(facts, "hyperv.build", 20348);
	expect_bool(facts, "hyperv.root-partition", false);
	expect_bool(facts, "hyperv.nested", false);
	expect_hex(facts, "hyperv.nested-features", 0);
	fact_set_free(facts);
}

Test(platform, hyperv_leaves_that_are_not_there)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "VBoxVBoxVBox");
	fake_signature(fake, 0x40000000, 0x40000006, "VBoxVBoxVBox");
	fake_cpuid(fake, 0, 0x40000002, 0, 0, 0, 0, 0);
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "hyperv.interface", true);
	expect_status(facts, "hyperv.version", STATUS_ABSENT);
	expect_why(facts, "hyperv.build", "not filled in");
	expect_why(facts, "hyperv.nested-features", "beyond the highest leaf");
	fact_set_free(facts);
}

Test(platform, an_isolated_guest_is_no_root_partition)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_cpuid(fake, 0, 0x40000003, 0, 0, 1u << 12 | 1u << 22, 0, 0);
	struct fact_set *facts = facts_of(fake);
	expect_bool(facts, "hyperv.root-partition", false);
	fact_set_free(facts);
}

Test(platform, xen)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_xen(fake, 0x40000000);
	fake_dir(fake, "/sys/bus/xen", "devices\ndrivers\n");
	struct fact_set *facts = facts_of(fake);
	expect_text(facts, "xen.version", "4.17");
	expect_bool(facts, "bus.xen", true);
	fact_set_free(facts);
}

Test(platform, dmi_reads_only_what_is_listed)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_dmi(fake, "sys_vendor", "QEMU\n", "bios_vendor", " \n", "product_uuid", "x", NULL);
	fake_status(fake, "file /sys/class/dmi/id/product_uuid", STATUS_DENIED, EACCES);
	struct fact_set *facts = facts_of(fake);
	expect_text(facts, "dmi.sys-vendor", "QEMU");
	expect_source(facts, "dmi.sys-vendor", "/sys/class/dmi/id/sys_vendor");
	expect_status(facts, "dmi.bios-vendor", STATUS_ABSENT);
	expect_why(facts, "dmi.bios-vendor", "empty");
	expect_status(facts, "dmi.product-uuid", STATUS_DENIED);
	expect_status(facts, "dmi.product-name", STATUS_ABSENT);
	expect_status(facts, "acpi.oem-id", STATUS_SKIPPED);
	expect_status(facts, "dmi.virtual-machine", STATUS_SKIPPED);
	fact_set_free(facts);
}

Test(platform, acpi_speaks_where_dmi_is_silent)
{
	static const char facp[] = "FACP\x14\x01\0\0\x06\x66"
	                           "FIRECK"
	                           "FCVMFADT\0\0\0\0FCAT\x19\x01\x24\x20";
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_file_bytes(fake, "/sys/firmware/acpi/tables/FACP", facp, 36);
	struct fact_set *facts = facts_of(fake);
	expect_text(facts, "acpi.oem-id", "FIRECK");
	fact_set_free(facts);

	fake = fake_bare_machine();
	fake_file_bytes(fake, "/sys/firmware/acpi/tables/FACP", facp, 35);
	facts = facts_of(fake);
	expect_status(facts, "acpi.oem-id", STATUS_FAILED);
	fact_set_free(facts);
}

static struct fact_set *facts_of_smbios(const char *entry, size_t length)
{
	struct fake_machine *fake = fake_bare_machine();
	fake_dmi(fake, "sys_vendor", "Amazon EC2\n", NULL);
	fake_file_bytes(fake, "/sys/firmware/dmi/entries/0-0/raw", entry, length);
	return facts_of(fake);
}

Test(platform, smbios_bit_is_asked_where_cpuid_names_nobody)
{
	char entry[32] = { 0, 0x1a };
	struct fact_set *facts = facts_of_smbios(entry, sizeof entry);
	expect_bool(facts, "dmi.virtual-machine", false);
	fact_set_free(facts);

	entry[0x13] = 1 << 4;
	facts = facts_of_smbios(entry, sizeof entry);
	expect_bool(facts, "dmi.virtual-machine", true);
	fact_set_free(facts);

	facts = facts_of_smbios(entry, 0x13);
	expect_status(facts, "dmi.virtual-machine", STATUS_ABSENT);
	fact_set_free(facts);

	entry[1] = 0x13;
	facts = facts_of_smbios(entry, sizeof entry);
	expect_status(facts, "dmi.virtual-machine", STATUS_ABSENT);
	fact_set_free(facts);
}

Test(platform, smbios_entry_without_the_kernel_driver_is_not_no)
{
	struct fake_machine *fake = fake_bare_machine();
	fake_dmi(fake, "sys_vendor", "Amazon EC2\n", NULL);
	fake_status(fake, "file /sys/firmware/dmi/entries/0-0/raw", STATUS_ABSENT, ENOENT);
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "dmi.virtual-machine", STATUS_SKIPPED);
	fact_set_free(facts);
}

/* Pool 3 as a host writes it, with the pairs given; then the facts of a guest that has it. */
static struct fact_set *facts_of_pool(size_t count, const char *const pairs[][2], size_t length)
{
	static char pool[8 * KVP_RECORD_SIZE];
	memset(pool, 0, sizeof pool);
	for (size_t i = 0; i < count; i++) {
		strcpy(pool + i * KVP_RECORD_SIZE, pairs[i][0]);
		strcpy(pool + i * KVP_RECORD_SIZE + KVP_KEY_SIZE, pairs[i][1]);
	}
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_dir(fake, "/sys/bus/vmbus/devices", "0e0b6031-5213-4934\n1f2a\n3c4d");
	fake_file_bytes(fake, "/var/lib/hyperv/.kvp_pool_3", pool, length);
	return facts_of(fake);
}

Test(platform, kvp_pool)
{
	static const char *const pairs[][2] = {
		{ "HostName", "short" },
		{ "HostingSystemNestedLevel", "1" },
		{ "PhysicalHostNameFullyQualified", "hv01.example.org" },
		{ "VirtualMachineDynamicMemoryBalancingEnabled", "0" },
		{ "VirtualMachineId", "670093CC-C644-4167-8076-E9678D22C459" },
		{ "VirtualMachineName", "lab-7" },
	};
	struct fact_set *facts = facts_of_pool(6, pairs, 6 * KVP_RECORD_SIZE);
	expect_int(facts, "bus.vmbus", 3);
	expect_text(facts, "hyperv.kvp.host", "hv01.example.org");
	expect_text(facts, "hyperv.kvp.vm-id", "670093CC-C644-4167-8076-E9678D22C459");
	expect_text(facts, "hyperv.kvp.vm-name", "lab-7");
	expect_int(facts, "hyperv.kvp.nested-level", 1);
	expect_bool(facts, "hyperv.kvp.dynamic-memory", false);
	fact_set_free(facts);
}

Test(platform, kvp_values_that_are_missing_or_wrong)
{
	static const char *const pairs[][2] = {
		{ "HostName", "HV01" },
		{ "HostingSystemNestedLevel", "-1" },
		{ "VirtualMachineDynamicMemoryBalancingEnabled", "2" },
	};
	struct fact_set *facts = facts_of_pool(3, pairs, 3 * KVP_RECORD_SIZE);
	expect_text(facts, "hyperv.kvp.host", "HV01");
	expect_status(facts, "hyperv.kvp.vm-id", STATUS_ABSENT);
	expect_status(facts, "hyperv.kvp.nested-level", STATUS_FAILED);
	expect_status(facts, "hyperv.kvp.dynamic-memory", STATUS_FAILED);
	fact_set_free(facts);
}

Test(platform, torn_kvp_pool_fails_its_facts_and_no_others)
{
	static const char *const pairs[][2] = { { "HostName", "HV01" } };
	struct fact_set *facts = facts_of_pool(1, pairs, KVP_RECORD_SIZE + 1);
	expect_status(facts, "hyperv.kvp.host", STATUS_FAILED);
	expect_why(facts, "hyperv.kvp.dynamic-memory", "torn: 1 bytes after record 1");
	expect_bool(facts, "hyperv.interface", true);
	fact_set_free(facts);
}

/* A container whose files are those that the test adds. */
static struct fake_machine *fake_container(void)
{
	static const char *const nowhere[] = { "file /run/systemd/container",
		                               "file /run/.containerenv", "file /.dockerenv",
		                               "file /proc/1/environ" };
	struct fake_machine *fake = fake_bare_machine();
	fake_link(fake, "/proc/self/ns/pid", "pid:[4026532201]");
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
		fake_status(fake, nowhere[i], STATUS_ABSENT, ENOENT);
	fake_file(fake, "/proc/1/cgroup", "0::/\n");
	return fake;
}

static void expect_container(struct fake_machine *fake, const char *kind, const char *source)
{
	struct fact_set *facts = facts_of(fake);
	expect_text(facts, "container.kind", kind);
	expect_source(facts, "container.kind", source);
	fact_set_free(facts);
}

Test(platform, containers)
{
	struct fake_machine *fake = fake_container();
	fake_file(fake, "/run/systemd/container", "systemd-nspawn\n");
	expect_container(fake, "systemd-nspawn", "/run/systemd/container");

	fake = fake_container();
	fake_file(fake, "/.dockerenv", "");
	expect_container(fake, "docker", "/.dockerenv");

	fake = fake_container();
	fake_file(fake, "/run/.containerenv", "engine=podman\n");
	expect_container(fake, "podman", "/run/.containerenv");

	fake = fake_container();
	fake_file_bytes(fake, "/proc/1/environ", "TERM=linux\0container=lxc\0A=", 27);
	expect_container(fake, "lxc", "/proc/1/environ");

	fake = fake_container();
	fake_file_bytes(fake, "/proc/1/environ", "container=\0notcontainer=x", 25);
	fake_file(fake, "/proc/1/cgroup", "5:cpu:/\n4:memory:/kubepods/burstable/pod1\n");
	expect_container(fake, "kubernetes", "/proc/1/cgroup");

	expect_container(fake_container(), "other", "/proc/self/ns/pid");

	fake = fake_container();
	fake_uname(fake, "6.6.87.2-microsoft-standard-WSL2");
	expect_container(fake, "wsl", "uname");
}

Test(platform, no_namespace_to_look_at_is_not_no_container)
{
	struct fake_machine *fake = fake_container();
	fake_status(fake, "link /proc/self/ns/pid", STATUS_DENIED, EACCES);
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "container.kind", STATUS_DENIED);
	fact_set_free(facts);
}

Test(platform, nothing_is_known_of_a_machine_that_refuses_everything)
{
	struct fake_machine *fake = fake_machine_new();
	fake_open_world(fake);
	struct fact_set *facts = facts_of(fake);
	for (size_t i = 0; i < fact_set_count(facts); i++)
		cr_assert_eq(fact_set_at(facts, i)->status, STATUS_SKIPPED, "%s",
		             fact_set_at(facts, i)->key);
	fact_set_free(facts);
}
