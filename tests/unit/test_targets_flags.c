/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The targets that do not run yet rest on flags; and who is at fault depends on the platform. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/judged.h"

TestSuite(targets_flags, .init = judged_begin, .fini = judged_end);

Test(targets_flags, esxi_rests_on_its_own_flags_and_devices)
{
	expect_verdict("esxi-8", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("net.adapter-model", "l0.adapter-model");
	expect_fail("storage.adapter-model", "l0.storage-model");
	with(machine_esxi_devices);
	expect_verdict("esxi-8", VERDICT_READY, BASIS_FLAGS);
	cr_expect(not_proven("controls"));
	cr_expect(not_proven("network"));
	static const struct {
		const char *facts;
		const char *finding;
		const char *gap;
	} rows[] = {
		{ "{\"cpu.count\":1}", "cpu.count", "l0.too-few-cpus" },
		{ "{\"memory.total\":4100000000}", "memory.total", "l0.too-little-memory" },
		{ "{\"cpu.nx\":false}", "cpu.nx", "l0.cpu-features" },
		{ "{\"cpu.xsave\":false}", "cpu.features", "l0.cpu-features" },
		{ "{\"slat.present\":false}", "cpu.slat", "l0.slat-not-exposed" },
		{ "{\"confidential.kind\":\"sev\"}", "platform.confidential",
		  "l0.confidential-vm" },
		{ "{\"pci.nics\":[\"8086:100e\"]}", "net.adapter-model", "l0.adapter-model" },
		{ "{\"pci.nics\":[]}", "net.adapter-model", "l0.adapter-model" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		with(machine_intel);
		with(machine_esxi_devices);
		with(rows[i].facts);
		expect_verdict("esxi-8", VERDICT_NOT_READY, BASIS_FLAGS);
		expect_fail(rows[i].finding, rows[i].gap);
	}
	with(machine_intel);
	with("{\"pci.storage\":[\"1022:7901\"]}"); /* on a VM nobody knows it: not ESXi either */
	judged("esxi-8");
	expect_fail("storage.adapter-model", "l0.storage-model");
	with("{\"cpu.hypervisor-bit\":false,\"hypervisor.signatures\":{\"status\":\"absent\"},"
	     "\"dmi.sys-vendor\":\"ASUS\",\"dmi.virtual-machine\":false}");
	with("{\"pci.nics\":[\"1d6a:d107\"]}");
	judged("esxi-8");
	expect("storage.adapter-model", OUTCOME_NOT_CHECKED);
	expect("net.adapter-model", OUTCOME_NOT_CHECKED);
	with("{\"pci.nics\":[\"10ec:8168\"]}"); /* Realtek's driver went with vmklinux */
	judged("esxi-8");
	expect_fail("net.adapter-model", "l0.adapter-model");
	with(machine_intel);
	with("{\"pci.nics\":[\"15b3:1018\"],\"pci.storage\":[\"1000:0030\"]}");
	expect_verdict("esxi-8", VERDICT_INDETERMINATE, BASIS_FLAGS);
	expect("net.adapter-model", OUTCOME_NOT_CHECKED);
	expect("storage.adapter-model", OUTCOME_NOT_CHECKED);
}

Test(targets_flags, esxi_is_not_promised_on_a_cpu_of_another_maker)
{
	with(machine_esxi_devices);
	expect_verdict("esxi-8", VERDICT_READY, BASIS_FLAGS);
	with("{\"cpu.vendor\":\"CentaurHauls\"}");
	expect_verdict("esxi-8", VERDICT_INDETERMINATE, BASIS_FLAGS);
	expect("cpu.maker", OUTCOME_NOT_CHECKED);
	expect_verdict("hyperv-2022", VERDICT_READY, BASIS_FLAGS);
}

Test(targets_flags, hyperv_says_what_linux_cannot_see)
{
	expect_verdict("hyperv-2022", VERDICT_READY, BASIS_FLAGS);
	expect("cpu.feature-control", OUTCOME_NOT_CHECKED);
	cr_expect(not_proven("feature-control"));
	with("{\"memory.dynamic\":true}");
	expect_verdict("hyperv-2022", VERDICT_READY, BASIS_FLAGS);
	expect_verdict("kvm", VERDICT_DEGRADED, BASIS_PROVEN);
	expect_fail("memory.dynamic", "l0.dynamic-memory");
	with("{\"cpu.uniform\":false,\"cpu.cx16\":false,\"memory.total\":2100000000}");
	expect_verdict("hyperv-2022", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("cpu.uniform", "l0.cpus-differ");
	expect_fail("cpu.features", "l0.cpu-features");
	expect_fail("memory.total", "l0.too-little-memory");
	with(machine_intel);
	with(machine_amd);
	judged("hyperv-2022");
	expect("cpu.feature-control", OUTCOME_NOT_APPLICABLE);
}

Test(targets_flags, the_platform_decides_what_is_at_fault)
{
	/* VMware with old hardware */
	with(machine_hidden);
	with("{\"hypervisor.signatures\":[\"VMwareVMware\"],\"dmi.sys-vendor\":\"VMware, Inc.\","
	     "\"vmware.product\":2,\"vmware.hardware-version\":8}");
	judged("kvm");
	expect_fail("cpu.extension", "l0.hardware-version");
	expect_fail("platform.hardware-version", "l0.hardware-version");
	with("{\"vmware.hardware-version\":13}");
	judged("kvm");
	expect_fail("cpu.extension", "l0.virt-not-exposed");
	expect("platform.hardware-version", OUTCOME_PASS);
	/* Hyper-V of 2019 on AMD, then of 2022 */
	with(machine_amd);
	with(machine_hidden);
	with("{\"hypervisor.signatures\":[\"Microsoft Hv\"],\"bus.vmbus\":9,\"hyperv.build\":17763,"
	     "\"dmi.sys-vendor\":\"Microsoft Corporation\",\"hyperv.root-partition\":false}");
	judged("kvm");
	expect_fail("cpu.extension", "l0.platform-too-old");
	with("{\"hyperv.build\":20348}");
	judged("kvm");
	expect_fail("cpu.extension", "l0.virt-not-exposed");
	judged("esxi-8");
	expect_fail("platform.supports-target", "l0.platform-cannot");
	/* bhyve, which nests nothing and has no remedy */
	with("{\"hypervisor.signatures\":[\"bhyve bhyve \"],\"dmi.sys-vendor\":\"BHYVE\"}");
	judged("kvm");
	expect_fail("platform.supports-target", "l0.platform-cannot");
	cr_expect_eq(
	        knowledge_platform_gap(judged_report.platform.platform, "l0.platform-cannot", NULL)
	                ->remedy_count,
	        0);
	/* a platform that nobody knows is held against no target */
	with("{\"hypervisor.signatures\":[\"NobodyNobody\"],\"dmi.sys-vendor\":\"Acme\"}");
	judged("esxi-8");
	cr_expect_null(judged_report.platform.platform);
	expect("platform.supports-target", OUTCOME_PASS);
}

Test(targets_flags, memory_is_fixed_only_where_somebody_knows)
{
	static const struct {
		const char *facts;
		enum outcome outcome;
	} rows[] = {
		{ "{\"memory.dynamic\":false}", OUTCOME_PASS },
		{ "{\"memory.dynamic\":true}", OUTCOME_FAIL },
		{ "{\"memory.dynamic\":{\"status\":\"skipped\"}}", OUTCOME_NOT_CHECKED },
		{ "{\"memory.dynamic\":{\"status\":\"skipped\"},\"memory.balloon\":\"virtio_"
		  "balloon\"}",
		  OUTCOME_NOT_APPLICABLE },
		{ "{\"memory.dynamic\":true,\"memory.balloon\":\"virtio_balloon\","
		  "\"memory.ballooned\":4096}",
		  OUTCOME_FAIL },
		{ "{\"hyperv.kvp.vm-id\":\"A\",\"hyperv.kvp.dynamic-memory\":false}",
		  OUTCOME_PASS },
		{ "{\"hyperv.kvp.dynamic-memory\":true}", OUTCOME_FAIL },
		{ "{\"hyperv.kvp.dynamic-memory\":false,\"memory.dynamic\":true}", OUTCOME_PASS },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		with(rows[i].facts);
		judged("kvm");
		cr_expect_eq(judged_finding("memory.dynamic")->outcome, rows[i].outcome, "%s",
		             rows[i].facts);
	}
}
