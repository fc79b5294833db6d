/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live machine, asked on whatever machine runs the tests. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pci/pci.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/live.h"

static struct machine *machine;
static struct answer answer;
static char directory[] = "/tmp/nestready-live-XXXXXX";

static void open_machine(void)
{
	machine = machine_live_open(NULL, NULL);
	answer = (struct answer)ANSWER_INIT;
	cr_assert_not_null(machine);
	cr_assert_not_null(mkdtemp(directory));
	cr_assert_eq(chdir(directory), 0);
}

static void close_machine(void)
{
	static const char *const made[] = { "fifo", "big", "a\nb", "c", "link", "empty" };
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
		unlink(made[i]);
	cr_assert_eq(rmdir(directory), 0, "a test left something in %s", directory);
	answer_clear(&answer);
	machine_close(machine);
}

TestSuite(live, .init = open_machine, .fini = close_machine);

static void make_file(const char *name, size_t size)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0, "%s", name);
	cr_assert_eq(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

/* The path of a file in the test's own directory. */
static const char *own(const char *name)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

Test(live, a_file_of_proc_is_read_to_its_end)
{
	cr_assert_eq(machine_read_file(machine, "/proc/self/status", &answer), STATUS_OBSERVED);
	cr_assert_eq(strncmp(answer.text, "Name:", 5), 0);
	cr_assert_not_null(strstr(answer.text, "nonvoluntary_ctxt_switches"));
	cr_assert_eq(answer.text[answer.length], '\0');
	cr_assert_not(answer.truncated);
}

Test(live, an_empty_file_is_an_empty_text)
{
	make_file("empty", 0);
	cr_assert_eq(machine_read_file(machine, own("empty"), &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.length, 0);
	cr_assert_str_eq(answer.text, "");
}

Test(live, what_is_missing_is_absent)
{
	cr_assert_eq(machine_read_file(machine, "/nowhere/at/all", &answer), STATUS_ABSENT);
	cr_assert_eq(answer.sys_errno, ENOENT);
	cr_assert_str_eq(answer.why, "/nowhere/at/all: No such file or directory");
	cr_assert_eq(machine_read_file(machine, "/proc/version/x", &answer), STATUS_ABSENT);
	cr_assert_eq(answer.sys_errno, ENOTDIR);
	cr_assert_eq(machine_list_dir(machine, "/nowhere", &answer), STATUS_ABSENT);
	cr_assert_eq(machine_read_link(machine, "/nowhere", &answer), STATUS_ABSENT);
	cr_assert_eq(machine_disk(machine, "/nowhere", &answer), STATUS_ABSENT);
}

Test(live, what_is_no_regular_file_is_not_read, .timeout = 10)
{
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	static const char *const others[] = { "/proc", "/dev/zero", "/dev/tty0" };
	cr_assert_eq(machine_read_file(machine, own("fifo"), &answer), STATUS_FAILED);
	cr_assert_not_null(strstr(answer.why, "/fifo: not a regular file"), "%s", answer.why);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		enum status status = machine_read_file(machine, others[i], &answer);
		cr_assert(status == STATUS_FAILED || answer.sys_errno != 0, "%s", others[i]);
		cr_assert_null(answer.text);
	}
}

Test(live, a_long_file_is_cut_and_says_so)
{
	make_file("big", MACHINE_FILE_LIMIT);
	cr_assert_eq(machine_read_file(machine, own("big"), &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.length, MACHINE_FILE_LIMIT);
	cr_assert_not(answer.truncated);
	cr_assert_eq(truncate("big", (off_t)MACHINE_FILE_LIMIT + 1), 0);
	cr_assert_eq(machine_read_file(machine, own("big"), &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.length, MACHINE_FILE_LIMIT);
	cr_assert(answer.truncated);
}

Test(live, a_read_that_fails_half_way_is_a_failure)
{
	/* Address 0 of this process is never mapped. */
	cr_assert_eq(machine_read_file(machine, "/proc/self/mem", &answer), STATUS_FAILED);
	cr_assert_eq(answer.sys_errno, EIO);
	cr_assert_null(answer.text);
}

Test(live, a_directory_is_sorted_lines)
{
	cr_assert_eq(machine_list_dir(machine, directory, &answer), STATUS_OBSERVED);
	cr_assert_str_eq(answer.text, "");
	make_file("c", 0);
	make_file("big", 0);
	make_file("a\nb", 0);
	cr_assert_eq(machine_list_dir(machine, directory, &answer), STATUS_OBSERVED);
	cr_assert_str_eq(answer.text, "a?b\nbig\nc\n");
	cr_assert_eq(machine_list_dir(machine, "/proc/version", &answer), STATUS_ABSENT);
}

Test(live, link_disk_and_uname)
{
	cr_assert_eq(symlink("somewhere/else", "link"), 0);
	cr_assert_eq(machine_read_link(machine, own("link"), &answer), STATUS_OBSERVED);
	cr_assert_str_eq(answer.text, "somewhere/else");
	cr_assert_eq(machine_disk(machine, "/", &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.number_count, 2);
	cr_assert_leq(answer.numbers[0], answer.numbers[1]);
	cr_assert_gt(answer.numbers[1], 0);
	struct utsname name;
	char expected[512];
	uname(&name);
	snprintf(expected, sizeof expected, "%s\n%s\n%s\n%s\n", name.sysname, name.release,
	         name.version, name.machine);
	cr_assert_eq(machine_uname(machine, &answer), STATUS_OBSERVED);
	cr_assert_str_eq(answer.text, expected);
}

static uint32_t first_allowed_cpu(void)
{
	cpu_set_t set;
	cr_assert_eq(sched_getaffinity(0, sizeof set, &set), 0);
	uint32_t cpu = 0;
	while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &set))
		cpu++;
	cr_assert_lt(cpu, CPU_SETSIZE);
	return cpu;
}

Test(live, cpuid_says_what_the_kernel_says)
{
	cr_assert_eq(machine_cpuid(machine, first_allowed_cpu(), 0, 0, &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.number_count, 4);
	char expected[32] = ": ";
	memcpy(expected + 2, &(uint32_t){ (uint32_t)answer.numbers[1] }, 4);
	memcpy(expected + 6, &(uint32_t){ (uint32_t)answer.numbers[3] }, 4);
	memcpy(expected + 10, &(uint32_t){ (uint32_t)answer.numbers[2] }, 4);
	cr_assert_eq(machine_read_file(machine, "/proc/cpuinfo", &answer), STATUS_OBSERVED);
	const char *line = strstr(answer.text, "vendor_id");
	cr_assert_not_null(line);
	cr_assert_not_null(strstr(line, expected), "%s", expected);
}

Test(live, a_thread_is_on_the_cpu_that_it_asks_and_goes_home_after)
{
	cpu_set_t before;
	cpu_set_t after;
	sched_getaffinity(0, sizeof before, &before);
	for (uint32_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &before))
			continue;
		cr_assert_eq(machine_cpuid(machine, cpu, 1, 0, &answer), STATUS_OBSERVED);
		cr_assert_eq(sched_getcpu(), (int)cpu);
		/* CPUID.1:EBX[31:24], the initial APIC id, differs from CPU to CPU. */
		uint64_t apic = answer.numbers[1] >> 24;
		machine_cpuid(machine, cpu, 1, 0, &answer);
		cr_assert_eq(answer.numbers[1] >> 24, apic);
	}
	machine_uname(machine, &answer);
	sched_getaffinity(0, sizeof after, &after);
	cr_assert(CPU_EQUAL(&before, &after));
	machine_cpuid(machine, first_allowed_cpu(), 1, 0, &answer);
}

Test(live, a_cpu_that_does_not_exist_is_absent)
{
	static const uint32_t none[] = { 8191, 65535, 65536, UINT32_MAX };
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		char expected[64];
		snprintf(expected, sizeof expected, "there is no CPU %u", none[i]);
		cr_assert_eq(machine_cpuid(machine, none[i], 0, 0, &answer), STATUS_ABSENT);
		cr_assert_str_eq(answer.why, expected);
	}
}

Test(live, an_msr_is_a_number_or_one_of_three_reasons)
{
	/* 0x10 is the time stamp counter, which every x86-64 has; 0x1fff is in no manual. */
	uint32_t cpu = first_allowed_cpu();
	char device[32];
	snprintf(device, sizeof device, "/dev/cpu/%u/msr", cpu);
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	int expected = errno;
	enum status status = machine_rdmsr(machine, cpu, 0x10, &answer);
	if (fd >= 0) {
		close(fd);
		cr_assert_eq(status, STATUS_OBSERVED);
		cr_assert_gt(answer.numbers[0], 0);
		cr_assert_eq(machine_rdmsr(machine, cpu, 0x1fff, &answer), STATUS_FAILED);
		cr_assert_str_eq(answer.why, "MSR 0x1fff faults");
	} else {
		cr_assert_eq(status, status_of_errno(expected));
		cr_assert_eq(answer.sys_errno, expected);
		cr_assert_eq(strncmp(answer.why, device, strlen(device)), 0, "%s", answer.why);
	}
	cr_assert_eq(machine_rdmsr(machine, 99999, 0x10, &answer), STATUS_ABSENT);
}

Test(live, the_backdoor_port_faults_and_we_live)
{
	/* On VMware it answers with the magic; QEMU answers only to who has the port. */
	enum status status = machine_backdoor(machine, 10, &answer);
	if (status == STATUS_OBSERVED) {
		cr_assert_eq(answer.number_count, 4);
		cr_assert_eq(answer.numbers[1], 0x564d5868);
	} else {
		cr_assert_eq(status, STATUS_FAILED);
		cr_assert_str_eq(answer.why, "the port faulted");
	}
	cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left");
	cr_assert_eq(errno, ECHILD);
}

Test(live, pci_functions_are_lines_or_there_is_no_bus)
{
	if (access("/sys/bus/pci", F_OK) != 0) {
		cr_assert_eq(machine_pci(machine, &answer), STATUS_ABSENT);
		return;
	}
	cr_assert_eq(machine_pci(machine, &answer), STATUS_OBSERVED);
	for (char *line = strtok(answer.text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		unsigned field[9];
		cr_assert_eq(sscanf(line, "%4x:%2x:%2x.%1x %4x %4x:%4x %4x:%4x", &field[0],
		                    &field[1], &field[2], &field[3], &field[4], &field[5],
		                    &field[6], &field[7], &field[8]),
		             9, "%s", line);
	}
}

/* The answer, as libpci would give it. */
static void compare_with_libpci(struct pci_access *pci)
{
	size_t length = 0;
	pci->method = PCI_ACCESS_SYS_BUS_PCI;
	pci_init(pci);
	pci_scan_bus(pci);
	for (struct pci_dev *function = pci->devices; function != NULL; function = function->next) {
		char line[64];
		pci_fill_info(function, PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_SUBSYS);
		length += (size_t)snprintf(
		        line, sizeof line, "%04x:%02x:%02x.%d %04x %04x:%04x %04x:%04x\n",
		        (unsigned)function->domain, function->bus, function->dev, function->func,
		        function->device_class, function->vendor_id, function->device_id,
		        function->subsys_vendor_id, function->subsys_id);
		cr_assert_not_null(strstr(answer.text, line), "no %s", line);
	}
	cr_assert_eq(answer.length, length);
}

Test(live, libpci_sees_the_same_functions)
{
	if (machine_pci(machine, &answer) != STATUS_OBSERVED)
		cr_skip_test("no PCI bus here");
	struct pci_access *pci = pci_alloc();
	compare_with_libpci(pci);
	pci_cleanup(pci);
}

static void *ask_about_cpus(void *context)
{
	struct answer own_answer = ANSWER_INIT;
	uint32_t cpu = first_allowed_cpu();
	size_t wrong = 0;
	for (int i = 0; i < 200; i++) {
		wrong += machine_cpuid(context, cpu, 0, 0, &own_answer) != STATUS_OBSERVED;
		wrong += machine_rdmsr(context, cpu, 0x10, &own_answer) == STATUS_SKIPPED;
		wrong += machine_uname(context, &own_answer) != STATUS_OBSERVED;
	}
	answer_clear(&own_answer);
	return (void *)wrong;
}

Test(live, eight_threads_at_once)
{
	pthread_t threads[8];
	for (int i = 0; i < 8; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, ask_about_cpus, machine), 0);
	for (int i = 0; i < 8; i++) {
		void *wrong;
		pthread_join(threads[i], &wrong);
		cr_assert_null(wrong);
	}
}
