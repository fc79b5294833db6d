/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends a KVM_RUN whose L2 never exits by itself.
 *
 * A timer sends this thread a signal that is blocked everywhere but inside
 * KVM_RUN (KVM_SET_SIGNAL_MASK), where it makes the ioctl return EINTR.  So
 * there is no handler, nothing that the rest of the process could notice, and
 * no race: a signal that comes before KVM_RUN waits for it.
 */
#ifndef NESTREADY_MACHINE_L2_DEADLINE_H
#define NESTREADY_MACHINE_L2_DEADLINE_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

struct l2_deadline {
	timer_t timer;
	sigset_t saved_mask;
};

/*
 * Starts the clock for this thread and this vCPU.  0, or a negative errno.
 * Must be ended by l2_deadline_end in the same thread when 0.
 */
int l2_deadline_begin(struct l2_deadline *deadline, int vcpu_fd, unsigned ms);

/* Whether time is up; false when it was another signal that ended KVM_RUN. */
bool l2_deadline_passed(void);

void l2_deadline_end(struct l2_deadline *deadline);

#endif
