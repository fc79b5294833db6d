/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live machine's part that asks /dev/kvm: is it there, and does an L2 run? */
#ifndef NESTREADY_MACHINE_LIVE_KVM_H
#define NESTREADY_MACHINE_LIVE_KVM_H

#include <pthread.h>

#include "base/transform.h"
#include "machine/machine.h"

struct l2_vm;

/* The one L2 of a live machine.  Stages share it, because to make one costs more than to run one.
 */
struct live_l2 {
	pthread_mutex_t lock; /* one L2 runs at a time, whoever asks */
	unsigned deadline_ms;
	bool challenged; /* the stages that prove something take their nonces from here */
	uint32_t challenge[CHALLENGE_STAGES];
	struct l2_vm *vm; /* NULL before the first stage and after a failure */
};

/* `deadline_ms` 0 means 2000; `challenge`, of CHALLENGE_DIGITS digits, may be NULL.  0 or -1. */
int live_l2_init(struct live_l2 *l2, unsigned deadline_ms, const char *challenge);
void live_l2_free(struct live_l2 *l2);

/* Answers QUESTION_KVM. */
void live_kvm_ask(struct answer *answer);

/* Answers QUESTION_L2.  Returns within the deadline as long as the kernel's ioctls return. */
void live_l2_ask(struct live_l2 *l2, uint32_t cpu, enum l2_stage stage, struct answer *answer);

#endif
