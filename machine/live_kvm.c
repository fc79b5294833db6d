/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QUESTION_KVM and QUESTION_L2 of the live machine. */
#define _GNU_SOURCE 1 /* CPU_SET_S */
#include "machine/live_kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "machine/l2_stage.h"
#include "machine/l2_vm.h"

#define DEFAULT_DEADLINE_MS 2000

/* The most CPUs that x86 Linux can be built for (CONFIG_NR_CPUS with MAXSMP). */
#define CPUS_MAX 8192

union cpus {
	cpu_set_t set;
	unsigned long bits[CPUS_MAX / (8 * sizeof(unsigned long))];
};

static int open_kvm(struct answer *answer)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		answer_set_errno(answer, errno, "/dev/kvm");
	return fd;
}

void live_kvm_ask(struct answer *answer)
{
	cleanup_fd int fd = open_kvm(answer);
	if (fd < 0)
		return;
	int version = ioctl(fd, KVM_GET_API_VERSION, 0);
	if (version < 0) {
		answer_set_errno(answer, errno, "KVM_GET_API_VERSION");
		answer->status = STATUS_FAILED;
		return;
	}
	answer_set_numbers(answer, &(uint64_t){ (uint64_t)version }, 1);
}

int live_l2_init(struct live_l2 *l2, unsigned deadline_ms, const char *challenge)
{
	l2->deadline_ms = deadline_ms != 0 ? deadline_ms : DEFAULT_DEADLINE_MS;
	l2->vm = NULL;
	l2->challenged = challenge != NULL;
	for (unsigned i = 0; challenge != NULL && i < CHALLENGE_STAGES; i++)
		l2->challenge[i] = challenge_nonce(challenge, i);
	return pthread_mutex_init(&l2->lock, NULL) == 0 ? 0 : -1;
}

void live_l2_free(struct live_l2 *l2)
{
	l2_vm_close(l2->vm);
	pthread_mutex_destroy(&l2->lock);
}

/* Moves this thread to one CPU.  0, or -1 with errno. */
static int pin(uint32_t cpu, union cpus *saved)
{
	union cpus wanted = { .bits = { 0 } };
	if (cpu >= CPUS_MAX) {
		errno = EINVAL;
		return -1;
	}
	CPU_SET_S(cpu, sizeof wanted, &wanted.set);
	if (sched_getaffinity(0, sizeof *saved, &saved->set) < 0)
		return -1;
	return sched_setaffinity(0, sizeof wanted, &wanted.set);
}

static void run_stage(struct live_l2 *l2, enum l2_stage stage, struct answer *answer)
{
	if (l2->vm == NULL) {
		cleanup_fd int fd = open_kvm(answer);
		l2->vm = fd < 0 ? NULL : l2_vm_open(fd, answer);
	}
	if (l2->vm == NULL)
		return;
	bool challenged = l2->challenged && (unsigned)stage < CHALLENGE_STAGES;
	l2_stage_run(l2->vm, stage, l2->deadline_ms, challenged ? &l2->challenge[stage] : NULL,
	             answer);
	if (answer->status != STATUS_OBSERVED) {
		l2_vm_close(l2->vm);
		l2->vm = NULL;
	}
}

static void run_pinned(struct live_l2 *l2, uint32_t cpu, enum l2_stage stage, struct answer *answer)
{
	union cpus saved = { .bits = { 0 } };
	if (pin(cpu, &saved) < 0) {
		answer_set_errno(answer, errno, "moving to the CPU");
		return;
	}
	run_stage(l2, stage, answer);
	sched_setaffinity(0, sizeof saved, &saved.set);
}

void live_l2_ask(struct live_l2 *l2, uint32_t cpu, enum l2_stage stage, struct answer *answer)
{
	if ((unsigned)stage >= L2_STAGES) {
		answer_set_status(answer, STATUS_FAILED, "no such stage");
		return;
	}
	pthread_mutex_lock(&l2->lock);
	if (cpu == L2_ANY_CPU)
		run_stage(l2, stage, answer);
	else
		run_pinned(l2, cpu, stage, answer);
	pthread_mutex_unlock(&l2->lock);
}
