/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/judged.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/made_facts.h"

/* A KVM guest under libvirt with VMX and EPT, kvm_intel loaded, seen by root; 16 GiB. */
const char machine_intel[] = STR({
	"cpu.vendor" : "GenuineIntel",
	"cpu.signature" : "0x000606a6",
	"cpu.hypervisor-bit" : true,
	"cpu.vmx" : true,
	"cpu.svm" : false,
	"cpu.nx" : true,
	"cpu.long-mode" : true,
	"cpu.lahf" : true,
	"cpu.xsave" : true,
	"cpu.cx16" : true,
	"cpu.prefetchw" : true,
	"cpu.uniform" : true,
	"cpuinfo.vmx" : true,
	"cpuinfo.svm" : false,
	"cpuinfo.agrees" : true,
	"msr.device" : true,
	"msr.feature-control" : "0x0000000000000005",
	"msr.vm-cr" : { "status" : "absent" },
	"msr.vmx-basic" : "0x00d8100011e57ed0",
	"msr.vmx-pin" : "0x0000007f00000016",
	"msr.vmx-proc" : "0xfff9fffe0401e172",
	"msr.vmx-proc2" : "0x00553cfe00000000",
	"msr.vmx-exit" : "0x01ffffff00036dff",
	"msr.vmx-entry" : "0x0003ffff000011ff",
	"msr.vmx-ept-vpid" : "0x00000f0106734141",
	"slat.present" : true,
	"slat.kind" : "ept",
	"slat.unrestricted-guest" : true,
	"kvm.device" : true,
	"kvm.backend" : "kvm_intel",
	"kvm.module-available" : true,
	"kvm.slat" : true,
	"l2.real-mode" : true,
	"l2.long-mode" : true,
	"l2.nested-fault" : true,
	"l2.exit-ns" : 9000,
	"l2.busy" : false,
	"l2.hardware-reason" : { "status" : "absent" },
	"l2.previous-run-lost-machine" : false,
	"hypervisor.signatures" : ["KVMKVMKVM"],
	"dmi.sys-vendor" : "QEMU",
	"dmi.product-name" : "Standard PC (Q35 + ICH9, 2009)",
	"dmi.virtual-machine" : { "status" : "skipped" },
	"bus.vmbus" : { "status" : "absent" },
	"firmware.fw-cfg" : true,
	"vmware.hardware-version" : { "status" : "skipped" },
	"confidential.kind" : { "status" : "absent" },
	"cpu.count" : 4,
	"memory.total" : 16500000000,
	"memory.balloon" : { "status" : "absent" },
	"memory.ballooned" : { "status" : "absent" },
	"memory.dynamic" : false,
	"hyperv.kvp.vm-id" : { "status" : "absent" },
	"hyperv.kvp.dynamic-memory" : { "status" : "absent" },
	"pci.nics" : ["1af4:1041"],
	"pci.storage" : ["1af4:1042"],
	"software.libvirt" : false,
	"software.proxmox" : false,
	"software.proxmox-kernel" : false
});

/* What changes on AMD. */
const char machine_amd[] = STR({
	"cpu.vendor" : "AuthenticAMD",
	"cpu.vmx" : false,
	"cpu.svm" : true,
	"cpuinfo.vmx" : false,
	"cpuinfo.svm" : true,
	"msr.feature-control" : { "status" : "absent" },
	"msr.vm-cr" : "0x0000000000000000",
	"slat.kind" : "npt",
	"slat.unrestricted-guest" : { "status" : "absent" },
	"kvm.backend" : "kvm_amd"
});

/* A microVM of Firecracker with no flag at all whose kernel runs VMs through kvm_pvm. */
const char machine_pvm[] = STR({
	"cpu.vmx" : false,
	"cpuinfo.vmx" : false,
	"msr.device" : { "status" : "absent" },
	"msr.feature-control" : { "status" : "absent" },
	"slat.present" : { "status" : "absent" },
	"slat.kind" : { "status" : "absent" },
	"slat.unrestricted-guest" : { "status" : "absent" },
	"kvm.backend" : "kvm_pvm",
	"kvm.slat" : { "status" : "absent" },
	"dmi.sys-vendor" : { "status" : "absent" },
	"dmi.product-name" : { "status" : "absent" },
	"firmware.fw-cfg" : false,
	"acpi.oem-id" : "FIRECK"
});

/* What an extension that is hidden leaves. */
const char machine_hidden[] = STR({
	"cpu.vmx" : false,
	"cpu.svm" : false,
	"cpuinfo.vmx" : false,
	"cpuinfo.svm" : false,
	"msr.feature-control" : { "status" : "absent" },
	"msr.vm-cr" : { "status" : "absent" },
	"slat.present" : { "status" : "absent" },
	"slat.kind" : { "status" : "absent" },
	"kvm.device" : { "status" : "absent" },
	"kvm.backend" : { "status" : "absent" },
	"kvm.slat" : { "status" : "absent" },
	"l2.real-mode" : { "status" : "skipped", "why" : "no /dev/kvm" },
	"l2.long-mode" : { "status" : "skipped", "why" : "no /dev/kvm" },
	"l2.nested-fault" : { "status" : "skipped", "why" : "no /dev/kvm" },
	"l2.exit-ns" : { "status" : "skipped", "why" : "no /dev/kvm" },
	"l2.busy" : { "status" : "skipped", "why" : "no /dev/kvm" },
	"l2.hardware-reason" : { "status" : "skipped", "why" : "no /dev/kvm" },
	"l2.previous-run-lost-machine" : { "status" : "skipped" }
});

/* What an ordinary user is refused. */
const char machine_ordinary[] = STR({
	"msr.device" : { "status" : "denied", "why" : "/dev/cpu/0/msr: Permission denied" },
	"msr.feature-control" : { "status" : "denied" },
	"msr.vm-cr" : { "status" : "denied" },
	"msr.vmx-basic" : { "status" : "denied" },
	"msr.vmx-pin" : { "status" : "denied" },
	"msr.vmx-proc" : { "status" : "denied" },
	"msr.vmx-proc2" : { "status" : "denied" },
	"msr.vmx-exit" : { "status" : "denied" },
	"msr.vmx-entry" : { "status" : "denied" },
	"msr.vmx-ept-vpid" : { "status" : "denied" },
	"acpi.oem-id" : { "status" : "denied" },
	"kvm.device" : { "status" : "denied", "why" : "/dev/kvm: Permission denied" },
	"l2.real-mode" : { "status" : "denied", "why" : "/dev/kvm: Permission denied" },
	"l2.long-mode" : { "status" : "denied" },
	"l2.nested-fault" : { "status" : "denied" },
	"l2.exit-ns" : { "status" : "denied" },
	"l2.busy" : { "status" : "denied" },
	"l2.hardware-reason" : { "status" : "denied" },
	"l2.previous-run-lost-machine" : { "status" : "denied" }
});

const char machine_passive[] = STR({
	"l2.real-mode" : { "status" : "skipped", "why" : "passive" },
	"l2.long-mode" : { "status" : "skipped", "why" : "passive" },
	"l2.nested-fault" : { "status" : "skipped", "why" : "passive" },
	"l2.exit-ns" : { "status" : "skipped", "why" : "passive" },
	"l2.busy" : { "status" : "skipped", "why" : "passive" },
	"l2.hardware-reason" : { "status" : "skipped", "why" : "passive" },
	"l2.previous-run-lost-machine" : { "status" : "skipped", "why" : "passive" }
});

/* ESXi's own devices, or those with which ESXi runs on KVM. */
const char machine_esxi_devices[] =
        STR({ "pci.nics" : ["8086:10d3"], "pci.storage" : ["8086:2922"] });

struct report judged_report;

void judged_begin(void)
{
	judged_report = (struct report){ .facts = made_facts(machine_intel) };
}

void judged_end(void)
{
	report_clear(&judged_report);
}

void with(const char *json)
{
	made_facts_add(judged_report.facts, json);
}

const struct judgment *judged(const char *target)
{
	struct error err = ERROR_INIT;
	struct fact_set *facts = judged_report.facts;
	judged_report.facts = NULL;
	report_clear(&judged_report);
	judged_report.facts = facts;
	cr_assert_eq(report_judge(&judged_report, knowledge_target(target), false, &err), 0, "%s",
	             err.message);
	return &judged_report.judgment;
}

const struct finding *judged_finding(const char *id)
{
	for (size_t i = 0; i < judged_report.judgment.finding_count; i++)
		if (strcmp(judged_report.judgment.findings[i].requirement->id, id) == 0)
			return &judged_report.judgment.findings[i];
	cr_assert_fail("%s has no requirement %s", judged_report.judgment.target->id, id);
	return NULL;
}

void expect_verdict(const char *target, enum verdict verdict, enum basis basis)
{
	const struct judgment *judgment = judged(target);
	cr_expect_eq(judgment->verdict, verdict, "%s is %s because of: %s", target,
	             verdict_name(judgment->verdict), judgment_reason(judgment));
	cr_expect_eq(judgment->basis, basis, "%s rests on %s", target, basis_name(judgment->basis));
}

void expect(const char *id, enum outcome outcome)
{
	const struct finding *found = judged_finding(id);
	cr_expect_eq(found->outcome, outcome, "%s is %s, not %s (%s)", id,
	             outcome_name(found->outcome), outcome_name(outcome), found->because);
}

void expect_fail(const char *id, const char *gap)
{
	expect(id, OUTCOME_FAIL);
	const char *named = judged_finding(id)->gap;
	cr_expect(named != NULL && strcmp(named, gap) == 0, "%s: %s, not %s", id, named, gap);
}

bool not_proven(const char *group)
{
	for (size_t i = 0; i < judged_report.judgment.not_proven_count; i++)
		if (strcmp(judged_report.judgment.not_proven[i], group) == 0)
			return true;
	return false;
}
