/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why KVM refused, in the words of many kernels; only asked where that is the question. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/adapters.h"
#include "tests/lib/fake_machine.h"

extern const struct probe probe_klog;

#define VMX 0x20u

/* A CPU of Intel with what `ecx` says, and no /dev/kvm. */
static struct fake_machine *fake_refused(uint32_t ecx, const char *log, const char *cmdline)
{
	struct fake_machine *fake = fake_machine_new();
	fake_status(fake, "kvm", STATUS_ABSENT, ENOENT);
	fake_cpuid(fake, 0, 0, 0, 0x16, 0x756e6547, 0x6c65746e, 0x49656e69);
	fake_cpuid(fake, 0, 1, 0, 0x50657, 0, ecx, 0);
	fake_cpuid(fake, 0, 0x80000000, 0, 0x80000008, 0, 0, 0);
	fake_cpuid(fake, 0, 0x80000001, 0, 0, 0, 0, 0);
	fake_log(fake, log);
	fake_file(fake, "/proc/cmdline", cmdline);
	return fake;
}

static struct fact_set *facts_of(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_klog, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

static const struct {
	const char *line, *refusal;
} lines[] = {
	{ "[    0.341434] x86/cpu: VMX (outside TXT) disabled by BIOS", "disabled" },
	{ "[    2.1] kvm: disabled by bios", "disabled" },
	{ "[    2.1] kvm: support for 'kvm_intel' disabled by bios", "disabled" },
	{ "[    2.1] kvm_intel: VMX not enabled (by BIOS) in MSR_IA32_FEAT_CTL on CPU 0",
	  "disabled" },
	{ "[    2.1] kvm: CPU 1 feature inconsistency!", "differing" },
	{ "[    2.1] kvm_intel: Inconsistent VMCS config on CPU 1", "differing" },
	{ "[    2.1] kvm_amd: KVM is unsupported when running as an SEV guest", "confidential" },
};

Test(klog, refusals)
{
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char log[512];
		snprintf(log, sizeof log, "kvm: no hardware support\n%s\nkvm: x\n", lines[i].line);
		struct fact_set *facts = facts_of(fake_refused(VMX, log, "quiet\n"));
		expect_text(facts, "klog.refusal", lines[i].refusal);
		expect_text(facts, "klog.line", lines[i].line);
		expect_status(facts, "kernel.clears-flag", STATUS_ABSENT);
		fact_set_free(facts);
	}
}

Test(klog, says_nothing_or_may_not_be_read)
{
	struct fact_set *facts = facts_of(fake_refused(VMX, "", ""));
	expect_status(facts, "klog.refusal", STATUS_ABSENT);
	fact_set_free(facts);
	struct fake_machine *fake = fake_refused(VMX, "", "");
	fake_status(fake, "log", STATUS_DENIED, EPERM);
	facts = facts_of(fake);
	expect_status(facts, "klog.refusal", STATUS_DENIED);
	expect_status(facts, "klog.line", STATUS_DENIED);
	fact_set_free(facts);
}

static const struct {
	const char *cmdline, *option;
} options[] = {
	{ "root=/dev/vda1 clearcpuid=vmx quiet\n", "clearcpuid=vmx" },
	{ "clearcpuid=smap,svm", "clearcpuid=smap,svm" },
	{ "clearcpuid=133\n", "clearcpuid=133" },
	{ "clearcpuid=vmx_ept noclearcpuid=vmx clearcpuid=\n", NULL },
	{ "clearcpuid", NULL },
};

Test(klog, the_command_line_takes_the_flag_away)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		struct fact_set *facts = facts_of(fake_refused(VMX, "", options[i].cmdline));
		if (options[i].option != NULL)
			expect_text(facts, "kernel.clears-flag", options[i].option);
		else
			expect_status(facts, "kernel.clears-flag", STATUS_ABSENT);
		fact_set_free(facts);
	}
}

Test(klog, is_not_read_where_it_does_not_matter)
{
	struct fact_set *facts = facts_of(fake_refused(0, "kvm: disabled by bios\n", ""));
	expect_status(facts, "klog.refusal", STATUS_SKIPPED);
	expect_why(facts, "klog.refusal", "neither");
	fact_set_free(facts);
	struct fake_machine *fake = fake_machine_new();
	fake_numbers(fake, "kvm", 1, UINT64_C(12));
	facts = facts_of(fake);
	expect_status(facts, "klog.refusal", STATUS_SKIPPED);
	fact_set_free(facts);
}

/* Whatever this machine's log says, only lines about virtualization come out, or a refusal. */
Test(klog, live)
{
	struct error err = ERROR_INIT;
	cleanup_answer struct answer answer = ANSWER_INIT;
	struct machine *machine = machine_live_open(NULL, &err);
	enum status status = machine_log(machine, &answer);
	machine_close(machine);
	if (status != STATUS_OBSERVED) {
		cr_assert(status == STATUS_DENIED || status == STATUS_FAILED, "%s", answer.why);
		return;
	}
	for (char *line = strtok(answer.text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		cr_expect(strstr(line, "kvm") != NULL || strstr(line, "VMX") != NULL ||
		          strstr(line, "SVM") != NULL);
		cr_expect_neq(line[0], '<');
	}
}
