/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each platform is recognised, and the known traps catch nobody. */
#include <criterion/criterion.h>
#include <string.h>

#include "report/report.h"
#include "tests/lib/made_facts.h"

/* What every guest without these signs says. */
static const char nothing[] =
        "{\"cpu.hypervisor-bit\":true,\"hypervisor.signatures\":{\"status\":\"absent\"},"
        "\"dmi.sys-vendor\":{\"status\":\"absent\"},\"dmi.product-name\":{\"status\":\"absent\"},"
        "\"dmi.bios-version\":{\"status\":\"absent\"},\"dmi.chassis-asset-tag\":{\"status\":"
        "\"absent\"},\"dmi.virtual-machine\":{\"status\":\"absent\"},\"acpi.oem-id\":{\"status\":"
        "\"skipped\"},\"bus.vmbus\":{\"status\":\"absent\"},\"bus.xen\":false,"
        "\"firmware.fw-cfg\":false,\"hyperv.root-partition\":{\"status\":\"absent\"},"
        "\"os.kernel\":\"6.1.0-28-amd64\",\"vmware.product\":{\"status\":\"skipped\"}}";

#define SIGNED(...) "\"hypervisor.signatures\":[" __VA_ARGS__ "]"
#define KVM         "\"KVMKVMKVM\""
#define TCG         "\"TCGTCGTCGTCG\""
#define HYPERV      "\"Microsoft Hv\""
#define VENDOR(v)   "\"dmi.sys-vendor\":\"" v "\""
#define PRODUCT(p)  "\"dmi.product-name\":\"" p "\""

struct row {
	const char *facts;
	const char *platform; /* NULL: none */
	enum confidence confidence;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char json[512];
		struct identification found;
		struct fact_set *facts = made_facts(nothing);
		snprintf(json, sizeof json, "{%s}", rows[i].facts);
		made_facts_add(facts, json);
		identify_platform(facts, &found);
		const char *id = found.platform == NULL ? "none" : found.platform->id;
		const char *wanted = rows[i].platform == NULL ? "none" : rows[i].platform;
		cr_expect_str_eq(id, wanted, "%s: %s, not %s", rows[i].facts, id, wanted);
		cr_expect_eq(found.confidence, rows[i].confidence, "%s: %s", rows[i].facts,
		             confidence_name(found.confidence));
		cr_expect_eq(found.evidence_count > 0, found.platform != NULL);
		fact_set_free(facts);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(rows)[0])

static const struct row own_signs[] = {
	{ SIGNED(KVM) "," VENDOR("QEMU"), "kvm-libvirt", CONFIDENCE_HIGH },
	{ SIGNED(KVM) "," VENDOR("QEMU") ",\"dmi.bios-vendor\":\"Proxmox distribution of EDK II\"",
	  "proxmox-ve", CONFIDENCE_HIGH },
	{ SIGNED(KVM) ",\"firmware.fw-cfg\":true", "kvm-libvirt", CONFIDENCE_MEDIUM },
	{ SIGNED(KVM) "," VENDOR("Acme Cloud"), "kvm-libvirt", CONFIDENCE_LOW },
	{ SIGNED("\"VMwareVMware\"") ",\"vmware.product\":2", "vmware-esxi", CONFIDENCE_HIGH },
	{ SIGNED("\"VMwareVMware\"") "," VENDOR("VMware, Inc."), "vmware-esxi", CONFIDENCE_MEDIUM },
	{ SIGNED("\"VMwareVMware\"") ",\"vmware.product\":4," VENDOR("VMware, Inc."),
	  "vmware-workstation", CONFIDENCE_HIGH },
	{ SIGNED(HYPERV) "," VENDOR("Microsoft Corporation") ",\"bus.vmbus\":9", "hyperv",
	  CONFIDENCE_HIGH },
	{ SIGNED(HYPERV) "," VENDOR("Microsoft Corporation") ",\"bus.vmbus\":9,"
	                                                     "\"dmi.chassis-asset-tag\":"
	                                                     "\"7783-7084-3265-9085-8269-"
	                                                     "3286-77\"",
	  "azure", CONFIDENCE_HIGH },
	{ SIGNED(HYPERV) ",\"bus.vmbus\":5,\"os.kernel\":\"5.15.153.1-microsoft-standard-"
	                 "WSL2\"",
	  "wsl2", CONFIDENCE_HIGH },
	{ SIGNED(KVM) "," VENDOR("Amazon EC2") "," PRODUCT("m8i.xlarge"), "aws-ec2",
	  CONFIDENCE_HIGH },
	{ SIGNED("\"XenVMMXenVMM\"") "," VENDOR("Xen") "," PRODUCT(
	          "HVM domU") ",\"dmi.bios-version\":\"4.11.amazon\","
	                      "\"bus.xen\":true",
	  "aws-ec2", CONFIDENCE_HIGH },
	{ SIGNED(KVM) "," VENDOR("Google") "," PRODUCT("Google Compute Engine"), "gcp",
	  CONFIDENCE_HIGH },
	{ SIGNED(KVM) "," VENDOR("OpenStack Foundation") "," PRODUCT("OpenStack Nova"), "openstack",
	  CONFIDENCE_HIGH },
	{ SIGNED(KVM) "," VENDOR("oVirt"), "ovirt", CONFIDENCE_HIGH },
	{ SIGNED(KVM) "," VENDOR("KubeVirt"), "kubevirt", CONFIDENCE_HIGH },
	{ SIGNED(KVM) "," VENDOR("Nutanix") "," PRODUCT("AHV"), "nutanix", CONFIDENCE_HIGH },
	{ SIGNED(KVM) "," VENDOR("Cloud Hypervisor"), "cloud-hypervisor", CONFIDENCE_HIGH },
	{ SIGNED(KVM) ",\"acpi.oem-id\":\"FIRECK\"", "firecracker", CONFIDENCE_HIGH },
	{ SIGNED(KVM), "firecracker", CONFIDENCE_MEDIUM },
	{ SIGNED(KVM) ",\"acpi.oem-id\":{\"status\":\"denied\"}", "firecracker",
	  CONFIDENCE_MEDIUM },
	{ SIGNED(TCG) "," VENDOR("QEMU"), "qemu-tcg", CONFIDENCE_HIGH },
	{ SIGNED("\"VBoxVBoxVBox\"") "," VENDOR("innotek GmbH") "," PRODUCT("VirtualBox"),
	  "virtualbox", CONFIDENCE_HIGH },
	{ SIGNED("\"XenVMMXenVMM\"") "," VENDOR("Xen") ",\"bus.xen\":true", "xen",
	  CONFIDENCE_HIGH },
	{ SIGNED("\"bhyve bhyve \"") "," VENDOR("BHYVE"), "bhyve", CONFIDENCE_HIGH },
	{ SIGNED("\"AuthenticAMD\"") "," VENDOR("FreeBSD") "," PRODUCT("BHYVE"), "bhyve",
	  CONFIDENCE_MEDIUM },
	{ SIGNED("\" lrpepyh  vr\""), "parallels", CONFIDENCE_HIGH },
	{ "\"cpu.hypervisor-bit\":false," VENDOR("Dell Inc."), "bare-metal", CONFIDENCE_MEDIUM },
	{ "\"cpu.hypervisor-bit\":false,\"dmi.bios-vendor\":\"The Bochs Project\"", "bochs",
	  CONFIDENCE_HIGH },
	{ "\"dmi.bios-vendor\":\"The Bochs Project\"", NULL, CONFIDENCE_LOW },
	{ "\"cpu.hypervisor-bit\":false," VENDOR("Amazon EC2") "," PRODUCT("m7i.metal-24xl"),
	  "bare-metal", CONFIDENCE_HIGH },
};

Test(identify, each_platform_by_its_own_signs)
{
	CHECK(own_signs);
}

#define NAMELESS "\"cpu.hypervisor-bit\":true,\"hypervisor.signatures\":{\"status\":\"skipped\"},"

/* What another program recorded of a VM: there is a hypervisor, and only DMI to name it. */
Test(identify, without_cpuid_it_is_a_guess)
{
	static const struct row rows[] = {
		{ NAMELESS VENDOR("VMware, Inc."), "vmware-esxi", CONFIDENCE_LOW },
		{ NAMELESS VENDOR("Microsoft Corporation") "," PRODUCT("Virtual Machine"), "hyperv",
		  CONFIDENCE_LOW },
		{ NAMELESS VENDOR("QEMU"), "kvm-libvirt", CONFIDENCE_LOW },
		{ NAMELESS VENDOR("Xen"), "xen", CONFIDENCE_LOW },
		{ NAMELESS VENDOR("innotek GmbH") "," PRODUCT("VirtualBox"), "virtualbox",
		  CONFIDENCE_LOW },
		{ NAMELESS VENDOR("Amazon EC2"), "aws-ec2", CONFIDENCE_LOW },
		{ NAMELESS VENDOR("OpenStack Foundation"), "openstack", CONFIDENCE_LOW },
		{ NAMELESS VENDOR("Nutanix"), "nutanix", CONFIDENCE_LOW },
		/* hardware under a Hyper-V of its own */
		{ NAMELESS VENDOR("Microsoft Corporation") "," PRODUCT("Surface Pro"), NULL,
		  CONFIDENCE_LOW },
		{ NAMELESS VENDOR("Dell Inc."), NULL, CONFIDENCE_LOW },
	};
	CHECK(rows);
}

Test(identify, the_known_traps)
{
	static const struct row rows[] = {
		/* KVM with Hyper-V enlightenments shows Hyper-V first and has no vmbus */
		{ SIGNED(HYPERV "," KVM) "," VENDOR("QEMU"), "kvm-libvirt", CONFIDENCE_HIGH },
		/* ... and with kvm=off shows Hyper-V only */
		{ SIGNED(HYPERV) "," VENDOR("QEMU"), "kvm-libvirt", CONFIDENCE_MEDIUM },
		/* a changed or hidden signature leaves DMI */
		{ SIGNED("\"AuthenticAMD\"") "," VENDOR("QEMU"), "kvm-libvirt", CONFIDENCE_MEDIUM },
		{ "\"cpu.hypervisor-bit\":false," VENDOR("QEMU"), "kvm-libvirt",
		  CONFIDENCE_MEDIUM },
		{ "\"cpu.hypervisor-bit\":false," VENDOR("VMware, Inc."), "vmware-esxi",
		  CONFIDENCE_MEDIUM },
		/* QEMU's vmport answers as ESX; the signature is KVM's */
		{ SIGNED(KVM) "," VENDOR("QEMU") ",\"vmware.backdoor\":true,\"vmware.product\":2",
		  "kvm-libvirt", CONFIDENCE_HIGH },
		/* VirtualBox poses as KVM or as Hyper-V */
		{ SIGNED(KVM) "," VENDOR("innotek GmbH") "," PRODUCT("VirtualBox"), "virtualbox",
		  CONFIDENCE_HIGH },
		{ SIGNED(HYPERV) "," VENDOR("innotek GmbH") "," PRODUCT("VirtualBox"), "virtualbox",
		  CONFIDENCE_HIGH },
		/* nobody but QEMU signs like its emulation, whatever its DMI was told to say */
		{ SIGNED(TCG) "," VENDOR("innotek GmbH") "," PRODUCT("VirtualBox"), "qemu-tcg",
		  CONFIDENCE_HIGH },
		{ SIGNED(TCG) "," VENDOR("Parallels Software International Inc."), "qemu-tcg",
		  CONFIDENCE_HIGH },
		{ SIGNED(TCG) "," VENDOR("VMware, Inc."), "qemu-tcg", CONFIDENCE_HIGH },
		{ SIGNED(TCG) "," PRODUCT("Google Compute Engine"), "qemu-tcg", CONFIDENCE_HIGH },
		/* Xen with viridian shows Hyper-V first */
		{ SIGNED(HYPERV ",\"XenVMMXenVMM\"") "," VENDOR("Xen") ",\"bus.xen\":true", "xen",
		  CONFIDENCE_HIGH },
		/* Parallels exports a leaf of KVM */
		{ SIGNED("\"prl hyperv  \"," KVM) "," VENDOR("Parallels International GmbH."),
		  "parallels", CONFIDENCE_HIGH },
		/* the parent partition is no guest of Hyper-V */
		{ SIGNED(HYPERV) "," VENDOR("Dell Inc.") ",\"hyperv.root-partition\":true",
		  "hyperv-root", CONFIDENCE_HIGH },
		/* Xen's control domain is no guest of Xen, and may be a guest of another */
		{ SIGNED("\"XenVMMXenVMM\"") "," VENDOR("Dell Inc.") ",\"bus.xen\":true,"
		                                                     "\"software.xen-dom0\":true",
		  "xen-dom0", CONFIDENCE_MEDIUM },
		{ SIGNED("\"VMwareVMware\"") "," VENDOR(
		          "VMware, Inc.") ",\"vmware.product\":2,"
		                          "\"software.xen-dom0\":true",
		  "vmware-esxi", CONFIDENCE_HIGH },
		/* an old SMBIOS that admits to be a VM is no hardware */
		{ "\"cpu.hypervisor-bit\":false," VENDOR("Acme") ",\"dmi.virtual-machine\":true",
		  NULL, CONFIDENCE_LOW },
		/* where nobody may read that bit, hardware is still the best guess */
		{ "\"cpu.hypervisor-bit\":false," VENDOR(
		          "Acme") ",\"dmi.virtual-machine\":{\"status\":\"denied\"}",
		  "bare-metal", CONFIDENCE_LOW },
		{ "\"cpu.hypervisor-bit\":false," VENDOR(
		          "Acme") ",\"dmi.virtual-machine\":{\"status\":\"skipped\"}",
		  "bare-metal", CONFIDENCE_LOW },
		/* ... but not for a VM whose DMI says what it is */
		{ "\"cpu.hypervisor-bit\":false," VENDOR("Red Hat") "," PRODUCT(
		          "KVM") ",\"dmi.virtual-machine\":{\"status\":\"denied\"}",
		  NULL, CONFIDENCE_LOW },
		/* a signature that nobody knows names nobody */
		{ SIGNED("\"NobodyNobody\"") "," VENDOR("Acme"), NULL, CONFIDENCE_LOW },
		/* nothing could be read at all */
		{ "\"hypervisor.signatures\":{\"status\":\"failed\"}", NULL, CONFIDENCE_LOW },
	};
	CHECK(rows);
}

static bool is_tested(const char *platform)
{
	if (strcmp(platform, "hyperv-root") == 0 || strcmp(platform, "xen-dom0") == 0)
		return true; /* traps, below the others */
	for (size_t i = 0; i < sizeof own_signs / sizeof own_signs[0]; i++)
		if (strcmp(own_signs[i].platform, platform) == 0)
			return true;
	return false;
}

Test(identify, no_platform_is_without_a_test)
{
	for (const struct platform *platform = knowledge_platforms; platform->id != NULL;
	     platform++)
		cr_expect(is_tested(platform->id), "%s", platform->id);
}

Test(identify, the_installed_target_is_the_default)
{
	struct fact_set *facts = made_facts("{\"software.libvirt\":false}");
	cr_expect_str_eq(default_target(facts)->id, "kvm");
	made_facts_add(facts, "{\"software.proxmox\":true}");
	cr_expect_str_eq(default_target(facts)->id, "proxmox");
	made_facts_add(facts, "{\"software.libvirt\":true}");
	cr_expect_str_eq(default_target(facts)->id, "proxmox");
	made_facts_add(facts, "{\"software.proxmox\":{\"status\":\"denied\"}}");
	cr_expect_str_eq(default_target(facts)->id, "kvm");
	fact_set_free(facts);
}
