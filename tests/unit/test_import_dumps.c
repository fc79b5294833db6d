/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dumps of registers: as different programs write them, and as they must not be. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/imports.h"

#define LEAF_0     "CPUID 00000000: 00000016-756E6547-6C65746E-49656E69"
#define LEAF_1     "CPUID 00000001: 000306F2-00000800-7FFEFBFF-BFEBFBFF"
#define REGISTERS  "00000001-00000002-00000003-00000004"
#define OTHERS     "00000009-00000002-00000003-00000004"
#define SAID       "expected what an earlier line said"
#define ONLINE     "file /sys/devices/system/cpu/online"
#define CPUS(list) "{'lines': ['" list "', '']}"

static void expect_one(const char *text, const char *key, const char *first, size_t count)
{
	json_t *snapshot = accepts(text, "cpuid-dump");
	expect_numbers(snapshot, key, first, count);
	json_decref(snapshot);
}

static void expect_online(const char *text, const char *list)
{
	json_t *snapshot = accepts(text, "cpuid-dump");
	expect_answer(snapshot, ONLINE, list);
	json_decref(snapshot);
}

Test(import_dump, a_register_in_every_spacing)
{
	static const char *const lines[] = {
		"CPUID 00000001: 000306F2-00000800-7FFEFBFF-BFEBFBFF\n",
		"CPUID 00000001: 000306F2-00000800-7FFEFBFF-BFEBFBFF \r\n",
		"CPUID 00000001  \t000306f2-00000800-7ffefbff-bfebfbff",
		"CPUID 0x00000001: 000306F2-00000800-7FFEFBFF-BFEBFBFF\n",
		"  cpuid 00000001:000306F2-00000800-7FFEFBFF-BFEBFBFF [x]\r\n",
		"CPUID 00000001: 000306F2-00000800-7FFEFBFF-BFEBFBFF[SL 00] [L1: [x]]\n",
		"text\n\n\nCPUID\t00000001 : 000306F2-00000800-7FFEFBFF-BFEBFBFF  trailing\n",
		"CPUID 00000001 : 000306F2 00000800 7FFEFBFF BFEBFBFF\n",
		"CPUID 00000001: 000306F2 - 00000800 - 7FFEFBFF - BFEBFBFF [x]\n",
	};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		expect_one(lines[i], "cpuid 0 0x00000001 0x00000000", "0x000306f2", 4);
}

Test(import_dump, subleaves_are_named_or_counted)
{
	json_t *snapshot = accepts(LEAF_0 "\n"
	                                  "CPUID 00000004: " REGISTERS "\n"
	                                  "CPUID 00000004: " OTHERS "\n"
	                                  "CPUID 00000004: " REGISTERS "\n"
	                                  "CPUID 00000007: " REGISTERS " [SL 00]\n"
	                                  "CPUID 00000007: " OTHERS " [note] [SL 3E] [SLAT]\n"
	                                  "CPUID 0000000B: " REGISTERS " [SLAT]\n"
	                                  "CPUID 0000000D: " REGISTERS "\n"
	                                  "CPUID 0000000D: " OTHERS "\n",
	                           "cpuid-dump");
	expect_numbers(snapshot, "cpuid 0 0x00000004 0x00000001", "0x00000009", 4);
	expect_numbers(snapshot, "cpuid 0 0x00000004 0x00000002", "0x00000001", 4);
	expect_numbers(snapshot, "cpuid 0 0x00000007 0x0000003e", "0x00000009", 4);
	expect_numbers(snapshot, "cpuid 0 0x0000000b 0x00000000", "0x00000001", 4);
	expect_numbers(snapshot, "cpuid 0 0x0000000d 0x00000000", "0x00000001", 4);
	expect_no_answer(snapshot, "cpuid 0 0x0000000d 0x00000001"); /* it may be the second */
	cr_assert_str_eq(json_string_value(json_object_get(snapshot, "note")),
	                 "1 lines of CPUID left out: their subleaf is not named");
	json_decref(snapshot);
}

Test(import_dump, every_way_in_which_a_cpu_begins)
{
	expect_online("------[ Logical CPU #0 ]------\n" LEAF_1
	              "\n------[ Logical CPU #1 ]------\n" LEAF_1,
	              CPUS("0-1"));
	expect_online("------[ CPUID Registers / Logical CPU #0 ]------\n" LEAF_1
	              "\n------[ CPUID Registers / Logical CPU #10 ]------\n" LEAF_1,
	              CPUS("0,10"));
	expect_online("CPU#000 AffMask: 0x1\n" LEAF_1 "\nCPU#001 AffMask: 0x2\n" LEAF_1
	              "\nCPU#003 AffMask: 0x8\n" LEAF_1,
	              CPUS("0-1,3"));
	expect_online("CPUID Registers (CPU #1):\n" LEAF_1
	              "\nCPUID Registers (CPU #2 Virtual):\n" LEAF_1,
	              CPUS("0-1"));
	expect_online("CPUID Registers (CPU #0):\n" LEAF_1 "\nCPUID Registers (CPU #1):\n" LEAF_1,
	              CPUS("0-1"));
	expect_online(LEAF_0 "\n" LEAF_1 "\n\n" LEAF_0 "\n" LEAF_1 "\n" LEAF_0 "\n", CPUS("0-2"));
	expect_online("allcpu: Valid\n" LEAF_1, CPUS("0"));
}

Test(import_dump, hypervisor_leaves_are_leaves)
{
	expect_one(LEAF_1 "\nCPUID 40000000: 4000000B-7263694D-666F736F-76482074 [Microsoft Hv]",
	           "cpuid 0 0x40000000 0x00000000", "0x4000000b", 4);
}

Test(import_dump, registers_of_a_cpu_in_every_form)
{
	json_t *snapshot = accepts("------[ CPUID Registers / Logical CPU #0 ]------\n" LEAF_1 "\n"
	                           "------[ CPUID Registers / Logical CPU #1 ]------\n" LEAF_1 "\n"
	                           "------[ MSR Registers / Logical CPU #0 ]------\n"
	                           "MSR 00000480: 00DA-0400-0000-0012\n"
	                           "MSR 0000048B: 00000000-00000001 [x] [PlatID = 4]\n"
	                           "MSR 0000048C: 000000000000000f\n"
	                           "MSR 000000E7: 0000-0000-0000-0001 [S200]\n"
	                           "MSR 000000E7: 0000-0000-0000-0002 [S200]\n"
	                           "MSR 00000049: < FAILED > [S200]\n"
	                           "------[ MSR Registers / Logical CPU #1 ]------\n"
	                           "MSR 00000480: 00DA-0400-0000-0013\r\n"
	                           "C 0 / P0 / P1: < FAILED >\n",
	                           "cpuid-dump");
	expect_numbers(snapshot, "msr 0 0x00000480", "0xda040000000012", 1);
	expect_numbers(snapshot, "msr 1 0x00000480", "0xda040000000013", 1);
	expect_numbers(snapshot, "msr 0 0x0000048b", "0x00000001", 1);
	expect_numbers(snapshot, "msr 0 0x0000048c", "0x0000000f", 1);
	expect_numbers(snapshot, "msr 0 0x000000e7", "0x00000001", 1);
	expect_answer(snapshot, "msr 0 0x00000049",
	              "{'status': 'failed', 'errno': 5, 'why': 'the dump says: FAILED'}");
	expect_no_answer(snapshot, "msr 1 0x00000049");
	json_decref(snapshot);
}

Test(import_dump, registers_that_were_read_once_are_of_the_first_cpu)
{
	json_t *snapshot = accepts("------[ Logical CPU #0 ]------\n" LEAF_1 "\n"
	                           "------[ Logical CPU #1 ]------\n" LEAF_1 "\n"
	                           "------[ MSR Registers ]------\n\n"
	                           "MSR 00000480: 00DA-0400-0000-0012\n",
	                           "cpuid-dump");
	expect_numbers(snapshot, "msr 0 0x00000480", "0xda040000000012", 1);
	expect_no_answer(snapshot, "msr 1 0x00000480");
	json_decref(snapshot);
}

Test(import_dump, a_line_that_begins_like_a_register_must_be_one)
{
	static const char *const lines[] = {
		"CPUID 0000000G: " REGISTERS,
		"CPUID 0000001: " REGISTERS,
		"CPUID 000000001: " REGISTERS,
		"CPUID C000000G: " REGISTERS,
		"CPUID 00000001: 00000001-00000002-00000003",
		"CPUID 00000001: 00000001-00000002-00000003-0000000",
		"CPUID 00000001: 00000001-00000002-00000003-000000044",
		"CPUID 00000001: 00000001 00000002 00000003",
		"CPUID 00000001: 00000001_00000002_00000003_00000004",
		"CPUID 00000001:",
		"CPUID 00000001",
		"CPUID 00000004: " REGISTERS " [SL 0G]",
		"CPUID 00000004: " REGISTERS " [SL 00",
		"CPUID 00000004: " REGISTERS " [SL ]",
	};
	char text[256];
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		snprintf(text, sizeof text, "heading\n%s\n" LEAF_1 "\n", lines[i]);
		refuses(text, "made.txt:2: expected ");
	}
}

Test(import_dump, an_msr_must_have_64_bits_or_have_failed)
{
	static const char *const lines[] = {
		"MSR 00000480: 0000-0000-0000",
		"MSR 00000480: 0000-0000-0000-000",
		"MSR 00000480: 0000-0000-0000-0000-0000",
		"MSR 00000480: 0000-0000-0000-00000",
		"MSR 00000480: 00000000",
		"MSR 00000480: FAILED",
		"MSR 00000480: < FAILED",
		"MSR 00000480: < FAILED >x",
		"MSR 0000480: 0000-0000-0000-0000",
		"MSR 00000480:",
		"MSR 8",
	};
	char text[256];
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		snprintf(text, sizeof text, LEAF_1 "\n\n%s\n", lines[i]);
		refuses(text, "made.txt:3: expected MSR");
	}
}

Test(import_dump, what_contradicts_itself_is_refused)
{
	refuses("CPUID 00000004: " REGISTERS " [SL 01]\nCPUID 00000004: " OTHERS " [SL 01]\n",
	        SAID);
	refuses(LEAF_1 "\nCPUID 00000001: " REGISTERS "\n", SAID);
	refuses("CPU#0\n" LEAF_0 "\nCPUID 00000000: " REGISTERS "\n", SAID);
	refuses("MSR 00000480: 0000-0000-0000-0001\nMSR 00000480: 0000-0000-0000-0002\n", SAID);
	refuses("CPU#8192\n" LEAF_1, "made.txt:1: expected a CPU's number below 8192");
	refuses("CPU#18446744073709551615\n" LEAF_1, "below 8192");
}

Test(import_dump, what_is_said_twice_is_said_once)
{
	expect_one("CPU #0\n" LEAF_1 "\n" LEAF_1 "\nCPU #0\n" LEAF_1 "\n"
	           "CPUID 00000004: " REGISTERS "\nCPU #0\nCPUID 00000004: " REGISTERS "\n",
	           "cpuid 0 0x00000004 0x00000000", "0x00000001", 4);
}

#define RAW(leaf, subleaf)                                                                         \
	"   0x" leaf " 0x" subleaf ": eax=0x00000001 ebx=0x756e6547 ecx=0x6c65746e "               \
	"edx=0x49656e69\n"

Test(import_raw, all_cpus)
{
	json_t *snapshot = accepts("CPU 0:\n" RAW("00000000", "00")
	                                   RAW("0000000d", "3e") "CPU 1:\n" RAW("00000000", "00")
	                                           RAW("80000000", "0"),
	                           "cpuid-raw");
	expect_answer(snapshot, ONLINE, CPUS("0-1"));
	expect_numbers(snapshot, "cpuid 0 0x0000000d 0x0000003e", "0x00000001", 4);
	expect_numbers(snapshot, "cpuid 1 0x80000000 0x00000000", "0x00000001", 4);
	json_decref(snapshot);
}

Test(import_raw, one_cpu_says_nothing_of_how_many_there_are)
{
	json_t *snapshot = accepts("$ cpuid -1 -r\nCPU:\r\n" RAW("00000000", "00"), "cpuid-raw");
	expect_numbers(snapshot, "cpuid 0 0x00000000 0x00000000", "0x00000001", 4);
	expect_no_answer(snapshot, ONLINE);
	json_decref(snapshot);
}

Test(import_raw, refuses_what_is_no_leaf)
{
	refuses("CPU 0:\n" RAW("00000000", "00") "   0x00000001 0x00: eax=0x1\n", "made.txt:3: ");
	refuses("CPU 0:\n" RAW("00000000", "00") "   0x00000001: eax=0x00000001\n", "made.txt:3: ");
	refuses("CPU 9999:\n" RAW("00000000", "00"), "made.txt:1: expected a CPU's number");
	refuses("   0x00000001 0x00: eax=0x00000001 ebx=0x00000001 ecx=0x00000001 edx=0x00000001 x",
	        "made.txt:1: ");
	refuses("CPU 0:\n" RAW("00000000", "00") "  0x00000000 0x00: eax=0x00000002 ebx=0x00000001 "
	                                         "ecx=0x00000001 edx=0x00000001\n",
	        SAID);
}
