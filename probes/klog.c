/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why does KVM not run though the CPU could?  Asked only where CPUID shows the
 * extension and there is no /dev/kvm: reading the kernel's log is slow.
 */
#include <string.h>

#include "base/text.h"
#include "probes/leaves.h"
#include "probes/lines.h"
#include "probes/probe.h"
#include "probes/relay.h"

#define LOG     "kernel log"
#define CMDLINE "/proc/cmdline"

static const struct fact_declaration facts[] = {
	{ "klog.refusal", "text, why KVM refused to start: disabled, differing, confidential; "
	                  "absent: the kernel's log does not say" },
	{ "klog.line", "text, the line of the log that says so" },
	{ "kernel.clears-flag", "text, option of the kernel's command line that takes vmx or svm "
	                        "away; absent: none" },
	{ NULL, NULL },
};

/*
 * What the kernel says, from 4.x to 6.12: arch/x86/kvm/x86.c, vmx/vmx.c,
 * svm/svm.c; arch/x86/kernel/cpu/feat_ctl.c.  The last such line counts.
 */
static const struct {
	const char *words;
	const char *refusal;
} refusals[] = {
	{ "disabled by bios", "disabled" },
	{ "TXT) disabled by BIOS", "disabled" },
	{ "VMX not enabled (by BIOS)", "disabled" },
	{ "VMX disabled by BIOS", "disabled" },
	{ "SVM disabled (by BIOS)", "disabled" },
	{ "SVM disabled by BIOS", "disabled" },
	{ "Inconsistent VMCS config", "differing" },
	{ "feature inconsistency", "differing" },
	{ "unsupported when running as an SEV guest", "confidential" },
};

#define REFUSALS (sizeof refusals / sizeof *refusals)

/* The refusal that a line tells of; NULL when it tells of none. */
static const char *refusal_of(const struct line *line)
{
	for (size_t i = 0; i < REFUSALS; i++)
		if (memmem(line->start, line->length, refusals[i].words,
		           strlen(refusals[i].words)) != NULL)
			return refusals[i].refusal;
	return NULL;
}

static void emit_refusal(const struct probe_run *run)
{
	struct line line;
	struct line found = { "", 0 };
	const char *refusal = NULL;
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_log(run->machine, &answer) != STATUS_OBSERVED) {
		relay_none(run->facts, "klog.refusal", &answer, LOG);
		relay_none(run->facts, "klog.line", &answer, LOG);
		return;
	}
	for (const char *rest = answer.text; lines_next(&rest, &line);) {
		const char *told = refusal_of(&line);
		refusal = told == NULL ? refusal : told;
		found = told == NULL ? found : line;
	}
	if (refusal == NULL) {
		fact_none(run->facts, "klog.refusal", STATUS_ABSENT, "it does not say", LOG);
		fact_none(run->facts, "klog.line", STATUS_ABSENT, "it does not say", LOG);
		return;
	}
	cleanup_text struct text text = TEXT_INIT;
	text_add_bytes(&text, found.start, found.length);
	fact_text(run->facts, "klog.refusal", refusal, LOG);
	fact_text(run->facts, "klog.line", text_string(&text), LOG);
}

/*
 * "clearcpuid=vmx,svm" or by number: word 4 bit 5 is VMX, word 6 bit 2 SVM
 * (arch/x86/include/asm/cpufeatures.h; names since Linux 5.19).
 */
static bool clears(const char *option, size_t length)
{
	static const char *const features[] = { "vmx", "svm", "133", "194" };
	const char *end = option + length;
	const char *at = memchr(option, '=', length);
	while (at != NULL && ++at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		struct line word = { at, (size_t)((comma == NULL ? end : comma) - at) };
		for (size_t i = 0; i < sizeof features / sizeof *features; i++)
			if (line_is(&word, features[i]))
				return true;
		at = comma;
	}
	return false;
}

static void emit_option(const struct probe_run *run)
{
	static const char name[] = "clearcpuid=";
	static const char key[] = "kernel.clears-flag";
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_read_file(run->machine, CMDLINE, &answer) != STATUS_OBSERVED) {
		relay_none(run->facts, key, &answer, CMDLINE);
		return;
	}
	for (char *at = answer.text; *at != '\0'; at += strspn(at, " \n")) {
		size_t length = strcspn(at, " \n");
		if (strncmp(at, name, strlen(name)) == 0 && clears(at, length)) {
			at[length] = '\0';
			fact_text(run->facts, key, at, CMDLINE);
			return;
		}
		at += length;
	}
	fact_none(run->facts, key, STATUS_ABSENT, "no such option", CMDLINE);
}

/* Why it is not asked; NULL when it is. */
static const char *needless(struct machine *machine)
{
	struct virtualization cpu;
	cleanup_answer struct answer device = ANSWER_INIT;
	if (machine_kvm(machine, &device) != STATUS_ABSENT)
		return "there is a /dev/kvm";
	leaves_virtualization(&(struct leaves){ .machine = machine }, 0, &cpu);
	if (cpu.status == STATUS_OBSERVED && !cpu.vmx && !cpu.svm)
		return "the CPU has neither VMX nor SVM";
	return NULL;
}

static void run_klog(const struct probe_run *run)
{
	const char *why = needless(run->machine);
	if (why == NULL) {
		emit_refusal(run);
		emit_option(run);
		return;
	}
	for (size_t i = 0; facts[i].key != NULL; i++)
		fact_none(run->facts, facts[i].key, STATUS_SKIPPED, why, LOG);
}

const struct probe probe_klog = {
	.id = "klog",
	.title = "what the kernel says of KVM where it does not run",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_klog,
};
