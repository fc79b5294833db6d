/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads /proc/cpuinfo strictly: what is cut, binary or misses its flags is said
 * so, with the place, and never taken for a CPU without the flag.
 *
 * The kernel writes a block for each online CPU in ascending order; a line is
 * NAME : VALUE, and an empty line ends each block (arch/x86/kernel/cpu/proc.c).
 */
#ifndef NESTREADY_PROBES_PROC_CPUINFO_H
#define NESTREADY_PROBES_PROC_CPUINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h"

#define PROC_CPUINFO "/proc/cpuinfo"

/* A piece of the file; `at` is NULL when the block has no such line. */
struct span {
	const char *at;
	size_t length;
};

/* One block.  Spans live until proc_cpuinfo_close. */
struct processor {
	enum status status; /* observed: whole, with a readable flags line */
	char why[112];      /* else: file, place and what is wrong there */
	uint32_t cpu;
	struct span name; /* `model name` */
	struct span microcode;
	struct span flags;
	struct span vmx_flags;
	int32_t package; /* `physical id`; -1 without the line */
	int32_t core;    /* `core id` within the package; -1 without the line */
};

struct proc_cpuinfo {
	struct answer answer;
	size_t offset;          /* where the next line begins */
	unsigned line;          /* its number, from 1 */
	enum status status;     /* observed until the file makes no sense any more */
	char why[112];          /* what is wrong with it */
	struct processor block; /* the last one that was read */
	bool has_block;
	struct processor missing; /* stands in for a block that is not there */
};

/* Never fails: a file that cannot be read is one without blocks, and says why. */
void proc_cpuinfo_open(struct proc_cpuinfo *file, struct machine *machine);
void proc_cpuinfo_close(struct proc_cpuinfo *file);

/* The next block, valid until the one after it is read; NULL when there is none. */
const struct processor *proc_cpuinfo_next(struct proc_cpuinfo *file);

/*
 * The block of a CPU; one that is not there is `failed`, or has the status
 * with which the file could not be read, and never `absent`.  CPUs must be
 * asked for in ascending order.
 */
const struct processor *proc_cpuinfo_find(struct proc_cpuinfo *file, uint32_t cpu);

/* Is the word, which is separated by spaces, in the span?  False for a span that is not there. */
bool span_has_word(struct span span, const char *word);

#endif
