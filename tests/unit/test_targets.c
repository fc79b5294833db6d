/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KVM and Proxmox VE, as they are shipped, judged over made-up machines. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/judged.h"

TestSuite(targets, .init = judged_begin, .fini = judged_end);

Test(targets, an_l2_that_ran_makes_kvm_ready_and_explains_the_flags)
{
	expect_verdict("kvm", VERDICT_READY, BASIS_PROVEN);
	expect("l2.real-mode", OUTCOME_PASS);
	expect("l2.long-mode", OUTCOME_PASS);
	expect("l2.slat", OUTCOME_PASS);
	expect("kvm.device", OUTCOME_PASS);
	expect("cpu.extension", OUTCOME_NOT_APPLICABLE);
	expect("cpu.extension-enabled", OUTCOME_NOT_APPLICABLE);
	expect("cpu.kernel-agrees", OUTCOME_NOT_APPLICABLE);
	expect("cpu.controls", OUTCOME_NOT_APPLICABLE);
	expect("cpu.slat", OUTCOME_PASS);
	expect("net.mac-filter", OUTCOME_NOT_CHECKED);
	cr_expect_eq(judged_report.judgment.not_proven_count, 1);
	cr_expect(not_proven("network"));
	with(machine_amd);
	expect_verdict("kvm", VERDICT_READY, BASIS_PROVEN);
	expect("cpu.unrestricted-guest", OUTCOME_NOT_APPLICABLE);
}

Test(targets, an_l2_through_kvm_intel_proves_proxmox_too)
{
	expect_verdict("proxmox", VERDICT_READY, BASIS_PROVEN);
	expect("kvm.device", OUTCOME_NOT_APPLICABLE);
	with("{\"software.proxmox-kernel\":true}");
	judged("proxmox");
	expect("kvm.device", OUTCOME_PASS);
}

Test(targets, an_l2_without_any_flag_proves_kvm_on_this_kernel_only)
{
	with(machine_pvm);
	expect_verdict("kvm", VERDICT_READY, BASIS_PROVEN);
	cr_expect_str_eq(judged_report.platform.platform->id, "firecracker");
	expect("l2.real-mode", OUTCOME_PASS);
	expect("l2.long-mode", OUTCOME_PASS);
	expect("l2.exit-cost", OUTCOME_PASS);
	expect("l2.slat", OUTCOME_NOT_APPLICABLE);
	expect("cpu.extension", OUTCOME_NOT_APPLICABLE);
	expect("cpu.slat", OUTCOME_NOT_APPLICABLE);
	static const char *const others[] = { "proxmox", "esxi-8", "hyperv-2022" };
	for (size_t i = 0; i < 3; i++) {
		expect_verdict(others[i], VERDICT_NOT_READY, BASIS_FLAGS);
		expect_fail("cpu.extension", "l0.virt-not-exposed");
		const struct platform_gap *closing = knowledge_platform_gap(
		        judged_report.platform.platform, "l0.virt-not-exposed", NULL);
		cr_expect_gt(closing->remedy_count, 0);
	}
	judged("proxmox");
	expect("l2.long-mode", OUTCOME_NOT_APPLICABLE);
}

Test(targets, each_target_answers_for_the_others)
{
	with(machine_pvm);
	judged("kvm");
	size_t targets = 0;
	while (knowledge_targets[targets].id != NULL)
		targets++;
	cr_assert_eq(judged_report.other_count, targets - 1);
	for (size_t i = 0; i < judged_report.other_count; i++) {
		const struct judgment *other = &judged_report.others[i];
		if (strcmp(other->target->id, "firecracker-kata") == 0) { /* runs on this kernel */
			cr_expect_eq(other->verdict, VERDICT_READY);
			continue;
		}
		cr_expect_eq(other->verdict, VERDICT_NOT_READY, "%s", other->target->id);
		if (strcmp(other->target->id, "esxi-vsan-witness") == 0) /* runs no VMs */
			cr_expect_str_eq(judgment_reason(other),
			                 knowledge_gap("l0.adapter-model")->title);
		else
			cr_expect_str_eq(judgment_reason(other),
			                 knowledge_gap("l0.virt-not-exposed")->title);
	}
}

Test(targets, without_proof_the_flags_decide)
{
	with(machine_passive);
	expect_verdict("kvm", VERDICT_READY, BASIS_FLAGS);
	expect("cpu.extension", OUTCOME_PASS);
	expect("cpu.extension-enabled", OUTCOME_PASS);
	expect("cpu.controls", OUTCOME_PASS);
	expect("l2.long-mode", OUTCOME_NOT_CHECKED);
	cr_expect(not_proven("l2"));
	expect_verdict("proxmox", VERDICT_READY, BASIS_FLAGS);
	with(machine_amd);
	expect_verdict("kvm", VERDICT_READY, BASIS_FLAGS);
	expect("cpu.controls", OUTCOME_NOT_APPLICABLE);
}

Test(targets, a_hidden_extension_is_the_platforms_fault)
{
	with(machine_hidden);
	with("{\"kvm.module-available\":true}");
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("cpu.extension", "l0.virt-not-exposed");
	expect_fail("kvm.device", "l0.virt-not-exposed");
	expect_fail("kvm.module", "l0.virt-not-exposed");
	expect("l2.long-mode", OUTCOME_NOT_APPLICABLE);
	expect("cpu.kernel-agrees", OUTCOME_PASS);
	expect("cpu.extension-enabled", OUTCOME_NOT_APPLICABLE);
}

Test(targets, a_module_that_is_not_loaded_is_the_guests_fault)
{
	with(machine_hidden);
	with(STR({
		"cpu.vmx" : true,
		"cpuinfo.vmx" : true,
		"slat.present" : true,
		"msr.feature-control" : "0x5"
	}));
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
	expect("cpu.extension", OUTCOME_PASS);
	expect_fail("kvm.device", "l1.module-not-loaded");
	expect_fail("kvm.module", "l1.module-not-loaded");
	with("{\"kvm.module-available\":false}");
	judged("kvm");
	expect_fail("kvm.device", "l1.module-missing");
	with("{\"kvm.module-available\":true,\"kvm.backend\":\"kvm_intel\"}");
	judged("kvm");
	expect_fail("kvm.device", "l1.kvm-device-missing");
	expect("kvm.module", OUTCOME_PASS);
}

Test(targets, an_ordinary_user_fails_nothing)
{
	static const char *const machines[] = { "{}", machine_amd };
	for (size_t machine = 0; machine < 2; machine++) {
		with(machines[machine]);
		with(machine_ordinary);
		expect_verdict("kvm", VERDICT_INDETERMINATE, BASIS_FLAGS);
		expect("kvm.device", OUTCOME_UNKNOWN);
		expect("l2.long-mode", OUTCOME_UNKNOWN);
		cr_expect_str_eq(judged_finding("kvm.device")->because,
		                 "/dev/kvm: Permission denied");
		cr_expect_str_eq(knowledge_finding("kvm.device")->settle, "sudo nestready");
		for (size_t i = 0; i < judged_report.judgment.finding_count; i++) {
			const struct finding *found = &judged_report.judgment.findings[i];
			cr_expect(found->outcome != OUTCOME_FAIL && found->outcome != OUTCOME_ERROR,
			          "%s", found->requirement->id);
		}
		/* Proxmox VE does not run here yet, so its flags decide, and they can be read. */
		expect_verdict("proxmox", VERDICT_READY, BASIS_FLAGS);
	}
}

Test(targets, an_ordinary_user_is_not_told_that_kvm_pvm_cannot_run)
{
	with(machine_pvm);
	with(machine_ordinary);
	expect_verdict("kvm", VERDICT_INDETERMINATE, BASIS_FLAGS);
	expect("cpu.extension", OUTCOME_NOT_APPLICABLE);
	expect("kvm.device", OUTCOME_UNKNOWN);
	expect_verdict("proxmox", VERDICT_NOT_READY, BASIS_FLAGS);
}

Test(targets, kvm_pvm_without_proof_is_not_stopped_by_flags)
{
	with(machine_pvm);
	with(machine_passive);
	expect_verdict("kvm", VERDICT_READY, BASIS_FLAGS);
	with("{\"kvm.device\":{\"status\":\"absent\"}}");
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("kvm.device", "l1.kvm-device-missing");
}

Test(targets, svm_without_npt_is_slow)
{
	with(machine_amd);
	with("{\"slat.present\":false,\"slat.kind\":{\"status\":\"absent\"},\"kvm.slat\":false}");
	expect_verdict("kvm", VERDICT_DEGRADED, BASIS_PROVEN);
	expect_fail("cpu.slat", "l0.slat-not-exposed");
	expect_fail("l2.slat", "l0.slat-not-exposed");
	expect_verdict("hyperv-2022", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("cpu.slat", "l0.slat-not-exposed");
}

Test(targets, slat_that_was_switched_off_here_is_the_guests_fault)
{
	with("{\"kvm.slat\":false}");
	expect_verdict("kvm", VERDICT_DEGRADED, BASIS_PROVEN);
	expect_fail("l2.slat", "l1.slat-off");
	expect("cpu.slat", OUTCOME_PASS);
}

Test(targets, another_hypervisor_that_holds_the_cpu_is_named)
{
	with(STR({
		"l2.real-mode" : { "status" : "failed", "why" : "KVM_CREATE_VM: busy" },
		"l2.long-mode" : { "status" : "skipped" },
		"l2.nested-fault" : { "status" : "skipped" },
		"l2.busy" : true
	}));
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("l2.real-mode", "l1.kvm-busy");
	expect_fail("l2.long-mode", "l1.kvm-busy");
}

Test(targets, flags_that_promise_what_an_l2_does_not_keep)
{
	with("{\"l2.long-mode\":false}");
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_PROVEN);
	expect_fail("l2.long-mode", "l1.l2-fails");
	with(STR({
		"l2.real-mode" : { "status" : "failed", "why" : "entry refused, reason 0x7" },
		"l2.long-mode" : { "status" : "skipped" },
		"l2.hardware-reason" : "0x0000000000000007"
	}));
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("l2.real-mode", "l0.entry-refused");
	expect_fail("l2.long-mode", "l0.entry-refused");
	with(STR({
		"l2.real-mode" : { "status" : "failed", "why" : "deadline" },
		"l2.hardware-reason" : { "status" : "absent" }
	}));
	expect_verdict("kvm", VERDICT_INDETERMINATE, BASIS_FLAGS);
	expect("l2.real-mode", OUTCOME_ERROR);
}

Test(targets, a_guest_that_was_lost_is_not_ready)
{
	with(machine_passive);
	with("{\"l2.previous-run-lost-machine\":true}");
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("l2.survived", "l1.lost-machine");
	with(machine_intel);
	judged("kvm");
	expect("l2.survived", OUTCOME_NOT_APPLICABLE);
}

Test(targets, an_extension_that_is_locked_off)
{
	with(machine_hidden);
	with(STR({
		"cpu.vmx" : true,
		"cpuinfo.agrees" : false,
		"msr.feature-control" : "0x0000000000000001"
	}));
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("cpu.extension-enabled", "l0.virt-disabled");
	expect_fail("cpu.kernel-agrees", "l0.virt-disabled");
	with(machine_amd);
	with("{\"kvm.backend\":{\"status\":\"absent\"},\"msr.vm-cr\":\"0x0000000000000018\"}");
	judged("kvm");
	expect_fail("cpu.extension-enabled", "l0.virt-disabled");
	with("{\"msr.vm-cr\":{\"status\":\"skipped\"},\"cpuinfo.svm\":true}");
	judged("kvm");
	expect("cpu.extension-enabled", OUTCOME_NOT_CHECKED);
}

Test(targets, the_extension_must_be_the_vendors_own)
{
	static const struct {
		const char *vendor;
		const char *extension;
		enum outcome outcome;
	} rows[] = {
		{ "GenuineIntel", "vmx", OUTCOME_PASS }, { "GenuineIntel", "svm", OUTCOME_FAIL },
		{ "AuthenticAMD", "svm", OUTCOME_PASS }, { "AuthenticAMD", "vmx", OUTCOME_FAIL },
		{ "HygonGenuine", "svm", OUTCOME_PASS }, { "HygonGenuine", "vmx", OUTCOME_FAIL },
		{ "CentaurHauls", "vmx", OUTCOME_PASS }, { "  Shanghai  ", "vmx", OUTCOME_PASS },
		{ "Virtual CPU ", "vmx", OUTCOME_FAIL },
	};
	with(machine_passive);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char json[128];
		bool vmx = rows[i].extension[0] == 'v';
		snprintf(json, sizeof json, "{\"cpu.vendor\":\"%s\",\"cpu.vmx\":%s,\"cpu.svm\":%s}",
		         rows[i].vendor, vmx ? "true" : "false", vmx ? "false" : "true");
		with(json);
		judged("kvm");
		cr_expect_eq(judged_finding("cpu.extension")->outcome, rows[i].outcome,
		             "%s with %s", rows[i].vendor, rows[i].extension);
	}
}

Test(targets, one_cpu_without_the_extension_is_enough)
{
	with(machine_passive);
	with(STR({
		"cpu.vmx" : {
			"value" : true,
			"exceptions" : [ { "cpus" : "3", "status" : "observed", "value" : false } ]
		},
		"cpu.uniform" : false
	}));
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("cpu.extension", "l0.cpus-differ");
	expect_fail("cpu.uniform", "l0.cpus-differ");
}

Test(targets, kvm_needs_its_vmx_controls)
{
	static const char *const broken[] = {
		"{\"msr.vmx-pin\":\"0x0000007600000016\"}",   /* no external-interrupt exiting */
		"{\"msr.vmx-proc\":\"0xdff9fffe0401e172\"}",  /* no MONITOR exiting */
		"{\"msr.vmx-exit\":\"0x01fffdff00036dff\"}",  /* no 64-bit host */
		"{\"msr.vmx-entry\":\"0x0003fdff000011ff\"}", /* no IA-32e guest */
		"{\"msr.vmx-basic\":\"0x00d9100011e57ed0\"}", /* 32-bit addresses */
		"{\"msr.vmx-basic\":\"0x00d8180011e57ed0\"}", /* VMCS of 6 KiB */
		"{\"msr.vmx-basic\":\"0x00c0100011e57ed0\"}", /* uncached */
		("{\"msr.vmx-proc2\":{\"value\":\"0x00553cfe00000000\",\"exceptions\":[{\"cpus\":"
		 "\"1\",\"status\":\"observed\",\"value\":\"0x00553cfc00000000\"}]}}"),
	};
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		with(machine_intel);
		with(machine_passive);
		with("{\"kvm.backend\":{\"status\":\"absent\"}}");
		judged("kvm");
		expect("cpu.controls", OUTCOME_PASS);
		with(broken[i]);
		judged("kvm");
		cr_expect_eq(judged_finding("cpu.controls")->outcome, OUTCOME_FAIL, "%s",
		             broken[i]);
	}
	/* kvm_intel checks them itself when it is loaded. */
	with("{\"kvm.backend\":\"kvm_intel\",\"msr.vmx-pin\":{\"status\":\"denied\"}}");
	judged("kvm");
	expect("cpu.controls", OUTCOME_PASS);
	with("{\"kvm.backend\":{\"status\":\"absent\"}}");
	with(machine_ordinary);
	judged("kvm");
	expect("cpu.controls", OUTCOME_UNKNOWN);
}
