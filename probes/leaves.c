/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUID leaves through the port, only where they exist. */
#include "probes/leaves.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "probes/percpu.h"

#define EXTENDED 0x80000000u

/* What kept a CPU from being asked, in words that do not name it. */
static void explain(const struct answer *answer, struct leaf *leaf)
{
	if (answer->status == STATUS_ABSENT) {
		/* Of the CPU: it says nothing of the leaf, so it must not pass for a known no. */
		leaf->status = STATUS_SKIPPED;
		snprintf(leaf->why, sizeof leaf->why, "the CPU is not online any more");
	} else if (answer->status == STATUS_DENIED && answer->sys_errno == EINVAL) {
		snprintf(leaf->why, sizeof leaf->why, "outside the cpuset of this process");
	} else {
		percpu_why(answer, leaf->why, sizeof leaf->why);
	}
}

static enum status ask(struct machine *machine, uint32_t cpu, uint32_t number, struct leaf *leaf)
{
	struct answer answer = ANSWER_INIT;
	*leaf = (struct leaf){ .status = machine_cpuid(machine, cpu, number, 0, &answer) };
	if (leaf->status == STATUS_OBSERVED)
		for (int i = 0; i < 4; i++)
			leaf->registers[i] = (uint32_t)answer.numbers[i];
	else
		explain(&answer, leaf);
	answer_clear(&answer);
	return leaf->status;
}

/* CPUID and long mode imply these: 0x80000001 is where long mode is announced. */
static bool is_everywhere(uint32_t number)
{
	return number == 0 || number == 1 || number == EXTENDED || number == EXTENDED + 1;
}

enum status leaves_ask(const struct leaves *leaves, uint32_t cpu, uint32_t number,
                       struct leaf *leaf)
{
	if (is_everywhere(number))
		return ask(leaves->machine, cpu, number, leaf);
	if (ask(leaves->machine, leaves->first_cpu, number & EXTENDED, leaf) != STATUS_OBSERVED)
		return leaf->status;
	uint32_t highest = leaf->registers[LEAF_EAX];
	if (number <= highest && (number & EXTENDED) == (highest & EXTENDED))
		return ask(leaves->machine, cpu, number, leaf);
	*leaf = (struct leaf){ .status = STATUS_ABSENT };
	snprintf(leaf->why, sizeof leaf->why, "CPUID ends at leaf 0x%x, before 0x%x", highest,
	         number);
	return leaf->status;
}

void leaf_text(const struct leaf *leaf, enum leaf_register first, enum leaf_register second,
               enum leaf_register third, char text[13])
{
	memcpy(text, &leaf->registers[first], 4);
	memcpy(text + 4, &leaf->registers[second], 4);
	memcpy(text + 8, &leaf->registers[third], 4);
	text[12] = '\0';
}

enum status leaves_vendor(const struct leaves *leaves, char vendor[13])
{
	struct leaf leaf;
	leaves_ask(leaves, leaves->first_cpu, 0, &leaf);
	leaf_text(&leaf, LEAF_EBX, LEAF_EDX, LEAF_ECX, vendor);
	return leaf.status;
}

void leaves_virtualization(const struct leaves *leaves, uint32_t cpu,
                           struct virtualization *virtualization)
{
	struct leaf basic;
	struct leaf extended;
	leaves_ask(leaves, cpu, 1, &basic);
	leaves_ask(leaves, cpu, EXTENDED + 1, &extended);
	const struct leaf *worse = basic.status != STATUS_OBSERVED ? &basic : &extended;
	*virtualization = (struct virtualization){
		.status = worse->status,
		.vmx = (basic.registers[LEAF_ECX] >> 5 & 1) != 0,
		.svm = (extended.registers[LEAF_ECX] >> 2 & 1) != 0,
	};
	memcpy(virtualization->why, worse->why, sizeof virtualization->why);
}
