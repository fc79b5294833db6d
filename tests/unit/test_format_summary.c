/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The summary: a column beside the QR code, whatever there is to say. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/judged.h"

#define COLUMNS 34
#define ROWS    18

static struct text out = TEXT_INIT;

static void end(void)
{
	text_clear(&out);
	judged_end();
}

TestSuite(format_summary, .init = judged_begin, .fini = end);

static const char *write(const char *facts, const struct format_options *options)
{
	with(facts);
	judged("kvm");
	format_find("summary")->write(&judged_report, options, &out);
	cr_assert_not(out.failed);
	return text_string(&out);
}

static void expect_fits(void)
{
	size_t rows = 0;
	const char *line = text_string(&out);
	cr_assert_eq(strncmp(line, "platform: ", 10), 0);
	cr_assert_leq(strcspn(line, "\n"), 80);
	for (line += strcspn(line, "\n") + 1; *line != '\0'; line += strcspn(line, "\n") + 1) {
		cr_assert_leq(strcspn(line, "\n"), COLUMNS, "%s", line);
		rows++;
	}
	cr_assert_leq(rows, ROWS, "%s", text_string(&out));
}

Test(format_summary, says_what_a_verdict_rests_on_and_what_nobody_proved)
{
	const char *shown = write("{}", &(struct format_options){ 0 });
	cr_assert_not_null(strstr(shown, "READY, proven here\n  not proven: "), "%s", shown);
	cr_assert_not_null(strstr(shown, "\ncode: "));
	expect_fits();
}

Test(format_summary, names_what_stops_each_target)
{
	const char *shown = write(machine_hidden, &(struct format_options){ 0 });
	cr_assert_not_null(strstr(shown, "NOT READY\n  x l0.virt-not-exposed\n"), "%s", shown);
	expect_fits();
}

Test(format_summary, names_a_question_that_nobody_answered)
{
	const char *shown = write(machine_ordinary, &(struct format_options){ 0 });
	cr_assert_not_null(strstr(shown, "INDETERMINATE\n  ? "), "%s", shown);
	expect_fits();
}

Test(format_summary, counts_what_has_no_room)
{
	const char *shown =
	        write(STR({
		              "cpu.vmx" : false,
		              "cpu.svm" : false,
		              "cpu.nx" : false,
		              "cpu.count" : 1,
		              "memory.total" : 100000000,
		              "pci.nics" : [],
		              "pci.storage" : [],
		              "memory.dynamic" : true,
		              "kvm.device" : { "status" : "absent" },
		              "slat.present" : { "status" : "absent" },
		              "dmi.product-name" :
		                      "A product whose name is much too long for a narrow column"
	              }),
	              &(struct format_options){ 0 });
	cr_assert_not_null(strstr(shown, "  +"), "%s", shown);
	expect_fits();
}

Test(format_summary, colours_the_verdict_only)
{
	const char *shown = write("{}", &(struct format_options){ .colour = true });
	cr_assert_not_null(strstr(shown, "\033["));
	cr_assert_null(strstr(shown, "\033[0m, proven here\033"));
}
