/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID on the CPU that is asked about, through libcpuid's executor.  Each one
 * is a VM exit, and so is what surrounds it when done carelessly: the thread
 * moves once per CPU, not once per leaf, and goes home with its next question
 * of another kind.
 */
#include <errno.h>
#include <libcpuid/libcpuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/live.h"

/* The kernel refuses a set shorter than its own; x86 Linux is built for 8192 CPUs at most. */
#define CPUS_FIRST ((size_t)1024)
#define CPUS_LIMIT ((size_t)65536)

/* Remembers where the thread may run.  0 or a negative errno. */
static int remember_home(struct live_thread *thread)
{
	for (size_t cpus = CPUS_FIRST; cpus <= CPUS_LIMIT; cpus *= 2) {
		cpu_set_t *set = CPU_ALLOC(cpus);
		if (set == NULL)
			return -ENOMEM;
		if (sched_getaffinity(0, CPU_ALLOC_SIZE(cpus), set) == 0) {
			thread->home = set;
			thread->home_size = CPU_ALLOC_SIZE(cpus);
			return 0;
		}
		int failed = errno;
		CPU_FREE(set);
		if (failed != EINVAL)
			return -failed;
	}
	return -EINVAL;
}

/* 0 or a negative errno: EINVAL when the thread cannot run there. */
static int move_to(struct live_thread *thread, uint32_t cpu)
{
	if (thread->moved && thread->moved_to == cpu)
		return 0;
	if (cpu >= CPUS_LIMIT)
		return -EINVAL;
	int failed = thread->home == NULL ? remember_home(thread) : 0;
	if (failed != 0)
		return failed;
	size_t size = CPU_ALLOC_SIZE(cpu + 1);
	if (size < thread->home_size)
		size = thread->home_size;
	cpu_set_t *set = calloc(1, size);
	if (set == NULL)
		return -ENOMEM;
	CPU_SET_S(cpu, size, set);
	failed = sched_setaffinity(0, size, set) == 0 ? 0 : -errno;
	free(set);
	if (failed == 0) {
		thread->moved = true;
		thread->moved_to = cpu;
	}
	return failed;
}

void live_go_home(struct live_thread *thread)
{
	if (!thread->moved)
		return;
	thread->moved = false;
	/* Fails only when all of its CPUs went away, and then the kernel has moved it already. */
	(void)sched_setaffinity(0, thread->home_size, thread->home);
}

/* Whether a CPU is in a list of the kernel's, such as "0-3,8" in /sys/devices/system/cpu/online. */
static bool listed(const char *path, uint32_t cpu)
{
	cleanup_file FILE *file = fopen(path, "re");
	unsigned first;
	while (file != NULL && fscanf(file, "%u", &first) == 1) {
		unsigned last = first;
		int next = fgetc(file);
		if (next == '-' && fscanf(file, "%u", &last) == 1)
			next = fgetc(file);
		if (cpu >= first && cpu <= last)
			return true;
		if (next != ',')
			return false;
	}
	return false;
}

/* The kernel says EINVAL to all three. */
static void say_why_not(uint32_t cpu, struct answer *answer)
{
	if (listed("/sys/devices/system/cpu/online", cpu))
		answer_set_status(answer, STATUS_DENIED,
		                  "CPU %u is outside the cpuset of this process", cpu);
	else if (listed("/sys/devices/system/cpu/present", cpu))
		answer_set_status(answer, STATUS_ABSENT, "CPU %u is offline", cpu);
	else
		answer_set_status(answer, STATUS_ABSENT, "there is no CPU %u", cpu);
	answer->sys_errno = EINVAL;
}

void live_cpuid(struct live *live, const struct question *question, struct answer *answer)
{
	uint32_t cpu = question->argument[0];
	struct live_thread *thread = live_thread(live, answer);
	if (thread == NULL)
		return;
	int failed = move_to(thread, cpu);
	if (failed == -EINVAL) {
		say_why_not(cpu, answer);
		return;
	}
	if (failed != 0) {
		answer_set_errno(answer, -failed, "moving to the CPU");
		return;
	}
	uint32_t registers[4] = { question->argument[1], 0, question->argument[2], 0 };
	cpu_exec_cpuid_ext(registers);
	const uint64_t numbers[] = { registers[0], registers[1], registers[2], registers[3] };
	answer_set_numbers(answer, numbers, 4);
}
