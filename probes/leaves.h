/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking CPUID leaves that exist.  A leaf beyond the maximum is `absent` and is
 * not asked: Intel answers one with its highest basic leaf (SDM volume 2A,
 * CPUID).  Each CPUID is a VM exit, so the maxima are asked of the first CPU
 * only, and not at all for leaves that every x86-64 CPU has.
 */
#ifndef NESTREADY_PROBES_LEAVES_H
#define NESTREADY_PROBES_LEAVES_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/machine.h"

struct leaves {
	struct machine *machine;
	uint32_t first_cpu;
};

enum leaf_register { LEAF_EAX, LEAF_EBX, LEAF_ECX, LEAF_EDX };

/* The answer of one leaf, subleaf 0. */
struct leaf {
	enum status status;
	char why[112]; /* "" when observed; names no CPU */
	uint32_t registers[4];
};

/* Returns leaf->status. */
enum status leaves_ask(const struct leaves *leaves, uint32_t cpu, uint32_t number,
                       struct leaf *leaf);

/* The text that three registers spell, NUL at the end: a vendor, a signature. */
void leaf_text(const struct leaf *leaf, enum leaf_register first, enum leaf_register second,
               enum leaf_register third, char text[13]);

/* The vendor of the first CPU; "" when leaf 0 could not be asked.  Returns leaf 0's status. */
enum status leaves_vendor(const struct leaves *leaves, char vendor[13]);

/* What a CPU says of its virtualization extensions. */
struct virtualization {
	enum status status;
	char why[112];
	bool vmx; /* CPUID.1:ECX[5] */
	bool svm; /* CPUID.80000001h:ECX[2] */
};

void leaves_virtualization(const struct leaves *leaves, uint32_t cpu,
                           struct virtualization *virtualization);

#endif
