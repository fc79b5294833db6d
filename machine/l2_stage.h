/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes an L2 do its work: one stage after the other, each with a new nonce and a deadline. */
#ifndef NESTREADY_MACHINE_L2_STAGE_H
#define NESTREADY_MACHINE_L2_STAGE_H

#include <stddef.h>
#include <stdint.h>

#include "machine/l2_vm.h"
#include "machine/machine.h"

/* Exits that exit-cost counts at most: enough for a median, few enough for a millisecond. */
#define L2_EXITS_MAX 32

/* One run of the L2 from its first instruction to its HLT. */
struct l2_run {
	unsigned deadline_ms;
	uint32_t result; /* what came through the port ... */
	size_t answers;  /* ... so many times */
	size_t exits;    /* exits at the tick port that were timed */
	uint64_t exit_ns[L2_EXITS_MAX];
	uint64_t nanoseconds; /* all of it */
};

/*
 * Runs what is at `rip` in the L2.  True when it halted; else `answer` is
 * `failed` and says why.  `run` comes zeroed but for the deadline.
 */
bool l2_run(struct l2_vm *vm, uint64_t rip, uint64_t rbx, struct l2_run *run,
            struct answer *answer);

/*
 * Runs a stage with this nonce, or a random one for NULL; `answer` becomes that of QUESTION_L2.
 * Whether the result is right is for who asked to say.  After `failed` the VM must not be used
 * again.
 */
void l2_stage_run(struct l2_vm *vm, enum l2_stage stage, unsigned deadline_ms,
                  const uint32_t *nonce, struct answer *answer);

#endif
