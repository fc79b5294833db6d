/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of CPUs are read strictly, and come from somewhere on every machine. */
#include <criterion/criterion.h>
#include <string.h>

#include "probes/cpus.h"
#include "tests/lib/fake_machine.h"

#define ONLINE "/sys/devices/system/cpu/online"

static bool parse(const char *list, struct cpus *cpus)
{
	return cpus_parse(list, strlen(list), cpus);
}

Test(cpus, a_list_of_numbers_and_ranges)
{
	static const uint16_t expected[] = { 0, 1, 2, 3, 5, 8, 9 };
	struct cpus cpus;
	cr_assert(parse("0-3,5,8-9\n", &cpus));
	cr_assert_eq(cpus.count, 7);
	cr_assert_arr_eq(cpus.number, expected, sizeof expected);
	cr_assert(parse("0-8191", &cpus));
	cr_assert_eq(cpus.count, CPUS_MAX);
	cr_assert_eq(cpus.number[CPUS_MAX - 1], 8191);
}

Test(cpus, what_the_kernel_never_writes_is_no_list)
{
	static const char *const wrong[] = {
		"",    "\n",  ",",   "0,",  "0,,1", "-1",     "3-",         "3-1",   "1-1",
		"2,1", "0,0", "0 1", "0-x", "8192", "0-8192", "4294967296", "0\n\n", "0-2,1-3",
	};
	struct cpus cpus;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_assert_not(parse(wrong[i], &cpus), "\"%s\"", wrong[i]);
	cr_assert_not(cpus_parse("0\0,1", 4, &cpus));
}

static void expect_cpus(struct fake_machine *fake, size_t count, uint16_t last, const char *source,
                        enum status status)
{
	struct cpus cpus;
	cpus_online(fake_machine(fake), &cpus);
	cr_assert_eq(cpus.count, count);
	cr_assert_eq(cpus.number[count - 1], last);
	cr_assert_str_eq(cpus.source, source);
	cr_assert_eq(cpus.status, status);
	cr_assert_null(fake_missed(fake));
}

Test(cpus, come_from_sysfs_else_from_cpuinfo_else_are_assumed)
{
	struct fake_machine *fake = fake_machine_new();
	fake_file(fake, ONLINE, "0,2-3\n");
	expect_cpus(fake, 3, 3, ONLINE, STATUS_OBSERVED);
	fake_status(fake, "file " ONLINE, STATUS_DENIED, 13);
	fake_file(fake, "/proc/cpuinfo",
	          "processor : 0\nflags : a\n\nprocessor : 7\nflags : a\n\n");
	expect_cpus(fake, 2, 7, "/proc/cpuinfo", STATUS_OBSERVED);
	fake_file(fake, ONLINE, "zero\n");
	expect_cpus(fake, 2, 7, "/proc/cpuinfo", STATUS_OBSERVED);
	fake_file(fake, "/proc/cpuinfo", "");
	static const char assumed[] = "assumed: neither " ONLINE " nor /proc/cpuinfo tells";
	expect_cpus(fake, 1, 0, assumed, STATUS_FAILED);
	fake_status(fake, "file " ONLINE, STATUS_DENIED, 13);
	expect_cpus(fake, 1, 0, assumed, STATUS_DENIED);
	fake_machine_free(fake);
}
