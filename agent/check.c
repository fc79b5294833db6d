/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nestready check`: question the machine, judge, print; the exit status is the verdict. */
#include "agent/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/commands.h"
#include "agent/identity.h"
#include "agent/output.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "report/report.h"

int check_ask(const struct options *options, bool capture, struct supervision *result,
              struct error *err)
{
	struct supervisor_options asking = SUPERVISOR_OPTIONS_INIT;
	cleanup_fd int snapshot = -1;
	asking.passive = options->passive;
	asking.every_cpu = options->every_cpu;
	asking.retry_risky = options->retry_risky;
	asking.risky_l2 = options->risky_l2;
	asking.capture = capture;
	*result = (struct supervision){ 0 };
	if (options->snapshot != NULL) {
		snapshot = open(options->snapshot, O_RDONLY | O_CLOEXEC);
		if (snapshot < 0)
			return error_set(err, ERROR_NO_INPUT, errno, "%s", options->snapshot);
		asking.snapshot_fd = snapshot;
	}
	if (supervisor_run(&asking, result, err) != 0)
		return options->snapshot == NULL ? -1 : error_wrap(err, "%s", options->snapshot);
	for (size_t i = 0; i < result->note_count; i++) {
		utf8_sanitize(result->notes[i], strlen(result->notes[i]));
		fprintf(stderr, "nestready: %s\n", result->notes[i]);
	}
	return 0;
}

/* Colour by default only where a person looks on (https://no-color.org). */
static bool want_colour(const struct options *options, bool terminal)
{
	const char *when = options->colour == NULL ? "auto" : options->colour;
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	if (strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return terminal && (no_color == NULL || no_color[0] == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

static void choose_format(const struct options *options, const char *again,
                          struct format_options *format)
{
	struct winsize size = { 0 };
	bool terminal = options->output == NULL && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
	*format = (struct format_options){
		.colour = want_colour(options, terminal),
		.columns = size.ws_col,
		.rows = size.ws_row,
		.tool = options->tool,
		.root = geteuid() == 0,
		.program = options->program,
		.again = again,
	};
}

static int judge_and_print(const struct options *options, struct report *report, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	cleanup_text struct text again = TEXT_INIT;
	struct format_options format_options;
	const struct format *format =
	        format_find(options->format == NULL ? "text" : options->format);
	const struct target *target =
	        options->target == NULL ? NULL : knowledge_target(options->target);
	bool imported = options->snapshot != NULL;
	if (identity_fill(report, imported, err) != 0 ||
	    report_judge(report, target, imported, err) != 0)
		return -1;
	text_add(&again, options->program);
	if (options->target != NULL)
		text_printf(&again, " --target %s", options->target);
	choose_format(options, text_string(&again), &format_options);
	format->write(report, &format_options, &out);
	if (output_write(options->output, &out, err) != 0)
		return -1;
	if (report->judgment.verdict == VERDICT_DEGRADED && options->accept != NULL)
		return 0;
	return verdict_exit_status(report->judgment.verdict);
}

int command_check(const struct options *options, struct error *err)
{
	struct supervision supervision;
	struct report report = { 0 };
	int status = check_ask(options, false, &supervision, err);
	if (status == 0) {
		report.facts = supervision.facts;
		report.probes = supervision.probes;
		report.probe_count = supervision.probe_count;
		supervision.facts = NULL;
		supervision.probes = NULL;
		supervision.probe_count = 0;
		status = judge_and_print(options, &report, err);
		report_clear(&report);
	}
	supervision_clear(&supervision);
	return status;
}
