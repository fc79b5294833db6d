/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model-specific registers of virtualization, of every CPU: whether the
 * firmware, or a platform that plays firmware, left the extension enabled, and
 * which VMX controls there are.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "probes/cpus.h"
#include "probes/leaves.h"
#include "probes/msr_rules.h"
#include "probes/percpu.h"
#include "probes/probe.h"

#define LOCKDOWN "/sys/kernel/security/lockdown"

/* Registers: fact, register, its number for the source, help.  Intel SDM volume 3, appendix A. */
#define REGISTERS(X)                                                                               \
	X("msr.efer", MSR_EFER, "0xc0000080", "EFER; bit 12: SVM is on")                           \
	X("msr.feature-control", MSR_FEATURE_CONTROL, "0x3a", "bit 0 locked, bit 2 VMX enabled")   \
	X("msr.vm-cr", MSR_VM_CR, "0xc0010114", "bit 4 SVM disabled, bit 3 locked")                \
	X("msr.vmx-basic", MSR_VMX_BASIC, "0x480", "VMX basics")                                   \
	X("msr.vmx-pin", MSR_VMX_PIN, "0x481", "pin-based controls")                               \
	X("msr.vmx-proc", MSR_VMX_PROC, "0x482", "primary processor-based controls")               \
	X("msr.vmx-exit", MSR_VMX_EXIT, "0x483", "exit controls")                                  \
	X("msr.vmx-entry", MSR_VMX_ENTRY, "0x484", "entry controls")                               \
	X("msr.vmx-misc", MSR_VMX_MISC, "0x485", "miscellaneous")                                  \
	X("msr.vmx-cr0-fixed0", MSR_VMX_CR0_FIXED0, "0x486", "CR0 bits that must be 1")            \
	X("msr.vmx-cr0-fixed1", MSR_VMX_CR0_FIXED1, "0x487", "CR0 bits that may be 1")             \
	X("msr.vmx-cr4-fixed0", MSR_VMX_CR4_FIXED0, "0x488", "CR4 bits that must be 1")            \
	X("msr.vmx-cr4-fixed1", MSR_VMX_CR4_FIXED1, "0x489", "CR4 bits that may be 1")             \
	X("msr.vmx-vmcs-enum", MSR_VMX_VMCS_ENUM, "0x48a", "highest VMCS field")                   \
	X("msr.vmx-proc2", MSR_VMX_PROC2, "0x48b", "secondary processor-based controls")           \
	X("msr.vmx-ept-vpid", MSR_VMX_EPT_VPID, "0x48c", "capabilities of EPT and VPID")           \
	X("msr.vmx-true-pin", MSR_VMX_TRUE_PIN, "0x48d", "pin-based controls, true")               \
	X("msr.vmx-true-proc", MSR_VMX_TRUE_PROC, "0x48e", "primary controls, true")               \
	X("msr.vmx-true-exit", MSR_VMX_TRUE_EXIT, "0x48f", "exit controls, true")                  \
	X("msr.vmx-true-entry", MSR_VMX_TRUE_ENTRY, "0x490", "entry controls, true")               \
	X("msr.vmx-vmfunc", MSR_VMX_VMFUNC, "0x491", "VM functions")                               \
	X("msr.vmx-proc3", MSR_VMX_PROC3, "0x492", "tertiary processor-based controls")

/* clang-format off */
#define REGISTER_NAMES(key, msr, index, help) [msr] = { key, "MSR " index },
#define REGISTER_FACT(key, msr, index, help) \
	{ key, "hex per CPU, MSR " index ", " help "; absent where the CPU has none" },
/* clang-format on */

static const struct {
	const char *key;
	const char *source;
} names[MSR_COUNT] = { REGISTERS(REGISTER_NAMES) };

static const struct fact_declaration facts[] = {
	/* clang-format off */
	REGISTERS(REGISTER_FACT)
	/* clang-format on */
	{ "msr.device", "bool true: registers can be read; absent without an msr device" },
	{ "msr.locked-down", "bool: the kernel's lockdown refuses registers to root" },
	{ "kernel.lockdown", "text: none, integrity, confidentiality; absent without lockdown" },
	{ NULL, NULL },
};

/* The word in brackets of "none [integrity] confidentiality"; false when there is none. */
static bool parse_lockdown(const char *text, char mode[16])
{
	const char *open = strchr(text, '[');
	size_t length = open == NULL ? 0 : strcspn(open + 1, "]");
	if (length == 0 || length > 15 || open[1 + length] != ']')
		return false;
	snprintf(mode, 16, "%.*s", (int)length, open + 1);
	return true;
}

/* Emits the kernel's lockdown; `mode` is left empty when it is not known. */
static void emit_lockdown(const struct probe_run *run, char mode[16])
{
	struct answer answer = ANSWER_INIT;
	mode[0] = '\0';
	if (machine_read_file(run->machine, LOCKDOWN, &answer) != STATUS_OBSERVED)
		fact_none(run->facts, "kernel.lockdown", answer.status, answer.why, LOCKDOWN);
	else if (parse_lockdown(answer.text, mode))
		fact_text(run->facts, "kernel.lockdown", mode, LOCKDOWN);
	else
		fact_none(run->facts, "kernel.lockdown", STATUS_FAILED,
		          LOCKDOWN ": no word in brackets", LOCKDOWN);
	answer_clear(&answer);
}

/*
 * Whether lockdown is what refuses registers: root is told EPERM, by kernels of
 * distributions (Linux itself refuses writes only: arch/x86/kernel/msr.c).  An
 * ordinary user is told EACCES, locked down or not: then nobody knows.
 */
static enum status refused_by_lockdown(const struct msr_access *access, const char *mode,
                                       bool *locked)
{
	bool off = strcmp(mode, "none") == 0;
	*locked = access->device == STATUS_DENIED && access->sys_errno == EPERM && !off &&
	          mode[0] != '\0';
	if (*locked || (access->device == STATUS_DENIED && off))
		return STATUS_OBSERVED;
	return access->device;
}

/* What lockdown refused is said together with its mode, unless that was said. */
static void explain_refusal(struct msr_access *access, const char *mode)
{
	size_t length = strlen(access->why);
	if (strstr(access->why, "kernel lockdown") == NULL)
		snprintf(access->why + length, sizeof access->why - length, "; kernel lockdown: %s",
		         mode);
}

static void emit_locked_down(const struct msr_access *access, enum status status, bool locked,
                             struct fact_sink *sink)
{
	if (status == STATUS_OBSERVED)
		fact_bool(sink, "msr.locked-down", locked, LOCKDOWN);
	else
		fact_none(sink, "msr.locked-down", status, access->why, "/dev/cpu/*/msr");
}

static void emit_device(const struct msr_access *access, struct fact_sink *sink)
{
	if (access->device == STATUS_OBSERVED)
		fact_bool(sink, "msr.device", true, "/dev/cpu/*/msr");
	else
		fact_none(sink, "msr.device", access->device, access->why, "/dev/cpu/*/msr");
}

static void run(const struct probe_run *run)
{
	struct cpus cpus;
	struct msr_access access;
	struct percpu collected[MSR_COUNT];
	char lockdown[16];
	cpus_online(run->machine, &cpus);
	struct leaves leaves = { run->machine, cpus.number[0] };
	emit_lockdown(run, lockdown);
	msr_access_open(&access, run->machine, cpus.number[0]);
	bool locked;
	enum status known = refused_by_lockdown(&access, lockdown, &locked);
	if (locked)
		explain_refusal(&access, lockdown);
	emit_device(&access, run->facts);
	emit_locked_down(&access, known, locked, run->facts);
	for (int msr = 0; msr < MSR_COUNT; msr++)
		percpu_begin(&collected[msr], names[msr].key, PERCPU_HEX, names[msr].source);
	for (size_t i = 0; i < cpus.count; i++) {
		struct virtualization virtualization;
		struct msr_value values[MSR_COUNT];
		leaves_virtualization(&leaves, cpus.number[i], &virtualization);
		for (int msr = 0; msr < MSR_COUNT; msr++) {
			msr_read(&access, cpus.number[i], (enum msr)msr, &virtualization, values);
			percpu_add(&collected[msr], cpus.number[i], values[msr].status,
			           values[msr].value, values[msr].why);
		}
	}
	for (int msr = 0; msr < MSR_COUNT; msr++)
		percpu_emit(&collected[msr], run->facts);
}

const struct probe probe_msr = {
	.id = "msr",
	.title = "registers that enable and describe virtualization (MSRs)",
	.deadline_ms = 3000,
	.facts = facts,
	.run = run,
};
