/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each format says of machines that no recording has: hostile names, facts
 * without a value, probes that failed.  That other programs can read it is
 * tested in tests/formats.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/judged.h"

static struct text out = TEXT_INIT;

static void end(void)
{
	text_clear(&out);
	judged_end();
}

TestSuite(formats, .init = judged_begin, .fini = end);

/* KVM on the machine as it is now, with the head of a report. */
static void judge_it(void)
{
	judged("kvm");
	judged_report.agent_version = "1.2.3";
	strcpy(judged_report.id, "01890a5d-ac96-774b-bcce-b302099a8057");
	strcpy(judged_report.time, "2026-11-20T10:46:00.123Z");
}

static const char *write(const char *name, const struct format_options *options)
{
	text_clear(&out);
	format_find(name)->write(&judged_report, options, &out);
	cr_assert_not(out.failed);
	return text_string(&out);
}

static const char *plain(const char *name)
{
	return write(name, &(struct format_options){ .columns = 80 });
}

static void expect_in(const char *text, const char *part)
{
	cr_expect_not_null(strstr(text, part), "no %s in:\n%s", part, text);
}

static void expect_not_in(const char *text, const char *part)
{
	cr_expect_null(strstr(text, part), "%s in:\n%s", part, text);
}

/* NPT is recommended for KVM: without it the machine is degraded. */
static void degraded(void)
{
	with(STR({
		"l2.slat" : false,
		"slat.present" : false,
		"l2.nested-fault" : false,
		"kvm.slat" : false
	}));
	judge_it();
	cr_assert_eq(judged_report.judgment.verdict, VERDICT_DEGRADED);
}

Test(formats, a_degraded_machine_fails_unless_that_is_accepted)
{
	const struct format_options accepting = { .accept_degraded = true };
	degraded();
	expect_in(plain("junit"), "<failure message=\"EPT or NPT (SLAT)");
	expect_not_in(write("junit", &accepting), "<failure");
	expect_in(plain("tap"), "\nnot ok ");
	expect_not_in(plain("tap"), "# TODO");
	expect_in(write("tap", &accepting), " # TODO recommended\n");
	expect_in(plain("nagios"), "NESTREADY WARNING - degraded for KVM: ");
	expect_in(plain("nagios"), ";0;;0 undecided=");
	expect_in(write("nagios", &accepting), "NESTREADY OK - degraded for KVM: ");
	expect_in(write("nagios", &accepting), ";;;0 undecided=");
}

Test(formats, a_hostile_host_name_stays_inside_its_attribute)
{
	judge_it();
	strcpy(judged_report.guest.hostname, "a\"b<&\t\xff\n>");
	expect_in(plain("junit"), " hostname=\"a&quot;b&lt;&amp;&#9;??&gt;\">\n");
}

Test(formats, a_guest_without_a_name_is_localhost)
{
	judge_it();
	judged_report.guest.hostname[0] = '\0';
	expect_in(plain("junit"), " timestamp=\"2026-11-20T10:46:00\" hostname=\"localhost\">");
}

Test(formats, labels_are_escaped)
{
	judge_it();
	judged_report.agent_version = "1\"2\\3\n4";
	expect_in(plain("openmetrics"), ",version=\"1\\\"2\\\\3\\n4\"} 1\n");
}

Test(formats, reasons_cannot_begin_a_directive)
{
	with(STR(
	        { "l2.exit-ns" : { "status" : "failed", "why" : "it said # TODO \\ or | more" } }));
	judge_it();
	expect_in(plain("tap"), " # SKIP error: it said \\# TODO \\\\ or | more\n");
}

Test(formats, what_is_not_known_keeps_its_place)
{
	with(STR({ "l2.exit-ns" : { "status" : "skipped", "why" : "no /dev/kvm" } }));
	judge_it();
	expect_in(plain("openmetrics"), "\nnestready_l2_exit_seconds NaN\n");
	expect_in(plain("nagios"), " l2_exit=U\n");
	with(STR({ "l2.exit-ns" : 1234567890 }));
	judge_it();
	expect_in(plain("openmetrics"), "\nnestready_l2_exit_seconds 1.234567890\n");
	expect_in(plain("nagios"), " l2_exit=1234567.890us;;;0\n");
}

Test(formats, a_probe_that_failed_is_a_zero)
{
	judge_it();
	judged_report.probes = calloc(2, sizeof *judged_report.probes);
	cr_assert_not_null(judged_report.probes);
	judged_report.probe_count = 2;
	judged_report.probes[0] =
	        (struct probe_outcome){ "cpuid", STATUS_OBSERVED, "", .duration_us = 12 };
	judged_report.probes[1] =
	        (struct probe_outcome){ "kvm", STATUS_FAILED, "hung", .duration_us = 3000001 };
	const char *text = plain("openmetrics");
	expect_in(text, "\nnestready_probe_ok{probe=\"cpuid\"} 1\n");
	expect_in(text, "\nnestready_probe_ok{probe=\"kvm\"} 0\n");
	expect_in(text, "\nnestready_probe_duration_seconds{probe=\"kvm\"} 3.000001\n");
	cr_expect_str_eq(text + strlen(text) - 6, "# EOF\n");
	expect_in(plain("junit"), " time=\"3.000013\"");
}

Test(formats, only_nagios_words_its_errors_itself)
{
	for (size_t i = 0; format_table[i] != NULL; i++)
		cr_expect_eq(format_table[i]->write_error != NULL,
		             strcmp(format_table[i]->name, "nagios") == 0);
	format_find("nagios")->write_error("no such file: a|b\n", &out);
	cr_expect_str_eq(text_string(&out), "NESTREADY UNKNOWN - no such file: a/b?\n");
}
