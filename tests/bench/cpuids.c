/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: cpuids COMMAND [ARGUMENT...]
 *
 * Runs a command with its output thrown away and prints how many CPUID
 * instructions it and all its children executed, the C library's own included:
 * in a guest each is an exit.  CPUs that have CPUID faulting make each one a
 * signal (arch_prctl(2), ARCH_CPUID_SET), which we answer in the program's
 * place.  Prints nothing where the CPU has not.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARCH_CPUID_SET 0x1012 /* of asm/prctl.h, which the C library hides behind its own */

#define CPUID_INSTRUCTION   0xa20f
#define SYSCALL_INSTRUCTION 0x050f

#define EVENT(status) ((status) >> 16)

static const long follow =
        PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;

/* Makes a program that has not run yet fault at CPUID.  False where that cannot be. */
static bool forbid_cpuid(pid_t pid)
{
	struct user_regs_struct at_start;
	ptrace(PTRACE_GETREGS, pid, NULL, &at_start);
	struct user_regs_struct call = at_start;
	call.rax = SYS_arch_prctl;
	call.rdi = ARCH_CPUID_SET;
	call.rsi = 0;
	void *code = (void *)(unsigned long)at_start.rip;
	long instruction = ptrace(PTRACE_PEEKTEXT, pid, code, NULL);
	ptrace(PTRACE_POKETEXT, pid, code, (void *)SYSCALL_INSTRUCTION);
	ptrace(PTRACE_SETREGS, pid, NULL, &call);
	ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL);
	waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_GETREGS, pid, NULL, &call);
	ptrace(PTRACE_POKETEXT, pid, code, (void *)instruction);
	ptrace(PTRACE_SETREGS, pid, NULL, &at_start);
	return call.rax == 0;
}

/* Answers in its place, when it is a CPUID at which the program stopped. */
static bool answer_cpuid(pid_t pid)
{
	struct user_regs_struct regs;
	ptrace(PTRACE_GETREGS, pid, NULL, &regs);
	errno = 0;
	long code = ptrace(PTRACE_PEEKTEXT, pid, (void *)(unsigned long)regs.rip, NULL);
	if (errno != 0 || (code & 0xffff) != CPUID_INSTRUCTION)
		return false;
	unsigned eax, ebx, ecx, edx;
	__cpuid_count((unsigned)regs.rax, (unsigned)regs.rcx, eax, ebx, ecx, edx);
	regs.rax = eax;
	regs.rbx = ebx;
	regs.rcx = ecx;
	regs.rdx = edx;
	regs.rip += 2;
	ptrace(PTRACE_SETREGS, pid, NULL, &regs);
	return true;
}

/* Until the last process is gone.  How many there were, or -1. */
static long count(void)
{
	long cpuids = 0;
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status))
			continue;
		int number = WSTOPSIG(status);
		if (EVENT(status) != 0 || number == SIGSTOP) {
			number = 0;             /* a new process or thread */
		} else if (number == SIGTRAP) { /* a new program, about to begin */
			if (!forbid_cpuid(pid))
				return -1;
			number = 0;
		} else if (number == SIGSEGV && answer_cpuid(pid)) {
			number = 0;
			cpuids++;
		}
		ptrace(PTRACE_CONT, pid, NULL, (void *)(long)number);
	}
	return cpuids;
}

static void run(char *argv[])
{
	int nothing = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(nothing, fd);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: cpuids COMMAND [ARGUMENT...]\n");
		return 64;
	}
	pid_t child = fork();
	if (child == 0)
		run(argv + 1);
	if (child < 0 || waitpid(child, NULL, 0) != child ||
	    ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)follow) != 0) {
		perror(argv[1]);
		return 70;
	}
	ptrace(PTRACE_CONT, child, NULL, NULL);
	long cpuids = count();
	if (cpuids >= 0)
		printf("%ld\n", cpuids);
	return 0;
}
