/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers that hypervisors rest on, and when each exists.  A register is
 * read only where the CPU says that it is there: a gate that is closed is
 * `absent` and nothing is asked; one that is open and faults is `failed`.
 */
#ifndef NESTREADY_PROBES_MSR_RULES_H
#define NESTREADY_PROBES_MSR_RULES_H

#include <stdint.h>

#include "machine/machine.h"
#include "probes/leaves.h"

enum msr {
	MSR_EFER,
	MSR_FEATURE_CONTROL,
	MSR_VM_CR,
	MSR_VMX_BASIC,
	MSR_VMX_PIN,
	MSR_VMX_PROC,
	MSR_VMX_EXIT,
	MSR_VMX_ENTRY,
	MSR_VMX_MISC,
	MSR_VMX_CR0_FIXED0,
	MSR_VMX_CR0_FIXED1,
	MSR_VMX_CR4_FIXED0,
	MSR_VMX_CR4_FIXED1,
	MSR_VMX_VMCS_ENUM,
	MSR_VMX_PROC2,
	MSR_VMX_EPT_VPID,
	MSR_VMX_TRUE_PIN,
	MSR_VMX_TRUE_PROC,
	MSR_VMX_TRUE_EXIT,
	MSR_VMX_TRUE_ENTRY,
	MSR_VMX_VMFUNC,
	MSR_VMX_PROC3,
	MSR_COUNT,
};

/* The number of the register, for rdmsr. */
uint32_t msr_index(enum msr msr);

/* How registers can be read here at all. */
struct msr_access {
	struct machine *machine;
	/*
	 * Of the msr device: `observed` when it is there, whatever registers
	 * do; `absent`, `denied`, `skipped` when no register can be read.
	 */
	enum status device;
	int sys_errno; /* of what was denied */
	char why[112];
};

/* Asks the first CPU for EFER, which every x86-64 CPU has. */
void msr_access_open(struct msr_access *access, struct machine *machine, uint32_t first_cpu);

struct msr_value {
	enum status status;
	char why[112]; /* names no CPU */
	uint64_t value;
};

/*
 * Reads a register of one CPU, where it exists, into its place among the CPU's
 * values; the registers that announce it were read there before: all do so in
 * the order of enum msr.  A register that exists and cannot be looked at for
 * want of a device is `skipped`: nobody knows it.
 */
void msr_read(const struct msr_access *access, uint32_t cpu, enum msr msr,
              const struct virtualization *virtualization, struct msr_value values[MSR_COUNT]);

#endif
