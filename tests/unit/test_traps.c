/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layers that look like another one.  Each test makes up a machine that the
 * naive answer gets wrong, runs the probes on it, and asks the knowledge which
 * platform it is.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "report/report.h"
#include "tests/lib/fake_platform.h"

extern const struct probe probe_platform;
extern const struct probe probe_vmware;
extern const struct probe probe_pci;

#define QEMU_NICS   "0000:00:03.0 0200 1af4:1041 1af4:1100\n"
#define VMWARE_NICS "0000:0b:00.0 0200 15ad:07b0 15ad:07b0\n"

static void add_facts(struct fact_set *all, const struct probe *probe, struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(probe, fake, NULL);
	for (size_t i = 0; i < fact_set_count(facts); i++)
		cr_assert_eq(fact_set_add(all, fact_set_at(facts, i)), 0);
	fact_set_free(facts);
}

/* The one fact of the probe cpuid that recognitions use. */
static void add_hypervisor_bit(struct fact_set *facts, struct fake_machine *fake)
{
	cleanup_answer struct answer leaf = ANSWER_INIT;
	machine_cpuid(fake_machine(fake), 0, 1, 0, &leaf);
	struct fact fact = { .key = "cpu.hypervisor-bit",
		             .status = STATUS_OBSERVED,
		             .value = json_boolean((leaf.numbers[2] & 1u << 31) != 0) };
	cr_assert_eq(fact_set_add(facts, &fact), 0);
}

/* The facts of all three probes, and that one; the machine is gone afterwards. */
static struct fact_set *facts_of(struct fake_machine *fake, const char *pci)
{
	struct fact_set *facts = fact_set_new();
	if (pci == NULL)
		fake_status(fake, "pci", STATUS_ABSENT, ENOENT);
	else
		fake_pci(fake, pci);
	add_facts(facts, &probe_platform, fake);
	add_facts(facts, &probe_vmware, fake);
	add_facts(facts, &probe_pci, fake);
	add_hypervisor_bit(facts, fake);
	fake_machine_free(fake);
	return facts;
}

/* `id` NULL: no platform may be recognised.  Frees the facts. */
static void expect_platform(struct fact_set *facts, const char *id, enum confidence at_least)
{
	struct identification found;
	identify_platform(facts, &found);
	const char *name = found.platform == NULL ? "none" : found.platform->id;
	const char *evidence = found.evidence_count == 0 ? "no evidence" : found.evidence[0];
	cr_assert_str_eq(name, id == NULL ? "none" : id, "%s by: %s", name, evidence);
	if (id != NULL)
		cr_assert_geq(found.confidence, at_least, "%s by: %s", name, evidence);
	fact_set_free(facts);
}

/* vmport answers GETVERSION with the magic and claims to be ESX: it must not even be asked. */
Test(traps, qemu_vmport_is_not_vmware)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_dmi(fake, "sys_vendor", "QEMU\n", "product_name", "Standard PC (Q35 + ICH9, 2009)\n",
	         NULL);
	struct fact_set *facts = facts_of(fake, QEMU_NICS);
	expect_status(facts, "vmware.backdoor", STATUS_SKIPPED);
	expect_platform(facts, "kvm-libvirt", CONFIDENCE_HIGH);
}

Test(traps, kvm_posing_as_vmware_is_not_asked_either)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_vmware(fake);
	fake_kvm(fake, 0x40000100);
	fake_dmi(fake, "sys_vendor", "QEMU\n", NULL);
	struct fact_set *facts = facts_of(fake, QEMU_NICS);
	expect_status(facts, "vmware.backdoor", STATUS_SKIPPED);
	expect_platform(facts, "kvm-libvirt", CONFIDENCE_HIGH);
}

/* libvirt's and Proxmox's settings for a Windows guest. */
Test(traps, kvm_with_hyperv_enlightenments_is_kvm)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_kvm(fake, 0x40000100);
	fake_dmi(fake, "sys_vendor", "QEMU\n", NULL);
	struct fact_set *facts = facts_of(fake, QEMU_NICS);
	expect_text(facts, "hypervisor.signature", "Microsoft Hv");
	expect_value(facts, "hypervisor.signatures", "['Microsoft Hv', 'KVMKVMKVM']");
	expect_platform(facts, "kvm-libvirt", CONFIDENCE_HIGH);
}

/* QEMU's hv-vendor-id, kvm=off, and -hypervisor. */
Test(traps, changed_or_hidden_signature_falls_to_dmi)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "MyCloud");
	fake_dmi(fake, "sys_vendor", "QEMU\n", NULL);
	expect_platform(facts_of(fake, QEMU_NICS), "kvm-libvirt", CONFIDENCE_MEDIUM);

	static const char *const raw = "file /sys/firmware/dmi/entries/0-0/raw";
	fake = fake_guest_machine();
	fake_dmi(fake, "sys_vendor", "QEMU\n", NULL);
	fake_status(fake, raw, STATUS_DENIED, EACCES);
	expect_platform(facts_of(fake, QEMU_NICS), "kvm-libvirt", CONFIDENCE_MEDIUM);

	fake = fake_bare_machine();
	fake_dmi(fake, "sys_vendor", "QEMU\n", NULL);
	fake_status(fake, raw, STATUS_DENIED, EACCES);
	expect_platform(facts_of(fake, QEMU_NICS), "kvm-libvirt", CONFIDENCE_MEDIUM);
}

/* hypervisor.cpuid.v0 = FALSE hides the bit and the name; the port must not be asked then. */
Test(traps, vmware_that_hides_falls_to_dmi)
{
	struct fake_machine *fake = fake_bare_machine();
	fake_dmi(fake, "sys_vendor", "VMware, Inc.\n", "product_name", "VMware20,1\n", NULL);
	fake_status(fake, "file /sys/firmware/dmi/entries/0-0/raw", STATUS_DENIED, EACCES);
	struct fact_set *facts = facts_of(fake, VMWARE_NICS);
	expect_status(facts, "vmware.backdoor", STATUS_SKIPPED);
	expect_value(facts, "pci.nics", "['15ad:07b0']");
	expect_platform(facts, "vmware-esxi", CONFIDENCE_LOW);
}

/* VirtualBox shows KVM's name or Hyper-V's interface, as its paravirtualization setting has it. */
Test(traps, virtualbox_is_virtualbox_by_dmi)
{
	static const char nics[] = "0000:00:03.0 0200 8086:100e 8086:001e\n";
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_dmi(fake, "sys_vendor", "innotek GmbH\n", "product_name", "VirtualBox\n", NULL);
	expect_platform(facts_of(fake, nics), "virtualbox", CONFIDENCE_HIGH);

	fake = fake_guest_machine();
	fake_hyperv(fake, "VBoxVBoxVBox");
	fake_dmi(fake, "sys_vendor", "innotek GmbH\n", "product_name", "VirtualBox\n", NULL);
	struct fact_set *facts = facts_of(fake, nics);
	expect_bool(facts, "hyperv.interface", true);
	expect_platform(facts, "virtualbox", CONFIDENCE_HIGH);

	fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_dmi(fake, "sys_vendor", "innotek GmbH\n", "product_name", "VirtualBox\n", NULL);
	expect_platform(facts_of(fake, nics), "virtualbox", CONFIDENCE_HIGH);
}

Test(traps, clouds_on_kvm_are_told_by_dmi)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_dmi(fake, "sys_vendor", "Amazon EC2\n", "product_name", "m8i.xlarge\n", NULL);
	expect_platform(facts_of(fake, "0000:00:05.0 0200 1d0f:ec20 1d0f:ec20\n"), "aws-ec2",
	                CONFIDENCE_HIGH);

	fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_dmi(fake, "sys_vendor", "Google\n", "product_name", "Google Compute Engine\n", NULL);
	expect_platform(facts_of(fake, "0000:00:04.0 0200 1ae0:0042 1ae0:0058\n"), "gcp",
	                CONFIDENCE_HIGH);
}

/* The same vendor's name stands on EC2's bare machines, where nothing is underneath. */
Test(traps, ec2_metal_is_no_guest)
{
	static const char smbios[0x1a] = { 0, 0x1a };
	struct fake_machine *fake = fake_bare_machine();
	fake_dmi(fake, "sys_vendor", "Amazon EC2\n", "product_name", "c5.metal\n", NULL);
	fake_file_bytes(fake, "/sys/firmware/dmi/entries/0-0/raw", smbios, sizeof smbios);
	struct fact_set *facts = facts_of(fake, "0000:00:05.0 0200 1d0f:ec20 1d0f:ec20\n");
	expect_bool(facts, "dmi.virtual-machine", false);
	expect_platform(facts, "bare-metal", CONFIDENCE_MEDIUM);
}

/* Xen's viridian and QEMU's hv-* put Hyper-V's name first. */
Test(traps, xen_with_viridian_is_xen)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_xen(fake, 0x40000100);
	fake_dmi(fake, "sys_vendor", "Xen\n", "product_name", "HVM domU\n", NULL);
	fake_dir(fake, "/sys/bus/xen", "devices\n");
	struct fact_set *facts = facts_of(fake, "0000:00:02.0 ff80 5853:0001 5853:0001\n");
	expect_text(facts, "xen.version", "4.17");
	expect_platform(facts, "xen", CONFIDENCE_HIGH);
}

/* QEMU can offer Xen's interface on KVM. */
Test(traps, kvm_with_xen_emulation_is_kvm)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_xen(fake, 0x40000000);
	fake_kvm(fake, 0x40000100);
	fake_dmi(fake, "sys_vendor", "QEMU\n", NULL);
	fake_dir(fake, "/sys/bus/xen", "devices\n");
	expect_platform(facts_of(fake, QEMU_NICS), "kvm-libvirt", CONFIDENCE_HIGH);
}

/* A Gen2 VM: vmbus, and no PCI at all. */
static struct fake_machine *fake_hyperv_guest(void)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_dmi(fake, "sys_vendor", "Microsoft Corporation\n", "product_name", "Virtual Machine\n",
	         NULL);
	fake_dir(fake, "/sys/bus/vmbus/devices", "0e0b6031-5213-4934\n1f2a\n");
	fake_status(fake, "file /var/lib/hyperv/.kvp_pool_3", STATUS_ABSENT, ENOENT);
	return fake;
}

Test(traps, hyperv_is_hyperv_though_its_guests_have_no_pci)
{
	struct fact_set *facts = facts_of(fake_hyperv_guest(), NULL);
	expect_status(facts, "pci.nics", STATUS_ABSENT);
	expect_platform(facts, "hyperv", CONFIDENCE_HIGH);
}

Test(traps, root_partition_is_the_parent_and_no_guest)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_cpuid(fake, 0, 0x40000003, 0, 0x2e7f, 1u << 12 | 1u << 0, 0, 0);
	fake_dmi(fake, "sys_vendor", "Dell Inc.\n", "product_name", "PowerEdge R750\n", NULL);
	struct fact_set *facts = facts_of(fake, "0000:04:00.0 0200 14e4:165f 1028:0a6b\n");
	expect_bool(facts, "hyperv.root-partition", true);
	expect_platform(facts, "hyperv-root", CONFIDENCE_HIGH);
}

Test(traps, nested_hyperv_is_hyperv_and_says_so)
{
	struct fake_machine *fake = fake_hyperv_guest();
	fake_cpuid(fake, 0, 0x40000004, 0, 1u << 12, 0xfff, 0, 0);
	struct fact_set *facts = facts_of(fake, NULL);
	expect_bool(facts, "hyperv.nested", true);
	expect_platform(facts, "hyperv", CONFIDENCE_HIGH);
}

Test(traps, azure_is_told_by_its_asset_tag)
{
	struct fake_machine *fake = fake_hyperv_guest();
	fake_dmi(fake, "sys_vendor", "Microsoft Corporation\n", "product_name", "Virtual Machine\n",
	         "chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n", NULL);
	expect_platform(facts_of(fake, NULL), "azure", CONFIDENCE_HIGH);
}

/* No DMI, and a PID namespace of its own that is no container of anybody's. */
Test(traps, wsl2_is_told_by_its_kernel)
{
	static const char *const nowhere[] = { "file /run/systemd/container",
		                               "file /run/.containerenv", "file /.dockerenv",
		                               "file /proc/1/environ", "file /proc/1/cgroup" };
	struct fake_machine *fake = fake_guest_machine();
	fake_hyperv(fake, "Microsoft Hv");
	fake_dir(fake, "/sys/bus/vmbus/devices", "0e0b6031-5213-4934\n");
	fake_status(fake, "file /var/lib/hyperv/.kvp_pool_3", STATUS_ABSENT, ENOENT);
	fake_uname(fake, "6.6.87.2-microsoft-standard-WSL2");
	fake_link(fake, "/proc/self/ns/pid", "pid:[4026532214]");
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
		fake_status(fake, nowhere[i], STATUS_ABSENT, ENOENT);
	struct fact_set *facts = facts_of(fake, NULL);
	expect_status(facts, "dmi.sys-vendor", STATUS_ABSENT);
	expect_text(facts, "container.kind", "wsl");
	expect_platform(facts, "wsl2", CONFIDENCE_HIGH);
}

/* A container sees the DMI and the CPU of the guest that it runs in. */
Test(traps, a_container_has_its_guests_platform)
{
	struct fake_machine *fake = fake_hyperv_guest();
	fake_link(fake, "/proc/self/ns/pid", "pid:[4026532201]");
	fake_file(fake, "/run/systemd/container", "lxc\n");
	struct fact_set *facts = facts_of(fake, NULL);
	expect_text(facts, "container.kind", "lxc");
	expect_platform(facts, "hyperv", CONFIDENCE_HIGH);
}

/* A VM whose root was made from a container's image; a look at /.dockerenv would be wrong. */
Test(traps, a_microvm_made_from_an_image_is_no_container)
{
	static const char facp[36] = "FACP\x14\x01\0\0\x06\x66"
	                             "FIRECK";
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_file(fake, "/.dockerenv", "");
	fake_file_bytes(fake, "/sys/firmware/acpi/tables/FACP", facp, sizeof facp);
	struct fact_set *facts = facts_of(fake, "0000:00:01.0 0200 1af4:1041 1af4:1041\n");
	expect_status(facts, "container.kind", STATUS_ABSENT);
	expect_platform(facts, "firecracker", CONFIDENCE_HIGH);
}

/* The ACPI tables are for root's eyes; without them it is still no QEMU. */
Test(traps, an_ordinary_user_in_a_microvm)
{
	struct fake_machine *fake = fake_guest_machine();
	fake_kvm(fake, 0x40000000);
	fake_status(fake, "file /sys/firmware/acpi/tables/FACP", STATUS_DENIED, EACCES);
	struct fact_set *facts = facts_of(fake, NULL);
	expect_status(facts, "acpi.oem-id", STATUS_DENIED);
	expect_platform(facts, "firecracker", CONFIDENCE_MEDIUM);
}

/* Intel repeats its highest basic leaf: here leaf 0x16 of a 3.4 GHz part. */
Test(traps, a_leaf_out_of_range_is_no_name)
{
	struct fake_machine *fake = fake_guest_machine();
	for (uint32_t base = 0x40000000; base <= 0x40000400; base += 0x100)
		fake_cpuid(fake, 0, base, 0, 0x0d48, 0x1194, 0x64, 0);
	struct fact_set *facts = facts_of(fake, NULL);
	expect_status(facts, "hypervisor.signature", STATUS_ABSENT);
	expect_why(facts, "hypervisor.signature", "does not give its name");
	expect_platform(facts, NULL, CONFIDENCE_LOW);
}

Test(traps, bare_metal)
{
	static const char smbios[0x1a] = { 0, 0x1a };
	struct fake_machine *fake = fake_bare_machine();
	fake_dmi(fake, "sys_vendor", "Dell Inc.\n", "product_name", "PowerEdge R750\n", NULL);
	fake_file_bytes(fake, "/sys/firmware/dmi/entries/0-0/raw", smbios, sizeof smbios);
	struct fact_set *facts = facts_of(fake, "0000:04:00.0 0200 14e4:165f 1028:0a6b\n");
	expect_why(facts, "hypervisor.signature", "there is no hypervisor");
	expect_platform(facts, "bare-metal", CONFIDENCE_MEDIUM);
}
