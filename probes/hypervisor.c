/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scan of the hypervisor ranges of CPUID, and the signatures that are known. */
#include "probes/hypervisor.h"

#include <stdio.h>
#include <string.h>

#define CPUID_ECX_HYPERVISOR (1u << 31) /* CPUID.1; Linux X86_FEATURE_HYPERVISOR */

/*
 * Sources: systemd src/basic/virt.c, virt-what, Linux asm/ (kvm_para.h,
 * hyperv-tlfs.h, acrn.h, jailhouse_para.h), FreeBSD sys/x86, NetBSD nvmm,
 * OpenBSD vmmvar.h, QEMU accel/tcg.
 *
 * `last`: nothing ever signs above it.  QEMU puts Hyper-V's range first, then
 * Xen's, then KVM's own (target/i386/kvm/kvm.c); every range that need not be
 * asked saves a VM exit.
 */
static const struct known {
	char text[13];
	bool last;
	const char *vendor;
} known[] = {
	{ "KVMKVMKVM", true, "KVM" },
	{ "Linux KVM Hv", false, "KVM" },
	{ "Microsoft Hv", false, "Microsoft Hyper-V" },
	{ "VMwareVMware", false, "VMware" },
	{ "XenVMMXenVMM", false, "Xen" },
	{ "TCGTCGTCGTCG", true, "QEMU TCG (emulation)" },
	{ "VBoxVBoxVBox", false, "Oracle VirtualBox" },
	{ "bhyve bhyve ", false, "bhyve" },
	{ "BHyVE BHyVE ", false, "bhyve" },
	{ "prl hyperv  ", false, "Parallels" },
	{ " lrpepyh  vr", false, "Parallels" },
	{ "ACRNACRNACRN", false, "ACRN" },
	{ "QNXQVMBSQG", false, "QNX Hypervisor" },
	{ "___ NVMM ___", false, "NetBSD NVMM" },
	{ "OpenBSDVMM58", false, "OpenBSD vmm" },
	{ "HAXMHAXMHAXM", false, "Intel HAXM" },
	{ "UnisysSpar64", false, "Unisys s-Par" },
	{ "SRESRESRESRE", false, "LMHS" },
	{ "Jailhouse", false, "Jailhouse" },
	{ "Apple VZ", false, "Apple Virtualization" },
	{ "EVMMEVMMEVMM", false, "Intel KGT" },
	{ "LKVMLKVMLKVM", false, "kvmtool" },
	{ "Napocahv    ", false, "Bitdefender Napoca" },
	{ "Barevisor!", false, "Barevisor" },
	{ "MiniVisor", false, "MiniVisor" },
	{ "NoirVisor ZT", false, "NoirVisor" },
};

static const struct known *find_known(const char *text)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].text, text) == 0)
			return &known[i];
	return NULL;
}

const char *hypervisor_vendor(const char *text)
{
	const struct known *entry = find_known(text);
	return entry == NULL ? NULL : entry->vendor;
}

/* Four or more printable characters, then nothing but NULs. */
static bool is_name(const char text[12])
{
	size_t length = 0;
	while (length < 12 && text[length] >= ' ' && text[length] <= '~')
		length++;
	for (size_t i = length; i < 12; i++)
		if (text[i] != '\0')
			return false;
	return length >= 4;
}

/*
 * Intel answers a leaf out of range with its highest basic leaf (SDM vol. 2A,
 * CPUID), and KVM does the same for an Intel guest: such an answer is no
 * signature.  A name that nobody knows (QEMU's hv-vendor-id=) counts only with
 * a highest leaf in its own range.
 */
static bool read_signature(const struct answer *leaf, struct hypervisor_signature *signature)
{
	signature->max_leaf = (uint32_t)leaf->numbers[0];
	for (size_t i = 0; i < 3; i++) {
		uint32_t part = (uint32_t)leaf->numbers[i + 1];
		memcpy(signature->text + 4 * i, &part, sizeof part);
	}
	signature->text[12] = '\0';
	if (!is_name(signature->text))
		return false;
	bool in_range = signature->max_leaf > signature->base &&
	                signature->max_leaf - signature->base < HYPERVISOR_STRIDE;
	if (in_range)
		return true;
	/* An old KVM says 0 and means base + 1 (Linux Documentation/virt/kvm/x86/cpuid.rst). */
	signature->max_leaf = signature->base + 1;
	return find_known(signature->text) != NULL;
}

static bool ask(struct machine *machine, uint32_t leaf, struct answer *answer,
                struct hypervisor_scan *scan)
{
	scan->status = machine_cpuid(machine, 0, leaf, 0, answer);
	snprintf(scan->why, sizeof scan->why, "%s", answer->why);
	return scan->status == STATUS_OBSERVED;
}

static void set_absent(struct hypervisor_scan *scan, const char *why)
{
	scan->status = STATUS_ABSENT;
	snprintf(scan->why, sizeof scan->why, "%s", why);
}

void hypervisor_scan(struct machine *machine, struct hypervisor_scan *scan)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	*scan = (struct hypervisor_scan){ .count = 0 };
	if (!ask(machine, 1, &answer, scan))
		return;
	if ((answer.numbers[2] & CPUID_ECX_HYPERVISOR) == 0) {
		set_absent(scan, "CPUID says that there is no hypervisor");
		return;
	}
	for (uint32_t range = 0; range < HYPERVISOR_RANGES_MAX; range++) {
		struct hypervisor_signature *signature = &scan->found[scan->count];
		signature->base = HYPERVISOR_BASE + range * HYPERVISOR_STRIDE;
		if (!ask(machine, signature->base, &answer, scan)) {
			/* other programs' recordings end with the ranges that they know */
			if (scan->count > 0 && scan->status == STATUS_SKIPPED)
				scan->status = STATUS_OBSERVED;
			return;
		}
		bool signed_here = read_signature(&answer, signature);
		if (signed_here)
			scan->count++;
		const struct known *entry = signed_here ? find_known(signature->text) : NULL;
		bool last = entry != NULL && entry->last;
		if (last || (range + 1 >= HYPERVISOR_RANGES && !signed_here))
			break;
	}
	if (scan->count == 0)
		set_absent(scan, "a hypervisor is there and does not give its name");
}

const struct hypervisor_signature *hypervisor_find(const struct hypervisor_scan *scan,
                                                   const char *text)
{
	for (size_t i = 0; i < scan->count; i++)
		if (strcmp(scan->found[i].text, text) == 0)
			return &scan->found[i];
	return NULL;
}

bool hypervisor_present(struct machine *machine, const char *text)
{
	struct hypervisor_scan scan;
	hypervisor_scan(machine, &scan);
	return hypervisor_find(&scan, text) != NULL;
}
