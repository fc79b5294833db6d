/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers of the live machine that this machine may never give: registers
 * that fault, a locked-down kernel, CPUs that are offline or forbidden.  The
 * test's process gets a /dev and a /sys of its own, in a mount namespace,
 * and plays the kernel in them.  Only root may; for others these are skipped.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/live.h"

static struct machine *machine;
static struct answer answer;

static void make_directory(const char *path)
{
	cr_assert(mkdir(path, 0755) == 0 || errno == EEXIST, "%s", path);
}

static void make_file(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	cr_assert_geq(fd, 0, "%s", path);
	cr_assert_eq(write(fd, bytes, length), (ssize_t)length);
	close(fd);
}

static void make_text(const char *path, const char *text)
{
	make_file(path, text, strlen(text));
}

static void make_private(void)
{
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", "/dev", "tmpfs", 0, NULL) != 0 ||
	    mount("none", "/sys", "tmpfs", 0, NULL) != 0)
		cr_skip_test("no mount namespace: %s", strerror(errno));
	make_directory("/dev/cpu");
	make_directory("/dev/cpu/0");
	machine = machine_live_open(NULL, NULL);
	cr_assert_not_null(machine);
	answer = (struct answer)ANSWER_INIT;
}

static void close_machine(void)
{
	answer_clear(&answer);
	machine_close(machine);
}

TestSuite(live_private, .init = make_private, .fini = close_machine);

Test(live_private, a_register_is_at_its_index_in_the_device)
{
	static const uint64_t registers[] = { 0x1111, 0x2222222222222222, 0x3333 };
	make_file("/dev/cpu/0/msr", registers, sizeof registers);
	cr_assert_eq(machine_rdmsr(machine, 0, 8, &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.number_count, 1);
	cr_assert_eq(answer.numbers[0], 0x2222222222222222);
	cr_assert_eq(machine_rdmsr(machine, 0, 16, &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.numbers[0], 0x3333);
	cr_assert_eq(machine_rdmsr(machine, 0, 24, &answer), STATUS_FAILED, "cut short");
}

Test(live_private, a_register_that_faults_has_failed)
{
	/* Reads of address 0, which is never mapped, give EIO as a faulting register does. */
	cr_assert_eq(symlink("/proc/self/mem", "/dev/cpu/0/msr"), 0);
	cr_assert_eq(machine_rdmsr(machine, 0, 0x3a, &answer), STATUS_FAILED);
	cr_assert_eq(answer.sys_errno, EIO);
	cr_assert_str_eq(answer.why, "MSR 0x3a faults");
}

Test(live_private, the_device_of_each_cpu_is_its_own)
{
	static const uint64_t first = 1;
	static const uint64_t second = 2;
	make_directory("/dev/cpu/1");
	make_file("/dev/cpu/0/msr", &first, sizeof first);
	make_file("/dev/cpu/1/msr", &second, sizeof second);
	for (int i = 0; i < 2; i++) {
		machine_rdmsr(machine, 0, 0, &answer);
		cr_assert_eq(answer.numbers[0], 1);
		machine_rdmsr(machine, 1, 0, &answer);
		cr_assert_eq(answer.numbers[0], 2);
		cr_assert_eq(machine_rdmsr(machine, 2, 0, &answer), STATUS_ABSENT);
		cr_assert_str_eq(answer.why, "/dev/cpu/2/msr: No such file or directory");
	}
}

/* From now on the kernel refuses this process what reads a register. */
static void refuse_reading(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	cr_assert_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(pread64), 0), 0);
	cr_assert_eq(seccomp_load(filter), 0);
	seccomp_release(filter);
}

Test(live_private, lockdown_is_named)
{
	make_text("/dev/cpu/0/msr", "registers");
	make_directory("/sys/kernel");
	make_directory("/sys/kernel/security");
	refuse_reading();
	cr_assert_eq(machine_rdmsr(machine, 0, 0, &answer), STATUS_DENIED);
	cr_assert_eq(answer.sys_errno, EPERM);
	cr_assert_str_eq(answer.why, "/dev/cpu/0/msr: Operation not permitted");
	make_text("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	machine_rdmsr(machine, 0, 0, &answer);
	cr_assert_str_eq(answer.why, "/dev/cpu/0/msr: Operation not permitted");
	make_text("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	cr_assert_eq(machine_rdmsr(machine, 0, 0, &answer), STATUS_DENIED);
	cr_assert_eq(answer.sys_errno, EPERM);
	cr_assert_str_eq(answer.why, "/dev/cpu/0/msr: kernel lockdown: integrity");
}

Test(live_private, offline_and_forbidden_cpus_are_told_apart)
{
	make_directory("/sys/devices");
	make_directory("/sys/devices/system");
	make_directory("/sys/devices/system/cpu");
	make_text("/sys/devices/system/cpu/online", "0-2,4000,8000-8001\n");
	make_text("/sys/devices/system/cpu/present", "0-8100\n");
	static const struct {
		uint32_t cpu;
		enum status status;
		const char *why;
	} cpus[] = {
		{ 4000, STATUS_DENIED, "CPU 4000 is outside the cpuset of this process" },
		{ 8001, STATUS_DENIED, "CPU 8001 is outside the cpuset of this process" },
		{ 3999, STATUS_ABSENT, "CPU 3999 is offline" },
		{ 8002, STATUS_ABSENT, "CPU 8002 is offline" },
		{ 8101, STATUS_ABSENT, "there is no CPU 8101" },
	};
	for (size_t i = 0; i < sizeof cpus / sizeof cpus[0]; i++) {
		cr_assert_eq(machine_cpuid(machine, cpus[i].cpu, 0, 0, &answer), cpus[i].status);
		cr_assert_str_eq(answer.why, cpus[i].why);
	}
}

Test(live_private, there_may_be_no_pci_at_all)
{
	cr_assert_eq(machine_pci(machine, &answer), STATUS_ABSENT);
	cr_assert_str_eq(answer.why, "/sys/bus/pci/devices: No such file or directory");
}

/* A function on a made-up bus; `uevent` NULL: without the file. */
static void make_function(const char *slot, const char *uevent)
{
	char path[128];
	make_directory("/sys/bus");
	make_directory("/sys/bus/pci");
	make_directory("/sys/bus/pci/devices");
	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s", slot);
	make_directory(path);
	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/uevent", slot);
	if (uevent != NULL)
		make_text(path, uevent);
}

Test(live_private, pci_functions_are_sorted_lines)
{
	make_function("0000:0b:00.0", "DRIVER=vmxnet3\nPCI_CLASS=20000\nPCI_ID=15AD:07B0\n"
	                              "PCI_SUBSYS_ID=15AD:07B1\nPCI_SLOT_NAME=0000:0b:00.0\n");
	make_function("0000:00:00.0", "PCI_CLASS=0000\nPCI_ID=8086:7190\n"
	                              "PCI_SUBSYS_ID=0000:0000\n");
	cr_assert_eq(machine_pci(machine, &answer), STATUS_OBSERVED, "%s", answer.why);
	cr_assert_str_eq(answer.text, "0000:00:00.0 0000 8086:7190 0000:0000\n"
	                              "0000:0b:00.0 0200 15ad:07b0 15ad:07b1\n");
}

Test(live_private, a_function_that_says_nothing_fails_the_bus)
{
	make_function("0000:00:00.0", NULL);
	cr_assert_eq(machine_pci(machine, &answer), STATUS_FAILED);
	cr_assert_str_eq(answer.why, "0000:00:00.0: No such file or directory");
}

Test(live_private, a_function_in_other_words_fails_the_bus)
{
	static const char *const others[] = {
		"",
		"PCI_CLASS=20000\n",
		"PCI_CLASS=20000\nPCI_ID=15AD:07B0\n",
		"PCI_ID=15AD:07B0\nPCI_CLASS=20000\nPCI_SUBSYS_ID=15AD:07B1\n",
	};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		make_function("0000:00:00.0", others[i]);
		cr_assert_eq(machine_pci(machine, &answer), STATUS_FAILED);
		cr_assert_str_eq(answer.why, "0000:00:00.0: Bad message");
	}
}
