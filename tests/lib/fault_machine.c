/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts the questions of all threads; see fault_machine.h. */
#include "tests/lib/fault_machine.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct fault_machine {
	struct machine machine;
	struct machine *inner;
	struct fault fault;
	atomic_size_t asked;
};

static void fault_ask(struct machine *machine, const struct question *question,
                      struct answer *answer)
{
	struct fault_machine *faulty = (struct fault_machine *)machine;
	const struct fault *fault = &faulty->fault;
	size_t number = atomic_fetch_add(&faulty->asked, 1) + 1;
	struct timespec pause = { fault->slow_ms / 1000, (long)(fault->slow_ms % 1000) * 1000000 };
	nanosleep(&pause, NULL);
	if (fault->nth != 0 && number >= fault->nth && number - fault->nth <= fault->repeat)
		answer_set_errno(answer, fault->sys_errno, "fault");
	else
		machine_ask(faulty->inner, question, answer);
}

static void fault_close(struct machine *machine)
{
	free(machine);
}

static const struct machine_ops fault_ops = { .ask = fault_ask, .close = fault_close };

struct machine *fault_machine_new(struct machine *inner, const struct fault *fault)
{
	struct fault_machine *faulty = calloc(1, sizeof *faulty);
	cr_assert_not_null(faulty);
	faulty->machine.ops = &fault_ops;
	faulty->inner = inner;
	faulty->fault = *fault;
	return &faulty->machine;
}

size_t fault_machine_asked(struct machine *machine)
{
	return atomic_load(&((struct fault_machine *)machine)->asked);
}
