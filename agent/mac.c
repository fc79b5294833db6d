/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nestready mac`: the test of MAC filtering alone, for who is changing the switch right now. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/check.h"
#include "agent/commands.h"
#include "agent/mac_text.h"
#include "agent/network.h"
#include "agent/output.h"
#include "base/cleanup.h"

#define PAUSE_S 2 /* more than the second over which frames are limited */

void mac_describe(struct text *out)
{
	text_add(
	        out,
	        "Sends frames from a made-up MAC over each interface that leads out, at most 13 a\n"
	        "second and mostly 8 in all, and says what the network does to them: open,\n"
	        "egress-filtered, ingress-filtered, filtered ... (doc/mac-test.md).\n"
	        "Exit status: 0 open, 1 filtered (2 with --require-network), 3 not decided.\n\n");
}

static int status_of(const struct report *report)
{
	const struct finding *finding = judgment_finding(&report->judgment, FINDING_NETWORK);
	if (finding == NULL)
		return verdict_exit_status(VERDICT_INDETERMINATE);
	if (finding->outcome == OUTCOME_PASS)
		return 0;
	if (finding->outcome != OUTCOME_FAIL)
		return verdict_exit_status(VERDICT_INDETERMINATE);
	return verdict_exit_status(finding_severity(finding) == SEVERITY_REQUIRED
	                                   ? VERDICT_NOT_READY
	                                   : VERDICT_DEGRADED);
}

static int print(const struct options *options, const struct report *report, const char *when,
                 struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	mac_text_nics(options, report, when, true, &out);
	mac_text_advice(options, report, &out);
	return output_write(options->output, &out, err);
}

static void clock_time(char *when, size_t size)
{
	time_t now = time(NULL);
	struct tm local;
	if (localtime_r(&now, &local) == NULL || strftime(when, size, "%H:%M:%S ", &local) == 0)
		when[0] = '\0';
}

/*
 * One of many tests.  What is to be done stays in sight: the fix is printed when it is another one
 * than before, and else a terminal has one line that says so, and everything else a line an
 * interface.
 */
static int print_change(const struct options *options, const struct report *report,
                        struct text *shown, struct error *err)
{
	cleanup_text struct text steady =
	        TEXT_INIT; /* without evidence: no test takes as long as another */
	char when[16];
	clock_time(when, sizeof when);
	mac_text_nics(options, report, "", false, &steady);
	mac_text_advice(options, report, &steady);
	bool changed = strcmp(text_string(&steady), text_string(shown)) != 0;
	text_clear(shown);
	text_add(shown, text_string(&steady));
	if (changed || options->output != NULL)
		return print(options, report, when, err);
	if (isatty(STDOUT_FILENO) != 0 && isatty(STDERR_FILENO) != 0) {
		text_clear(&steady);
		text_printf(&steady, "%sno change", when);
		network_show_progress(text_string(&steady));
		return 0;
	}
	cleanup_text struct text out = TEXT_INIT;
	mac_text_nics(options, report, when, false, &out);
	return output_write(NULL, &out, err);
}

/* One test.  The exit status, or -1.  `shown` is what the test before printed, NULL when there is
 * but one. */
static int test(const struct options *options, struct text *shown, struct error *err)
{
	struct supervision supervision;
	struct report report = { 0 };
	int status = check_ask(options, false, &supervision, err);
	if (status == 0)
		status = check_judge(options, &supervision, &report, err);
	if (status == 0 && options->format != NULL)
		status = check_print(options, &report, err) < 0 ? -1 : 0;
	else if (status == 0 && shown != NULL)
		status = print_change(options, &report, shown, err);
	else if (status == 0)
		status = print(options, &report, "", err);
	if (status == 0)
		status = status_of(&report);
	report_clear(&report);
	supervision_clear(&supervision);
	return status;
}

/* The same where more is to be printed: what writes an answer closes standard output. */
static int test_and_stay(const struct options *options, struct text *shown, struct error *err)
{
	cleanup_fd int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	int status = test(options, shown, err);
	if (kept >= 0 && dup2(kept, STDOUT_FILENO) < 0)
		return error_set(err, ERROR_INTERNAL, errno, "standard output");
	return status;
}

int command_mac(const struct options *options, struct error *err)
{
	struct options wanted = *options;
	wanted.network = true;
	if (!options->watch)
		return test(&wanted, NULL, err);
	cleanup_text struct text shown = TEXT_INIT;
	int status;
	/* who may not send need not wait for a switch */
	while ((status = test_and_stay(&wanted, &shown, err)) > 0 &&
	       strstr(text_string(&shown), ": not-permitted (") == NULL) {
		wanted.again = true;
		sleep(PAUSE_S);
	}
	return status;
}
