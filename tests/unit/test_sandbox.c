/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox takes away what it says, and leaves what probes need. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker/sandbox.h"

/* Each test runs in a process of its own, which goes into the sandbox for good. */
static void enter(void)
{
	struct error err = ERROR_INIT;
	cr_assert_eq(sandbox_enter(false, &err), 0, "%s", err.message);
}

static uint64_t effective_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	cr_assert_eq(syscall(SYS_capget, &header, sets), 0);
	return (uint64_t)sets[1].effective << 32 | sets[0].effective;
}

#define expect_refused(call)                                                                       \
	do {                                                                                       \
		errno = 0;                                                                         \
		cr_assert_eq((call), -1, #call);                                                   \
		cr_assert_eq(errno, EPERM, "%s: %s", #call, strerror(errno));                      \
	} while (0)

Test(sandbox, no_program_can_be_started)
{
	char *const argv[] = { "true", NULL };
	enter();
	expect_refused(execve("/bin/true", argv, NULL));
	expect_refused((int)syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0));
}

Test(sandbox, a_child_can_be_forked_and_starts_no_program_either)
{
	enter();
	pid_t child = fork();
	cr_assert_geq(child, 0);
	if (child == 0) {
		char *const argv[] = { "true", NULL };
		execve("/bin/true", argv, NULL);
		_exit(errno == EPERM ? 42 : 1);
	}
	int status;
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status));
	cr_assert_eq(WEXITSTATUS(status), 42);
}

Test(sandbox, no_ip_but_other_sockets)
{
	enter();
	expect_refused(socket(AF_INET, SOCK_STREAM, 0));
	expect_refused(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	expect_refused(socket(AF_INET6, SOCK_STREAM, 0));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_assert_geq(fd, 0);
	close(fd);
}

Test(sandbox, the_system_keeps_its_shape)
{
	char attributes[128] = { 0 };
	enter();
	expect_refused(mount("none", "/tmp", "tmpfs", 0, NULL));
	expect_refused(unshare(CLONE_NEWUSER));
	expect_refused((int)syscall(SYS_bpf, 0, attributes, sizeof attributes));
	expect_refused((int)syscall(SYS_init_module, attributes, sizeof attributes, ""));
	expect_refused((int)syscall(SYS_finit_module, 0, "", 0));
	expect_refused((int)syscall(SYS_io_uring_setup, 1, attributes));
	expect_refused((int)syscall(SYS_kexec_load, 0, 0, NULL, 0));
	expect_refused((int)syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0));
}

/* int 0x80 takes the i386 numbers, where 11 is execve. */
Test(sandbox, the_other_doors_to_the_kernel_are_shut)
{
	long result;
	enter();
	__asm__ volatile("int $0x80"
	                 : "=a"(result)
	                 : "a"(11), "b"(0), "c"(0), "d"(0)
	                 : "memory", "r8", "r9", "r10", "r11");
	cr_assert(result == -EPERM || result == -ENOSYS, "%ld", result);
	expect_refused((int)syscall(0x40000000 | SYS_getpid));
}

/* Frames take one capability more, and packet sockets, which others are denied. */
Test(sandbox, packet_sockets_only_where_frames_are_sent)
{
	enter();
	expect_refused(socket(AF_PACKET, SOCK_RAW, 0));
}

Test(sandbox, where_frames_are_sent_there_is_still_no_ip)
{
	struct error err = ERROR_INIT;
	uint64_t before = effective_capabilities();
	uint64_t kept = (uint64_t)1 << CAP_SYS_RAWIO | (uint64_t)1 << CAP_DAC_READ_SEARCH |
	                (uint64_t)1 << CAP_NET_RAW | (uint64_t)1 << CAP_SYSLOG;
	cr_assert_eq(sandbox_enter(true, &err), 0, "%s", err.message);
	cr_assert_eq(effective_capabilities(), before & kept);
	expect_refused(socket(AF_INET, SOCK_STREAM, 0));
	expect_refused(socket(AF_INET6, SOCK_DGRAM, 0));
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	bool may = (before & (uint64_t)1 << CAP_NET_RAW) != 0;
	cr_assert_eq(fd >= 0, may, "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

Test(sandbox, root_keeps_three_capabilities)
{
	uint64_t before = effective_capabilities();
	uint64_t kept = (uint64_t)1 << CAP_SYS_RAWIO | (uint64_t)1 << CAP_SYSLOG |
	                (uint64_t)1 << CAP_DAC_READ_SEARCH;
	enter();
	cr_assert_eq(effective_capabilities(), before & kept);
	cr_assert_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	if ((before & (uint64_t)1 << CAP_SETPCAP) != 0)
		cr_assert_eq(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) & 1, 1);
}

/* The same answer as without: there or not, allowed or not. */
Test(sandbox, devices_answer_as_before)
{
	static const char *const paths[] = { "/dev/kvm",
		                             "/dev/cpu/0/cpuid",
		                             "/dev/cpu/0/msr",
		                             "/proc/cpuinfo",
		                             "/sys/class/dmi/id/product_uuid",
		                             "/proc/bus/pci/devices" };
	int before[sizeof paths / sizeof paths[0]];
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		before[i] = fd < 0 ? errno : 0;
		if (fd >= 0)
			close(fd);
	}
	enter();
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		cr_assert_eq(fd < 0 ? errno : 0, before[i], "%s: %s", paths[i], strerror(errno));
		if (fd >= 0)
			close(fd);
	}
}
