/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processors for fake machines: what probes of the CPU find everywhere. */
#ifndef NESTREADY_TESTS_LIB_CPUS_H
#define NESTREADY_TESTS_LIB_CPUS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/lib/fake_machine.h"

#define FAKE_ONLINE "/sys/devices/system/cpu/online"

/* Bits that tests turn on and off: CPUID.1:ECX and CPUID.80000001h:ECX. */
#define FAKE_VMX        (1u << 5)
#define FAKE_HYPERVISOR (1u << 31)
#define FAKE_SVM        (1u << 2)

/* Says that CPUs 0 to count - 1 are online. */
void fake_online(struct fake_machine *fake, unsigned count);

/*
 * CPUs 0 to count - 1 of a guest with the leaves 0, 1, 0x80000000 and
 * 0x80000001.  Intel: a Haswell EP; AMD: a Naples.
 */
void fake_intel(struct fake_machine *fake, unsigned count, bool vmx);
void fake_amd(struct fake_machine *fake, unsigned count, bool svm);

/* Such a CPU's leaves 1 and 0x80000001 again, with other bits turned over. */
void fake_intel_cpu(struct fake_machine *fake, uint32_t cpu, uint32_t flip_basic_ecx);
void fake_amd_cpu(struct fake_machine *fake, uint32_t cpu, uint32_t flip_extended_ecx);

/* Leaf 0x8000000A of one CPU. */
void fake_svm(struct fake_machine *fake, uint32_t cpu, uint32_t features);

/* Every register of 0x3A, EFER and 0x480 to 0x490 of one CPU, as a Haswell EP has them. */
void fake_vmx_msrs(struct fake_machine *fake, uint32_t cpu);

/* /proc/cpuinfo with a whole block for CPUs 0 to count - 1; `vmx_flags` NULL: no such line. */
void fake_cpuinfo(struct fake_machine *fake, unsigned count, const char *flags,
                  const char *vmx_flags);

#endif
