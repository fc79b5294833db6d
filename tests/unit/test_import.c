/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is no dump is refused with one clear line, and what every format has in common. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/imports.h"

Test(import, refuses_what_it_does_not_know)
{
	refuses("", "an empty file");
	refuses("hello\nworld\n", "one of the formats cpuid-dump, cpuid-raw, systeminfo");
	refuses("CPUID Manufacturer : GenuineIntel\nCPUID CPU Name : F\n", "found none of them");
	refuses("OS Version: 14.1\n", "found none of them");
	refuses_bytes("\x7f"
	              "ELF\x02\x01",
	              6, "no text");
	refuses_bytes("\0\0\0\0", 4, "found none of them");
}

Test(import, every_format_has_a_name_and_help)
{
	size_t count = 0;
	for (; import_formats[count] != NULL; count++) {
		cr_assert_gt(strlen(import_formats[count]->name), 0);
		cr_assert_gt(strlen(import_formats[count]->help), 0);
	}
	cr_assert_eq(count, 5);
}

Test(import, reads_text_in_the_encodings_of_windows)
{
	static const char line[] = "CPUID 00000001: 000306F2-00000800-00000020-00000000\r\n";
	char wide[2 * sizeof line + 2] = "\xff\xfe";
	for (size_t i = 0; i < sizeof line - 1; i++)
		wide[2 + 2 * i] = line[i];
	json_t *snapshot = accepts_bytes(wide, 2 * sizeof line, "cpuid-dump");
	expect_numbers(snapshot, "cpuid 0 0x00000001 0x00000000", "0x000306f2", 4);
	json_decref(snapshot);
	snapshot = accepts_bytes(wide + 2, 2 * sizeof line - 2, "cpuid-dump");
	json_decref(snapshot);
	snapshot = accepts("\xef\xbb\xbf"
	                   "CPUID 00000001: 000306F2-00000800-00000020-00000000",
	                   "cpuid-dump");
	json_decref(snapshot);
}

#define LEAF_0 "CPUID 00000000: 00000001-68747541-444D4163-69746E65"
#define LEAF_1 "CPUID 00000001: 000306F2-00000800-00000020-00000000"

Test(import, reads_text_as_it_was_pasted_and_kept)
{
	static const char *const texts[] = {
		LEAF_0 "\r" LEAF_1 "\r",
		LEAF_0 "\n" LEAF_1 "\x1a",
		LEAF_0 "\r\n" LEAF_1 "\r\n\x1a",
		/* from a page of the web: spaces that do not break */
		"CPUID\xc2\xa0"
		"00000001:\xc2\xa0"
		"000306F2-00000800-00000020-00000000\xc2\xa0[SL\xc2\xa0"
		"00]\n",
		"CPUID 00000001:\xa0"
		"000306F2-00000800-00000020-00000000\n",
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		json_t *snapshot = accepts(texts[i], "cpuid-dump");
		expect_numbers(snapshot, "cpuid 0 0x00000001 0x00000000", "0x000306f2", 4);
		json_decref(snapshot);
	}
	refuses(LEAF_0 "\r" LEAF_1 "-\r", "made.txt:2: expected CPUID");
}

Test(import, the_snapshot_is_one_that_the_machine_opens)
{
	json_t *snapshot =
	        accepts("CPUID 00000000: 00000001-756E6547-6C65746E-49656E69\n", "cpuid-dump");
	char *text = json_dumps(snapshot, 0);
	struct error err = ERROR_INIT;
	struct machine *machine = machine_snapshot_open("made", text, strlen(text), &err);
	struct answer answer = ANSWER_INIT;
	cr_assert_not_null(machine, "%s", err.message);
	cr_assert_eq(machine_read_file(machine, "/sys/devices/system/cpu/online", &answer),
	             STATUS_OBSERVED);
	cr_assert_str_eq(answer.text, "0\n");
	cr_assert_eq(machine_cpuid(machine, 0, 0, 0, &answer), STATUS_OBSERVED);
	cr_assert_eq(answer.numbers[1], 0x756e6547);
	cr_assert_eq(machine_cpuid(machine, 0, 1, 0, &answer), STATUS_SKIPPED);
	answer_clear(&answer);
	machine_close(machine);
	free(text);
	json_decref(snapshot);
}
