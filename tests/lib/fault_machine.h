/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine that breaks on purpose: a decorator that makes one question fail, or all of them slow.
 */
#ifndef NESTREADY_TESTS_LIB_FAULT_MACHINE_H
#define NESTREADY_TESTS_LIB_FAULT_MACHINE_H

#include "machine/machine.h"

struct fault {
	size_t nth;       /* the question that fails, from 1; 0: none */
	size_t repeat;    /* how many more after it fail too; SIZE_MAX: all */
	int sys_errno;    /* what they fail with */
	unsigned slow_ms; /* how long every question takes */
};

/* Does not take over `inner`.  The test fails on lack of memory. */
struct machine *fault_machine_new(struct machine *inner, const struct fault *fault);

/* How many questions were asked so far. */
size_t fault_machine_asked(struct machine *machine);

#endif
