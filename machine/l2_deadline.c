/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The deadline of a KVM_RUN; see the header for how it works. */
#define _GNU_SOURCE 1 /* gettid, SIGEV_THREAD_ID */
#include "machine/l2_deadline.h"

#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* glibc has the name from 2.38 on; timer_create(2) gives the member that it stands for. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* The first signal that neither the kernel nor the C library has a use for. */
#define DEADLINE_SIGNAL SIGRTMIN

/* The kernel's signal set: 64 bits, whatever the size of sigset_t (signal(7)). */
#define KERNEL_SIGSET 8

static sigset_t deadline_signal(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, DEADLINE_SIGNAL);
	return set;
}

/* Inside KVM_RUN this thread is as deaf as outside, but for our signal. */
static int set_run_mask(int vcpu_fd, sigset_t mask)
{
	union {
		struct kvm_signal_mask head;
		unsigned char room[sizeof(struct kvm_signal_mask) + KERNEL_SIGSET];
	} run;
	sigdelset(&mask, DEADLINE_SIGNAL);
	run.head.len = KERNEL_SIGSET;
	memcpy(run.head.sigset, &mask, KERNEL_SIGSET);
	return ioctl(vcpu_fd, KVM_SET_SIGNAL_MASK, &run);
}

static int start_timer(timer_t *timer, unsigned ms)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = DEADLINE_SIGNAL };
	struct itimerspec when = { .it_value = { ms / 1000, (long)(ms % 1000) * 1000000 } };
	event.sigev_notify_thread_id = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, timer) < 0)
		return -1;
	return timer_settime(*timer, 0, &when, NULL);
}

int l2_deadline_begin(struct l2_deadline *deadline, int vcpu_fd, unsigned ms)
{
	sigset_t set = deadline_signal();
	int error = pthread_sigmask(SIG_BLOCK, &set, &deadline->saved_mask);
	if (error != 0)
		return -error;
	if (set_run_mask(vcpu_fd, deadline->saved_mask) == 0 &&
	    start_timer(&deadline->timer, ms) == 0)
		return 0;
	error = errno;
	pthread_sigmask(SIG_SETMASK, &deadline->saved_mask, NULL);
	return -error;
}

bool l2_deadline_passed(void)
{
	sigset_t set;
	return sigpending(&set) == 0 && sigismember(&set, DEADLINE_SIGNAL) == 1;
}

void l2_deadline_end(struct l2_deadline *deadline)
{
	sigset_t set = deadline_signal();
	struct timespec now = { 0, 0 };
	timer_delete(deadline->timer);
	while (sigtimedwait(&set, NULL, &now) > 0)
		;
	pthread_sigmask(SIG_SETMASK, &deadline->saved_mask, NULL);
}
