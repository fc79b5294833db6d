/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shipped targets judged over what imports tell: less than a machine, and other things. */
#include <criterion/criterion.h>

#include "tests/lib/judged.h"

#define SKIPPED "{\"status\":\"skipped\",\"why\":\"not recorded\"}"

/* A dump of registers knows nothing of a kernel; the L2 did not run. */
static void begin(void)
{
	judged_begin();
	with("{\"kvm.backend\":" SKIPPED ",\"kvm.device\":" SKIPPED ",\"cpuinfo.vmx\":" SKIPPED
	     ",\"cpuinfo.agrees\":" SKIPPED ",\"msr.feature-control\":" SKIPPED
	     ",\"l2.real-mode\":" SKIPPED ",\"l2.long-mode\":" SKIPPED
	     ",\"l2.nested-fault\":" SKIPPED "}");
}

TestSuite(targets_imported, .init = begin, .fini = judged_end);

Test(targets_imported, a_dump_answers_for_the_cpu_and_for_nothing_else)
{
	static const char *const targets[] = { "kvm", "proxmox" };
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		expect_verdict(targets[i], VERDICT_INDETERMINATE, BASIS_FLAGS);
		expect("cpu.extension", OUTCOME_PASS);
		expect("cpu.controls", OUTCOME_PASS);
		expect("cpu.slat", OUTCOME_PASS);
		expect("cpu.extension-enabled", OUTCOME_NOT_CHECKED);
		cr_expect_str_eq(judged_finding("cpu.extension-enabled")->because, "not recorded");
	}
}

Test(targets_imported, a_dump_without_the_extension_is_not_ready_whatever_the_kernel)
{
	with("{\"cpu.vmx\":false,\"slat.present\":{\"status\":\"absent\"}}");
	expect_verdict("kvm", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("cpu.extension", "l0.virt-not-exposed");
}

Test(targets_imported, who_tells_no_maker_is_believed)
{
	with("{\"cpu.vendor\":" SKIPPED ",\"cpu.vmx\":" SKIPPED ",\"cpu.svm\":" SKIPPED
	     ",\"cpu.virtualization\":true,\"firmware.virtualization\":true}");
	expect_verdict("esxi-8", VERDICT_NOT_READY, BASIS_FLAGS); /* for its devices */
	expect("cpu.extension", OUTCOME_PASS);
	expect("cpu.extension-enabled", OUTCOME_PASS);
	with("{\"firmware.virtualization\":false}");
	expect_verdict("hyperv-2022", VERDICT_NOT_READY, BASIS_FLAGS);
	expect("cpu.extension", OUTCOME_PASS);
	expect_fail("cpu.extension-enabled", "l0.virt-disabled");
	with("{\"cpu.virtualization\":false,\"cpu.vmx\":false,\"cpu.svm\":false}");
	expect_verdict("hyperv-2022", VERDICT_NOT_READY, BASIS_FLAGS);
	expect_fail("cpu.extension", "l0.virt-not-exposed");
}

Test(targets_imported, hyperv_that_runs_hides_the_extension_from_its_own_windows)
{
	with("{\"cpu.vmx\":false,\"slat.present\":{\"status\":\"absent\"},"
	     "\"hyperv.root-partition\":true}");
	expect_verdict("esxi-8", VERDICT_NOT_READY, BASIS_FLAGS); /* for its devices */
	expect("cpu.extension", OUTCOME_NOT_CHECKED);
	expect("cpu.slat", OUTCOME_NOT_CHECKED);
	judged("hyperv-2022");
	expect("cpu.extension", OUTCOME_NOT_APPLICABLE);
	expect("cpu.slat", OUTCOME_NOT_APPLICABLE);
	with("{\"hyperv.root-partition\":false}");
	judged("hyperv-2022");
	expect_fail("cpu.extension", "l0.virt-not-exposed");
}

Test(targets_imported, intel_runs_prefetchw_without_saying_so)
{
	with("{\"cpu.prefetchw\":false}");
	judged("hyperv-2022");
	expect("cpu.features", OUTCOME_PASS);
	with("{\"cpu.vendor\":\"AuthenticAMD\"}");
	judged("hyperv-2022");
	expect_fail("cpu.features", "l0.cpu-features");
}
