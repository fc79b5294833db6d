/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPUs this machine runs on: every probe that asks each CPU asks here first. */
#ifndef NESTREADY_PROBES_CPUS_H
#define NESTREADY_PROBES_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "machine/machine.h"

/* The most an x86-64 kernel can be built for (arch/x86/Kconfig, NR_CPUS_RANGE_END). */
#define CPUS_MAX 8192

struct cpus {
	size_t count;              /* at least 1 once filled by cpus_online */
	enum status status;        /* `observed`, or why the one CPU is an assumption */
	const char *source;        /* where the list was read */
	uint16_t number[CPUS_MAX]; /* ascending */
};

/*
 * The online CPUs: from sysfs, else from the `processor` lines of
 * /proc/cpuinfo, else CPU 0 alone.
 */
void cpus_online(struct machine *machine, struct cpus *cpus);

/*
 * Reads the kernel's list form, "0-3,5", one newline at the end allowed.
 * False, and *cpus without meaning, when it is empty, does not ascend, names a
 * CPU from CPUS_MAX on or has any other character in it.
 */
bool cpus_parse(const char *list, size_t length, struct cpus *cpus);

/* Writes that form: CPUs come in ascending order, one by one. */
struct cpu_ranges {
	size_t cpus;          /* how many were added */
	uint32_t first, last; /* the range that may still grow */
	struct text before;   /* the ranges before it: "0-3,5" */
};

#define CPU_RANGES_INIT                                                                            \
	{                                                                                          \
		0, 0, 0, TEXT_INIT                                                                 \
	}

void cpu_ranges_add(struct cpu_ranges *ranges, uint32_t cpu);
void cpu_ranges_clear(struct cpu_ranges *ranges);

/* The list, at least one CPU; nothing may be added after.  NULL on lack of memory. */
const char *cpu_ranges_string(struct cpu_ranges *ranges);

#endif
