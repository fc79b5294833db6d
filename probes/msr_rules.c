/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a register exists, as data; and reading one by these rules. */
#include "probes/msr_rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "probes/percpu.h"

enum family { EVERY, VMX, SVM };

/* A bit of the upper half of a VMX capability register: what may be 1. */
#define MAY(bit) (UINT64_C(1) << (32 + (bit)))

/*
 * A register exists on its family, and where the register it rests on (if any)
 * was read and has one of the bits.  Intel SDM volume 3, appendix A: the bits
 * that announce the later registers; AMD APM volume 2, 15.30.1: VM_CR.
 */
static const struct rule {
	uint32_t index;
	enum family family;
	enum msr rests_on; /* MSR_COUNT: on nothing */
	uint64_t bits;
} rules[MSR_COUNT] = {
	[MSR_EFER] = { 0xc0000080, EVERY, MSR_COUNT, 0 },
	[MSR_FEATURE_CONTROL] = { 0x3a, VMX, MSR_COUNT, 0 },
	[MSR_VM_CR] = { 0xc0010114, SVM, MSR_COUNT, 0 },
	[MSR_VMX_BASIC] = { 0x480, VMX, MSR_COUNT, 0 },
	[MSR_VMX_PIN] = { 0x481, VMX, MSR_COUNT, 0 },
	[MSR_VMX_PROC] = { 0x482, VMX, MSR_COUNT, 0 },
	[MSR_VMX_EXIT] = { 0x483, VMX, MSR_COUNT, 0 },
	[MSR_VMX_ENTRY] = { 0x484, VMX, MSR_COUNT, 0 },
	[MSR_VMX_MISC] = { 0x485, VMX, MSR_COUNT, 0 },
	[MSR_VMX_CR0_FIXED0] = { 0x486, VMX, MSR_COUNT, 0 },
	[MSR_VMX_CR0_FIXED1] = { 0x487, VMX, MSR_COUNT, 0 },
	[MSR_VMX_CR4_FIXED0] = { 0x488, VMX, MSR_COUNT, 0 },
	[MSR_VMX_CR4_FIXED1] = { 0x489, VMX, MSR_COUNT, 0 },
	[MSR_VMX_VMCS_ENUM] = { 0x48a, VMX, MSR_COUNT, 0 },
	[MSR_VMX_PROC2] = { 0x48b, VMX, MSR_VMX_PROC, MAY(31) },
	[MSR_VMX_EPT_VPID] = { 0x48c, VMX, MSR_VMX_PROC2, MAY(1) | MAY(5) },
	[MSR_VMX_TRUE_PIN] = { 0x48d, VMX, MSR_VMX_BASIC, UINT64_C(1) << 55 },
	[MSR_VMX_TRUE_PROC] = { 0x48e, VMX, MSR_VMX_BASIC, UINT64_C(1) << 55 },
	[MSR_VMX_TRUE_EXIT] = { 0x48f, VMX, MSR_VMX_BASIC, UINT64_C(1) << 55 },
	[MSR_VMX_TRUE_ENTRY] = { 0x490, VMX, MSR_VMX_BASIC, UINT64_C(1) << 55 },
	[MSR_VMX_VMFUNC] = { 0x491, VMX, MSR_VMX_PROC2, MAY(13) },
	[MSR_VMX_PROC3] = { 0x492, VMX, MSR_VMX_PROC, MAY(17) },
};

uint32_t msr_index(enum msr msr)
{
	return rules[msr].index;
}

void msr_access_open(struct msr_access *access, struct machine *machine, uint32_t first_cpu)
{
	struct answer answer = ANSWER_INIT;
	*access = (struct msr_access){ .machine = machine };
	access->device = machine_rdmsr(machine, first_cpu, rules[MSR_EFER].index, &answer);
	access->sys_errno = answer.sys_errno;
	if (access->device == STATUS_FAILED && answer.sys_errno == EIO)
		access->device = STATUS_OBSERVED; /* the device answered: with a fault */
	else if (access->device == STATUS_ABSENT)
		snprintf(access->why, sizeof access->why, "no msr device (modprobe msr)");
	else
		percpu_why(&answer, access->why, sizeof access->why);
	answer_clear(&answer);
}

__attribute__((format(printf, 3, 4))) static void set(struct msr_value *value, enum status status,
                                                      const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(value->why, sizeof value->why, format, args);
	va_end(args);
	value->status = status;
}

/* Whether the CPU has the family's registers; fills in the value when not, or when nobody knows. */
static bool has_family(enum family family, const struct virtualization *virtualization,
                       struct msr_value *value)
{
	if (family == EVERY)
		return true;
	if (virtualization->status != STATUS_OBSERVED)
		set(value, virtualization->status, "CPUID: %s", virtualization->why);
	else if (family == VMX && !virtualization->vmx)
		set(value, STATUS_ABSENT, "CPUID has no vmx");
	else if (family == SVM && !virtualization->svm)
		set(value, STATUS_ABSENT, "CPUID has no svm");
	else
		return true;
	return false;
}

/* Whether the register that the rule rests on announces this one; fills in the value when not. */
static bool announces(const struct rule *rule, const struct msr_value *base,
                      struct msr_value *value)
{
	uint32_t index = rules[rule->rests_on].index;
	if (base->status == STATUS_OBSERVED && (base->value & rule->bits) != 0)
		return true;
	if (base->status == STATUS_OBSERVED || base->status == STATUS_ABSENT)
		set(value, STATUS_ABSENT, "MSR 0x%x does not announce it", index);
	else
		set(value, base->status, "MSR 0x%x would announce it: %.80s", index, base->why);
	return false;
}

static void ask(struct machine *machine, uint32_t cpu, uint32_t index, struct msr_value *value)
{
	struct answer answer = ANSWER_INIT;
	value->status = machine_rdmsr(machine, cpu, index, &answer);
	value->value = answer.numbers[0];
	if (answer.sys_errno == EIO) /* what the device makes of a general protection fault */
		set(value, STATUS_FAILED, "the register faults");
	else if (value->status == STATUS_ABSENT)
		set(value, STATUS_SKIPPED, "no msr device on this CPU");
	else
		percpu_why(&answer, value->why, sizeof value->why);
	answer_clear(&answer);
}

void msr_read(const struct msr_access *access, uint32_t cpu, enum msr msr,
              const struct virtualization *virtualization, struct msr_value values[MSR_COUNT])
{
	const struct rule *rule = &rules[msr];
	struct msr_value *value = &values[msr];
	*value = (struct msr_value){ 0 };
	if (!has_family(rule->family, virtualization, value))
		return;
	/* A recording may hold some registers and not the one that stands for the device. */
	if (access->device != STATUS_OBSERVED && access->device != STATUS_SKIPPED)
		set(value, access->device == STATUS_ABSENT ? STATUS_SKIPPED : access->device, "%s",
		    access->why);
	else if (rule->rests_on == MSR_COUNT || announces(rule, &values[rule->rests_on], value))
		ask(access->machine, cpu, rule->index, value);
}
