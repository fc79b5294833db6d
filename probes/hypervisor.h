/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the hypervisor underneath signs itself in CPUID.  One layer may show
 * several signatures (KVM posing as Hyper-V keeps its own one range higher),
 * so all are kept; which platform they add up to is not decided here.
 */
#ifndef NESTREADY_PROBES_HYPERVISOR_H
#define NESTREADY_PROBES_HYPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h"

/* The first range of leaves that is reserved for hypervisors; the others follow at this distance.
 */
#define HYPERVISOR_BASE   0x40000000u
#define HYPERVISOR_STRIDE 0x100u

/* Ranges that are asked whatever they answer, and the most that are ever asked. */
#define HYPERVISOR_RANGES     5
#define HYPERVISOR_RANGES_MAX 8

struct hypervisor_signature {
	uint32_t base;     /* the leaf that holds it */
	uint32_t max_leaf; /* the highest leaf of its range; never below base + 1 */
	char text[13];     /* EBX:ECX:EDX without the NULs at the end */
};

struct hypervisor_scan {
	/*
	 * `observed`: at least one signature; `absent`: none, `why` says
	 * whether CPUID denies a hypervisor or one hides its name; else CPUID
	 * could not be asked, and what was found until then is not all.
	 */
	enum status status;
	char why[112];
	size_t count;
	struct hypervisor_signature found[HYPERVISOR_RANGES_MAX];
};

/* Asks the first CPU.  Two CPUIDs on plain KVM, one where CPUID.1:ECX[31] is clear. */
void hypervisor_scan(struct machine *machine, struct hypervisor_scan *scan);

/* The signature of that text in a scan; NULL when it is not there. */
const struct hypervisor_signature *hypervisor_find(const struct hypervisor_scan *scan,
                                                   const char *text);

/* Whether such a signature is among those found; false also when CPUID could not be asked. */
bool hypervisor_present(struct machine *machine, const char *text);

/* Who signs like that, in words for people; NULL when it is not known. */
const char *hypervisor_vendor(const char *text);

#endif
