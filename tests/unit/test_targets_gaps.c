/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose fault it is: where one reason stands behind several findings, all of
 * them name it, so that nobody is told to load a module that cannot load.
 */
#include <criterion/criterion.h>

#include "report/per_nic.h"
#include "tests/lib/judged.h"

TestSuite(targets_gaps, .init = judged_begin, .fini = judged_end);

static void expect_kvm_fails(const char *gap)
{
	judged("kvm");
	expect_fail("kvm.device", gap);
	expect_fail("kvm.module", gap);
}

Test(targets_gaps, a_module_is_not_to_blame_for_an_extension_that_is_locked_off)
{
	with(machine_hidden);
	with(STR({
		"cpu.vmx" : true,
		"kvm.module-available" : true,
		"msr.feature-control" : "0x1"
	}));
	with("{\"cpuinfo.agrees\":false}");
	expect_kvm_fails("l0.virt-disabled");
	/* 0x3A faults, and the kernel took the flag away */
	with("{\"msr.feature-control\":{\"status\":\"failed\",\"why\":\"the register faults\"}}");
	expect_kvm_fails("l0.virt-disabled");
	/* SVMDIS under a kernel that keeps the flag */
	with(machine_amd);
	with(STR({
		"kvm.backend" : { "status" : "absent" },
		"kvm.device" : { "status" : "absent" },
		"cpuinfo.svm" : true,
		"cpuinfo.agrees" : true,
		"msr.vm-cr" : "0x18"
	}));
	expect_kvm_fails("l0.virt-disabled");
	/* nothing is wrong with the CPU */
	with("{\"msr.vm-cr\":\"0x0\"}");
	expect_kvm_fails("l1.module-not-loaded");
	/* nobody could look: the module is the first suspect */
	with("{\"msr.vm-cr\":{\"status\":\"skipped\"}}");
	expect_kvm_fails("l1.module-not-loaded");
}

Test(targets_gaps, a_module_is_not_to_blame_for_a_confidential_vm)
{
	with(machine_amd);
	with(STR({
		"confidential.kind" : "sev-es",
		"kvm.backend" : { "status" : "absent" },
		"kvm.device" : { "status" : "absent" },
		"kvm.module-available" : true
	}));
	expect_kvm_fails("l0.confidential-vm");
	with(machine_hidden);
	judged("kvm");
	expect_fail("cpu.slat", "l0.confidential-vm");
}

Test(targets_gaps, a_container_has_no_list_of_the_kernels_modules)
{
	with(machine_hidden);
	with(STR({
		"cpu.vmx" : true,
		"cpuinfo.vmx" : true,
		"kvm.module-available" : { "status" : "absent" },
		"container.kind" : { "status" : "absent" }
	}));
	expect_kvm_fails("l1.module-missing");
	with("{\"container.kind\":\"docker\"}");
	expect_kvm_fails("l1.module-not-loaded");
	with("{\"kvm.module-available\":false}");
	expect_kvm_fails("l1.module-missing");
	with("{\"kvm.module-available\":{\"status\":\"denied\"}}");
	expect_kvm_fails("l1.module-not-loaded");
	with("{\"kvm.backend\":\"kvm_intel\"}");
	judged("kvm");
	expect_fail("kvm.device", "l1.kvm-device-missing");
}

Test(targets_gaps, what_hides_the_extension_hides_slat)
{
	static const char *const targets[] = { "kvm", "proxmox", "esxi-8", "hyperv-2022" };
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		with(machine_hidden);
		with("{\"cpu.uniform\":true,\"slat.present\":{\"status\":\"absent\"}}");
		judged(targets[i]);
		expect_fail("cpu.slat", "l0.virt-not-exposed");
		with("{\"cpu.uniform\":false}");
		judged(targets[i]);
		expect_fail("cpu.slat", "l0.cpus-differ");
		with(machine_intel);
		with("{\"slat.present\":false}");
		judged(targets[i]);
		expect_fail("cpu.slat", "l0.slat-not-exposed");
	}
}

Test(targets_gaps, the_control_domain_of_another_hypervisor_cannot_run_kvm)
{
	static const char *const roles[] = { "{\"software.xen-dom0\":true}",
		                             "{\"software.xen-dom0\":false,"
		                             "\"hyperv.root-partition\":true}" };
	for (size_t i = 0; i < 2; i++) {
		with(machine_hidden);
		with(roles[i]);
		expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
		expect_kvm_fails("l1.own-hypervisor");
		expect("cpu.extension", OUTCOME_NOT_CHECKED);
		expect("cpu.slat", OUTCOME_NOT_CHECKED);
		with(machine_esxi_devices);
		expect_verdict("esxi-8", VERDICT_INDETERMINATE, BASIS_FLAGS);
		/* an old control domain sees the bit in raw CPUID, and the kernel does not */
		with("{\"cpu.vmx\":true,\"cpuinfo.agrees\":false,\"msr.feature-control\":\"0x1\"}");
		expect_kvm_fails("l1.own-hypervisor");
		expect("cpu.kernel-agrees", OUTCOME_NOT_CHECKED);
		expect("cpu.extension-enabled", OUTCOME_NOT_CHECKED);
	}
}

Test(targets_gaps, on_xen_flags_do_not_stand_in_for_a_vm_that_ran)
{
	static const char *const targets[] = { "kvm", "proxmox" };
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		with(machine_intel);
		with("{\"hypervisor.signatures\":[\"XenVMMXenVMM\"],\"dmi.sys-vendor\":\"Xen\"}");
		expect_verdict(targets[i], VERDICT_READY, BASIS_PROVEN);
		with(machine_passive);
		expect_verdict(targets[i], VERDICT_INDETERMINATE, BASIS_FLAGS);
		expect("l2.proof", OUTCOME_NOT_CHECKED);
		with("{\"hypervisor.signatures\":[\"KVMKVMKVM\"],\"dmi.sys-vendor\":\"QEMU\"}");
		expect_verdict(targets[i], VERDICT_READY, BASIS_FLAGS);
		expect("l2.proof", OUTCOME_NOT_APPLICABLE);
	}
}

Test(targets_gaps, a_test_vm_that_failed_is_held_against_the_flags_of_any_target)
{
	static const char *const targets[] = { "esxi-8", "hyperv-2022" };
	with(machine_esxi_devices);
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		expect_verdict(targets[i], VERDICT_READY, BASIS_FLAGS);
		expect("l2.agrees", OUTCOME_PASS);
		with("{\"l2.real-mode\":{\"status\":\"failed\",\"why\":\"refused\"},"
		     "\"l2.long-mode\":{\"status\":\"skipped\"}}");
		expect_verdict(targets[i], VERDICT_INDETERMINATE, BASIS_FLAGS);
		expect("l2.agrees", OUTCOME_ERROR);
		with("{\"l2.real-mode\":true,\"l2.long-mode\":false}");
		expect_verdict(targets[i], VERDICT_NOT_READY, BASIS_FLAGS);
		expect_fail("l2.agrees", "l1.l2-fails");
		/* who holds the CPU has shown that it works */
		with("{\"l2.busy\":true,\"l2.real-mode\":{\"status\":\"failed\"}}");
		expect_verdict(targets[i], VERDICT_READY, BASIS_FLAGS);
		/* not run, or refused to an ordinary user, or there is no KVM */
		with("{\"l2.busy\":false}");
		with(machine_passive);
		expect_verdict(targets[i], VERDICT_READY, BASIS_FLAGS);
		with("{\"l2.previous-run-lost-machine\":true}");
		expect_verdict(targets[i], VERDICT_NOT_READY, BASIS_FLAGS);
		expect_fail("l2.agrees", "l1.lost-machine");
		with("{\"l2.previous-run-lost-machine\":{\"status\":\"skipped\"}}");
		with("{\"kvm.device\":{\"status\":\"denied\"}}");
		expect_verdict(targets[i], VERDICT_READY, BASIS_FLAGS);
		expect("l2.agrees", OUTCOME_NOT_APPLICABLE);
		with("{\"kvm.device\":{\"status\":\"absent\"}}");
		expect_verdict(targets[i], VERDICT_READY, BASIS_FLAGS);
		expect("l2.agrees", OUTCOME_NOT_APPLICABLE);
		with(machine_intel);
	}
}

Test(targets_gaps, proxmox_is_not_installed_where_nothing_is)
{
	with("{\"hypervisor.signatures\":[\"Microsoft "
	     "Hv\"],\"dmi.sys-vendor\":{\"status\":\"absent\"},"
	     "\"os.kernel\":\"5.15.167.4-microsoft-standard-WSL2\"}");
	expect_verdict("kvm", VERDICT_READY, BASIS_PROVEN);
	expect_verdict("proxmox", VERDICT_NOT_READY, BASIS_PROVEN);
	expect_fail("platform.supports-target", "l0.platform-cannot");
	/* whoever made its kernel run there knows better */
	with("{\"software.proxmox-kernel\":true}");
	expect_verdict("proxmox", VERDICT_READY, BASIS_PROVEN);
	with("{\"memory.total\":480000000}");
	expect_verdict("proxmox", VERDICT_NOT_READY, BASIS_PROVEN);
	expect_fail("memory.minimum", "l0.too-little-memory");
}

/* The direction that is dropped names the gap; what nobody could tell is no failure. */
Test(targets_gaps, the_network_is_at_fault_for_macs_of_vms)
{
	static const struct {
		const char *fact, *gap;
	} rows[] = {
		{ "{\"net.mac-filter\":\"egress-filtered\"}", "l0.mac-egress-filtered" },
		{ "{\"net.mac-filter\":\"ingress-filtered\"}", "l0.mac-ingress-filtered" },
		{ "{\"net.mac-filter\":\"filtered\"}", "l0.mac-filtered" },
		{ "{\"net.mac-filter\":\"port-blocked\"}", "l0.mac-filtered" },
		{ "{\"net.mac-filter\":\"local-filter\"}", "l1.mac-local-filter" },
	};
	static const char *const targets[] = { "kvm", "proxmox", "esxi-8", "hyperv-2022" };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		with(rows[i].fact);
		for (size_t k = 0; k < sizeof targets / sizeof targets[0]; k++) {
			judged(targets[k]);
			expect_fail("net.mac-filter", rows[i].gap);
		}
	}
	with("{\"net.mac-filter\":\"inconclusive\"}");
	judged("kvm");
	expect("net.mac-filter", OUTCOME_NOT_CHECKED);
	with("{\"net.mac-filter\":{\"status\":\"denied\",\"why\":\"no right\"}}");
	judged("kvm");
	expect("net.mac-filter", OUTCOME_UNKNOWN);
	with("{\"net.mac-filter\":\"open\"}");
	judged("kvm");
	expect("net.mac-filter", OUTCOME_PASS);
}

Test(targets_gaps, what_is_seen_beside_the_mac_filter)
{
	static const struct {
		const char *with;
		const char *finding;
		const char *gap; /* NULL: it passes */
	} rows[] = {
		{ "{\"net.duplicates\":2,\"net.reflected\":0}", "net.duplicates",
		  "l0.duplicate-frames" },
		{ "{\"net.duplicates\":0,\"net.reflected\":1}", "net.duplicates",
		  "l0.duplicate-frames" },
		{ "{\"net.duplicates\":0,\"net.reflected\":0}", "net.duplicates", NULL },
		{ "{\"net.vlan.id\":20,\"net.vlan\":false}", "net.vlan", "l0.vlan-filtered" },
		{ "{\"net.vlan.id\":20,\"net.vlan\":true}", "net.vlan", NULL },
		{ "{\"net.mtu\":1500}", "net.mtu", "l0.mtu-no-headroom" },
		{ "{\"net.mtu\":1550}", "net.mtu", NULL },
		{ "{\"net.mac-changed\":true}", "net.permanent-mac", "l1.mac-changed" },
		{ "{\"net.mac-changed\":false}", "net.permanent-mac", NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		with(rows[i].with);
		judged("kvm");
		if (rows[i].gap == NULL)
			expect(rows[i].finding, OUTCOME_PASS);
		else
			expect_fail(rows[i].finding, rows[i].gap);
	}
	with("{\"net.vlan.id\":20,\"net.vlan\":{\"status\":\"skipped\",\"why\":\"nobody\"}}");
	judged("kvm");
	expect("net.vlan", OUTCOME_NOT_CHECKED);
}

/* Each interface has its own direction, and so its own setting. */
Test(targets_gaps, each_interface_is_judged_by_itself)
{
	struct nic_finding list[PER_NIC_MAX];
	with("{\"net.mac-filter\":\"egress-filtered\",\"net.eth0.mac-filter\":\"open\","
	     "\"net.eth0.mac-filter.confidence\":\"medium\","
	     "\"net.eth1.mac-filter\":\"ingress-filtered\","
	     "\"net.eth2.mac-filter\":\"egress-filtered\","
	     "\"net.eth3.mac-filter\":\"no-responder\"}");
	judged("kvm");
	const struct requirement *requirement = judged_finding("net.mac-filter")->requirement;
	cr_assert_eq(per_nic_judge(requirement, judged_report.facts, list), 4);
	cr_expect_str_eq(list[0].nic, "eth0");
	cr_expect_str_eq(list[0].confidence, "medium");
	cr_expect_eq(list[0].outcome, OUTCOME_PASS);
	cr_expect_null(list[0].gap);
	cr_expect_str_eq(list[1].gap, "l0.mac-ingress-filtered");
	cr_expect_str_eq(list[2].gap, "l0.mac-egress-filtered");
	cr_expect_eq(list[3].outcome, OUTCOME_NOT_CHECKED);
}
