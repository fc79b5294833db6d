/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the live adapter share; private to machine/live*.c.  Each
 * live_KIND answers one kind of question about this machine, and may run in
 * several threads at once; live.c has the table of them.
 */
#ifndef NESTREADY_MACHINE_LIVE_H
#define NESTREADY_MACHINE_LIVE_H

#include <pthread.h>
#include <sched.h>

#include "machine/adapters.h"
#include "machine/live_kvm.h"
#include "machine/mac_experiment.h"
#include "machine/machine.h"

/* What a thread that asks about CPUs keeps between its questions.  No other thread looks at it. */
struct live_thread {
	struct live_thread *next;
	cpu_set_t *home; /* its own affinity; NULL before it was first moved */
	size_t home_size;
	bool moved; /* it is on moved_to, not at home */
	uint32_t moved_to;
	bool msr_tried; /* the next three say how opening the device of msr_cpu went */
	uint32_t msr_cpu;
	int msr_fd; /* -1: not open */
	int msr_errno;
};

#define LIVE_WIRES 16

struct live {
	struct machine machine;
	struct live_options options;
	struct live_l2 l2;
	int wires[LIVE_WIRES]; /* packet sockets, kept: closing one takes the kernel 10 ms */
	size_t wire_count;
	struct mac_pace pace; /* of all experiments: two families, or two VLANs, are one port's */
	pthread_key_t thread_key; /* of the asking thread's struct live_thread */
	pthread_mutex_t lock;     /* of `threads` */
	struct live_thread *threads;
};

/* The asking thread's state; NULL, and the answer `failed`, on lack of memory. */
struct live_thread *live_thread(struct live *live, struct answer *answer);

typedef void live_function(struct live *live, const struct question *question,
                           struct answer *answer);

live_function live_file, live_dir, live_link, live_disk, live_stat, live_uname;

/* By SUDO_UID, SUDO_GID and SUDO_USER where root has them in its environment. */
live_function live_caller;

/* Needs CAP_SYSLOG where kernel.dmesg_restrict is 1. */
live_function live_log;

/* Leaves the thread on that CPU, so that its next leaf costs no system call. */
live_function live_cpuid;

/* Gives a thread that live_cpuid moved its own CPUs back. */
void live_go_home(struct live_thread *thread);

/* Keeps the device of that CPU open for the thread. */
live_function live_msr;

live_function live_pci;

live_function live_nics;

/* Sends frames, where options.mac_allowed. */
live_function live_mac;

/* KVM and the L2 are live_kvm.h's. */

/* What live_pci does, with another place for /sys/bus/pci/devices. */
void live_pci_scan(const char *sysfs, struct answer *answer);

/* Reads the port in a child process, which a fault ends instead of us. */
live_function live_backdoor;

#endif
