/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMware backdoor: an `in` from a port that no driver owns.  VMware lets
 * user mode do it unless the VM's monitor_control.restrict_backdoor is set;
 * everywhere else the instruction faults.  So a child process does it, with a
 * handler that ends that child: no handler of ours ever runs in the worker,
 * and the kernel logs no crash.
 *
 * Port, magic and registers: open-vm-tools, lib/include/backdoor_def.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/live.h"

#define BACKDOOR_MAGIC 0x564d5868u /* "VMXh" */
#define BACKDOOR_PORT  0x5658u

/*
 * The upper half of ECX is no part of the command.  GETVERSION leaves ECX
 * alone where there is no VMX type, which this makes visible.
 */
#define UNSET_TYPE 0xffff0000u

struct registers {
	uint32_t eax, ebx, ecx, edx;
};

static void end_child(int signal_number)
{
	(void)signal_number;
	_exit(1);
}

/* Runs in the child, between fork and _exit: nothing here but system calls. */
static void __attribute__((noreturn)) ask_port(uint32_t command, int fd)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL };
	struct sigaction action = { .sa_handler = end_child };
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		sigaction(faults[i], &action, NULL);
	struct registers registers = { BACKDOOR_MAGIC, 0, UNSET_TYPE | command, BACKDOOR_PORT };
	/* VMware may write to ESI, EDI and EBP too (high bandwidth only), but never to memory. */
	__asm__ volatile("inl %%dx, %%eax"
	                 : "+a"(registers.eax), "+b"(registers.ebx), "+c"(registers.ecx),
	                   "+d"(registers.edx)
	                 :
	                 : "rsi", "rdi", "memory");
	ssize_t written = write(fd, &registers, sizeof registers);
	_exit(written == (ssize_t)sizeof registers ? 0 : 1);
}

/* Reads what the child has to say.  False when it ended without a word. */
static bool hear(int fd, struct registers *registers)
{
	ssize_t count;
	do
		count = read(fd, registers, sizeof *registers);
	while (count < 0 && errno == EINTR);
	return count == (ssize_t)sizeof *registers;
}

void live_backdoor(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0) {
		answer_set_errno(answer, errno, "pipe");
		return;
	}
	pid_t child = fork();
	if (child == 0)
		ask_port(question->argument[0], ends[1]);
	int failed = errno;
	close(ends[1]);
	struct registers registers;
	bool heard = child > 0 && hear(ends[0], &registers);
	close(ends[0]);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (child < 0) {
		answer_set_errno(answer, failed, "fork");
	} else if (!heard) {
		answer_set_status(answer, STATUS_FAILED, "the port faulted");
	} else {
		const uint64_t numbers[] = { registers.eax, registers.ebx, registers.ecx,
			                     registers.edx };
		answer_set_numbers(answer, numbers, 4);
	}
}
