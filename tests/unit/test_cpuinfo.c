/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's view of the CPUs, its agreement with CPUID, and files that are not what they should
 * be. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/lib/cpus.h"

extern const struct probe probe_cpuinfo;

static const char *const per_cpu[] = { "cpuinfo.flags-line", "cpuinfo.vmx", "cpuinfo.svm",
	                               "cpuinfo.npt", "cpuinfo.agrees" };

#define PER_CPU (sizeof per_cpu / sizeof *per_cpu)

/* Two Intel CPUs with VMX, whose /proc/cpuinfo is these bytes. */
static struct fact_set *run_with(const void *bytes, size_t length)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	fake_file_bytes(fake, "/proc/cpuinfo", bytes, length);
	struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

static void expect_all_failed(struct fact_set *facts, const char *why)
{
	for (size_t i = 0; i < PER_CPU; i++) {
		expect_status(facts, per_cpu[i], STATUS_FAILED);
		expect_why(facts, per_cpu[i], why);
	}
	expect_status(facts, "cpuinfo.vmx-flags", STATUS_FAILED);
	fact_set_free(facts);
}

Test(cpuinfo, flags_and_vmx_flags)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	fake_cpuinfo(fake, 2, "fpu vmx nx", "vnmi ept vpid");
	struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
	expect_bool(facts, "cpuinfo.flags-line", true);
	expect_bool(facts, "cpuinfo.vmx", true);
	expect_bool(facts, "cpuinfo.svm", false);
	expect_bool(facts, "cpuinfo.npt", false);
	expect_value(facts, "cpuinfo.vmx-flags", "['vnmi', 'ept', 'vpid']");
	expect_bool(facts, "cpuinfo.agrees", true);
	expect_text(facts, "cpu.name", "Made up");
	expect_text(facts, "cpu.microcode", "0xd0003f5");
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuinfo, amd_has_npt_and_no_vmx_flags)
{
	struct fake_machine *fake = fake_machine_new();
	fake_amd(fake, 1, true);
	fake_cpuinfo(fake, 1, "fpu svm npt nrip_save", NULL);
	struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
	expect_bool(facts, "cpuinfo.svm", true);
	expect_bool(facts, "cpuinfo.npt", true);
	expect_bool(facts, "cpuinfo.agrees", true);
	expect_status(facts, "cpuinfo.vmx-flags", STATUS_ABSENT);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuinfo, a_kernel_that_hides_vmx_disagrees_with_cpuid)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	fake_cpuinfo(fake, 2, "fpu nx", NULL);
	struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
	expect_bool(facts, "cpuinfo.vmx", false);
	expect_bool(facts, "cpuinfo.agrees", false);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuinfo, one_cpu_that_disagrees_is_named)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 3, true);
	fake_intel_cpu(fake, 2, FAKE_VMX);
	fake_cpuinfo(fake, 3, "fpu vmx", NULL);
	struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
	expect_bool(facts, "cpuinfo.agrees", true);
	expect_exceptions(facts, "cpuinfo.agrees",
	                  "[{'cpus': '2', 'status': 'observed', 'value': false}]");
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuinfo, cpuid_that_cannot_be_asked_is_no_disagreement)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, true);
	fake_status(fake, "cpuid 0 0x80000001 0x00000000", STATUS_FAILED, EINVAL);
	fake_cpuinfo(fake, 1, "fpu vmx", NULL);
	struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
	expect_bool(facts, "cpuinfo.vmx", true);
	expect_status(facts, "cpuinfo.agrees", STATUS_FAILED);
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(cpuinfo, an_empty_file)
{
	expect_all_failed(run_with("", 0), "/proc/cpuinfo: empty");
}

Test(cpuinfo, a_binary_file)
{
	char bytes[1 << 16];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 131 >> 3);
	expect_all_failed(run_with(bytes, sizeof bytes), "/proc/cpuinfo: line 1");
}

Test(cpuinfo, a_truncated_file_denies_nothing)
{
	static const char text[] = "processor : 0\nflags : fpu vmx\n\nprocessor : 1\nflags : fpu v";
	struct fact_set *facts = run_with(text, sizeof text - 1);
	expect_bool(facts, "cpuinfo.vmx", true);
	expect_exceptions(facts, "cpuinfo.vmx",
	                  "[{'cpus': '1', 'status': 'failed',"
	                  " 'why': '/proc/cpuinfo: processor 1: cut in the middle'}]");
	fact_set_free(facts);
}

Test(cpuinfo, a_processor_without_flags_is_named)
{
	static const char text[] = "processor : 0\nflags : vmx\n\nprocessor : 1\nbugs :\n\n";
	struct fact_set *facts = run_with(text, sizeof text - 1);
	expect_exceptions(facts, "cpuinfo.flags-line",
	                  "[{'cpus': '1', 'status': 'failed',"
	                  " 'why': '/proc/cpuinfo: processor 1: no flags line'}]");
	fact_set_free(facts);
}

Test(cpuinfo, an_enormous_file_is_cut_and_says_so)
{
	struct text text = TEXT_INIT;
	text_add(&text, "{'truncated': true, 'lines': ['processor : 0', 'flags : ");
	while (text.length < MACHINE_FILE_LIMIT)
		text_add(&text, "abcdefgh ");
	text_add(&text, "']}");
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 2, true);
	fake_json(fake, "file /proc/cpuinfo", text_string(&text));
	struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
	expect_status(facts, "cpuinfo.vmx", STATUS_FAILED);
	expect_why(facts, "cpuinfo.vmx", "processor 0: cut: the file is longer than 4 MiB");
	expect_exceptions(facts, "cpuinfo.vmx",
	                  "[{'cpus': '1', 'status': 'failed', 'why':"
	                  " '/proc/cpuinfo: cut before this processor: longer than 4 MiB'}]");
	fact_set_free(facts);
	fake_machine_free(fake);
	text_clear(&text);
}

Test(cpuinfo, a_file_that_may_not_be_read_is_denied_and_one_that_is_not_there_failed)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 1, true);
	fake_status(fake, "file /proc/cpuinfo", STATUS_DENIED, EACCES);
	struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
	for (size_t i = 0; i < PER_CPU; i++)
		expect_status(facts, per_cpu[i], STATUS_DENIED);
	fact_set_free(facts);
	fake_status(fake, "file /proc/cpuinfo", STATUS_ABSENT, ENOENT);
	expect_all_failed(run_probe(&probe_cpuinfo, fake, NULL), "there is no such file");
	fake_machine_free(fake);
}

Test(cpuinfo, five_hundred_and_twelve_cpus_of_which_one_is_offline)
{
	struct fake_machine *fake = fake_machine_new();
	fake_intel(fake, 512, true);
	fake_file(fake, FAKE_ONLINE, "0-6,8-511\n");
	fake_cpuinfo(fake, 512, "fpu vmx", "ept vpid"); /* one more than is online: no matter */
	struct fact_set *facts = run_probe(&probe_cpuinfo, fake, NULL);
	for (size_t i = 0; i < PER_CPU; i++)
		cr_assert_null(fact_set_find(facts, per_cpu[i])->exceptions);
	expect_bool(facts, "cpuinfo.agrees", true);
	fact_set_free(facts);
	fake_machine_free(fake);
}
