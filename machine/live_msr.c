/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Model-specific registers by our own reads of the kernel's msr device: no
 * device, no right and a register that faults are three answers (libcpuid
 * folds them into one, and runs modprobe).  See msr(4).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "machine/live.h"

/* Opens the device of one CPU, once for all registers read in a row there. */
static void open_device(struct live_thread *thread, uint32_t cpu)
{
	if (thread->msr_tried && thread->msr_cpu == cpu)
		return;
	if (thread->msr_fd >= 0)
		close(thread->msr_fd);
	char path[32];
	snprintf(path, sizeof path, "/dev/cpu/%u/msr", cpu);
	thread->msr_fd = open(path, O_RDONLY | O_CLOEXEC);
	thread->msr_errno = thread->msr_fd < 0 ? errno : 0;
	thread->msr_cpu = cpu;
	thread->msr_tried = true;
}

/*
 * The kernel's lockdown mode into `mode`: the word in brackets.  False: none,
 * or not to be seen.  Linux 6.1 locked down was seen to refuse only writes to
 * the device (arch/x86/kernel/msr.c); distributions may refuse reads too.
 */
static bool locked_down(char *mode, size_t size)
{
	cleanup_file FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	char line[80];
	if (file == NULL || fgets(line, sizeof line, file) == NULL)
		return false;
	char *start = strchr(line, '[');
	if (start == NULL)
		return false;
	start[strcspn(start, "]")] = '\0';
	snprintf(mode, size, "%s", start + 1);
	return strcmp(mode, "none") != 0;
}

static void say_why_not(uint32_t cpu, int failed, struct answer *answer)
{
	char path[32];
	char mode[32];
	snprintf(path, sizeof path, "/dev/cpu/%u/msr", cpu);
	answer_set_errno(answer, failed, path);
	if (failed == EPERM && geteuid() == 0 && locked_down(mode, sizeof mode)) {
		answer_set_status(answer, STATUS_DENIED, "%s: kernel lockdown: %s", path, mode);
		answer->sys_errno = failed;
	}
}

void live_msr(struct live *live, const struct question *question, struct answer *answer)
{
	uint32_t cpu = question->argument[0];
	uint32_t index = question->argument[1];
	struct live_thread *thread = live_thread(live, answer);
	if (thread == NULL)
		return;
	open_device(thread, cpu);
	if (thread->msr_fd < 0) {
		say_why_not(cpu, thread->msr_errno, answer);
		return;
	}
	uint64_t value;
	ssize_t count = pread(thread->msr_fd, &value, sizeof value, (off_t)index);
	int failed = errno;
	if (count == (ssize_t)sizeof value) {
		answer_set_numbers(answer, &value, 1);
	} else if (count < 0 && failed == EIO) {
		answer_set_status(answer, STATUS_FAILED, "MSR 0x%x faults", index);
		answer->sys_errno = failed;
	} else {
		say_why_not(cpu, count < 0 ? failed : EIO, answer);
	}
}
