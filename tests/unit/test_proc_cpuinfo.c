/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A damaged /proc/cpuinfo is said to be damaged, and where. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "probes/proc_cpuinfo.h"
#include "tests/lib/fake_machine.h"

#define BLOCK(number, flags)                                                                       \
	"processor\t: " number                                                                     \
	"\nvendor_id\t: GenuineIntel\nphysical id\t: 0\ncore id\t\t: " number                      \
	"\nflags\t\t: " flags "\nvmx flags\t: ept vpid\nbugs\t\t:\npower management:\n\n"

/* Finds one processor in a file of these bytes; `why` and status are what is looked at. */
static struct processor find(const char *bytes, size_t length, uint32_t cpu)
{
	struct fake_machine *fake = fake_machine_new();
	fake_file_bytes(fake, PROC_CPUINFO, bytes, length);
	struct proc_cpuinfo file;
	proc_cpuinfo_open(&file, fake_machine(fake));
	struct processor found = *proc_cpuinfo_find(&file, cpu);
	found.name.at = found.flags.at = found.vmx_flags.at = NULL; /* the file goes */
	proc_cpuinfo_close(&file);
	fake_machine_free(fake);
	return found;
}

static void expect_failed(const char *text, uint32_t cpu, const char *why)
{
	struct processor found = find(text, strlen(text), cpu);
	cr_assert_eq(found.status, STATUS_FAILED, "%s", why);
	cr_assert_str_eq(found.why, why);
}

Test(proc_cpuinfo, blocks_are_found_in_order_with_offline_ones_missing)
{
	struct fake_machine *fake = fake_machine_new();
	fake_file(fake, PROC_CPUINFO, BLOCK("0", "fpu vmx") BLOCK("2", "fpu") BLOCK("3", "vmx"));
	struct proc_cpuinfo file;
	proc_cpuinfo_open(&file, fake_machine(fake));
	const struct processor *found = proc_cpuinfo_find(&file, 0);
	cr_assert_eq(found->status, STATUS_OBSERVED);
	cr_assert(span_has_word(found->flags, "vmx"));
	cr_assert(span_has_word(found->vmx_flags, "vpid"));
	cr_assert_eq(found->package, 0);
	cr_assert_eq(found->core, 0);
	found = proc_cpuinfo_find(&file, 1);
	cr_assert_eq(found->status, STATUS_FAILED);
	cr_assert_str_eq(found->why, "/proc/cpuinfo: does not have this processor");
	cr_assert_not(span_has_word(proc_cpuinfo_find(&file, 2)->flags, "vmx"));
	cr_assert(span_has_word(proc_cpuinfo_find(&file, 3)->flags, "vmx"));
	cr_assert_str_eq(proc_cpuinfo_find(&file, 4)->why,
	                 "/proc/cpuinfo: does not have this processor");
	proc_cpuinfo_close(&file);
	fake_machine_free(fake);
}

Test(proc_cpuinfo, words_are_whole_words)
{
	struct span span = { "fpu xvmx vmx2 svm_lock npt", 26 };
	cr_assert_not(span_has_word(span, "vmx"));
	cr_assert_not(span_has_word(span, "svm"));
	cr_assert(span_has_word(span, "fpu"));
	cr_assert(span_has_word(span, "npt"));
	cr_assert_not(span_has_word((struct span){ NULL, 0 }, "fpu"));
}

Test(proc_cpuinfo, each_damage_is_named_with_its_place)
{
	expect_failed("", 0, "/proc/cpuinfo: empty");
	expect_failed("\n", 0, "/proc/cpuinfo: line 1: no number of a processor");
	expect_failed("vendor_id : x\n\n", 0, "/proc/cpuinfo: line 1: no number of a processor");
	expect_failed("processor : -1\n\n", 0, "/proc/cpuinfo: line 1: no number of a processor");
	expect_failed("processor : 8192\n\n", 0, "/proc/cpuinfo: line 1: no number of a processor");
	expect_failed("processor : 4294967296\n\n", 0,
	              "/proc/cpuinfo: line 1: no number of a processor");
	expect_failed("processor : 0\nbugs :\n\n", 0, "/proc/cpuinfo: processor 0: no flags line");
	expect_failed("processor : 0\nflags :\n\n", 0,
	              "/proc/cpuinfo: processor 0: empty flags line");
	expect_failed("processor : 0\nflags : fpu\x01vmx\n\n", 0,
	              "/proc/cpuinfo: processor 0: binary flags line");
	expect_failed("processor : 0\nflags : fpu\nrubbish\n\n", 0,
	              "/proc/cpuinfo: line 3: not of the form NAME : VALUE");
	expect_failed(BLOCK("1", "fpu") BLOCK("1", "fpu"), 2,
	              "/proc/cpuinfo: line 10: processor 1 out of order");
	expect_failed("processor", 0, "/proc/cpuinfo: does not have this processor");
}

Test(proc_cpuinfo, cut_anywhere_it_never_denies_a_flag_that_was_cut_off)
{
	static const char text[] = BLOCK("0", "fpu vmx") BLOCK("1", "fpu vmx");
	size_t first = sizeof BLOCK("0", "fpu vmx") - 1;
	for (size_t length = 0; length < sizeof text - 1; length++) {
		struct processor found = find(text, length, 1);
		cr_assert_eq(found.status, STATUS_FAILED, "cut at %zu", length);
		found = find(text, length, 0);
		cr_assert_eq(found.status, length < first ? STATUS_FAILED : STATUS_OBSERVED,
		             "cut at %zu", length);
	}
	cr_assert_eq(find(text, sizeof text - 1, 1).status, STATUS_OBSERVED);
	cr_assert_str_eq(find(text, first + 60, 1).why,
	                 "/proc/cpuinfo: processor 1: cut in the middle");
}

Test(proc_cpuinfo, binary_rubbish_is_no_list_of_processors)
{
	char bytes[4096];
	for (unsigned seed = 0; seed < 64; seed++) {
		unsigned state = seed;
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)((state = state * 1103515245 + 12345) >> 16);
		cr_assert_eq(find(bytes, sizeof bytes, 0).status, STATUS_FAILED);
	}
	memset(bytes, 0, sizeof bytes);
	cr_assert_eq(find(bytes, sizeof bytes, 0).status, STATUS_FAILED);
}

Test(proc_cpuinfo, a_file_that_nobody_could_read_says_so)
{
	static const struct {
		enum status answer;
		int sys_errno;
		enum status expected;
	} cases[] = { { STATUS_DENIED, EACCES, STATUS_DENIED },
		      { STATUS_FAILED, EIO, STATUS_FAILED },
		      { STATUS_SKIPPED, 0, STATUS_SKIPPED },
		      { STATUS_ABSENT, ENOENT, STATUS_FAILED } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake_machine *fake = fake_machine_new();
		fake_status(fake, "file /proc/cpuinfo", cases[i].answer, cases[i].sys_errno);
		struct proc_cpuinfo file;
		proc_cpuinfo_open(&file, fake_machine(fake));
		cr_assert_eq(proc_cpuinfo_find(&file, 0)->status, cases[i].expected);
		proc_cpuinfo_close(&file);
		fake_machine_free(fake);
	}
}

Test(proc_cpuinfo, a_file_cut_at_the_limit_says_so)
{
	struct fake_machine *fake = fake_machine_new();
	fake_json(fake, "file /proc/cpuinfo",
	          "{'lines': ['processor : 0', 'flags : vmx', '', 'processor : 1', 'flags : vm'],"
	          " 'truncated': true}");
	struct proc_cpuinfo file;
	proc_cpuinfo_open(&file, fake_machine(fake));
	cr_assert_eq(proc_cpuinfo_find(&file, 0)->status, STATUS_OBSERVED);
	cr_assert_str_eq(proc_cpuinfo_find(&file, 1)->why,
	                 "/proc/cpuinfo: processor 1: cut: the file is longer than 4 MiB");
	cr_assert_str_eq(proc_cpuinfo_find(&file, 2)->why,
	                 "/proc/cpuinfo: cut before this processor: longer than 4 MiB");
	proc_cpuinfo_close(&file);
	fake_machine_free(fake);
}
