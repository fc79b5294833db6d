/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nestready check`: question the machine, judge, print; the exit status is the verdict. */
#include "agent/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/commands.h"
#include "agent/identity.h"
#include "agent/imported.h"
#include "agent/input.h"
#include "agent/marks.h"
#include "agent/network.h"
#include "agent/output.h"
#include "agent/reporting.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "machine/snapshot.h"
#include "report/report.h"

/* Asks this machine, or the snapshot in `bytes` when there is one. */
static int ask(const struct options *options, const char *only, bool capture,
               const struct text *bytes, struct supervision *result, struct error *err)
{
	struct supervisor_options asking = SUPERVISOR_OPTIONS_INIT;
	cleanup_fd int snapshot = -1;
	asking.passive = options->passive || options->network;
	asking.every_cpu = options->every_cpu;
	asking.retry_risky = options->retry_risky;
	asking.risky_l2 = options->risky_l2;
	asking.challenge = options->challenge;
	asking.capture = capture;
	asking.only = only;
	if (bytes != NULL) {
		snapshot = imported_file(bytes, err);
		if (snapshot < 0)
			return -1;
		asking.snapshot_fd = snapshot;
		/* what was sent where it was made is read; another one is not asked for it */
		asking.mac_test = strstr(text_string(bytes), "\"mac-experiment ") != NULL;
		if (asking.mac_test)
			network_settings(options, &asking);
	}
	if (supervisor_run(&asking, result, err) != 0)
		return bytes == NULL ? -1 : error_wrap(err, "%s", options->snapshot);
	for (size_t i = 0; i < result->note_count; i++) {
		utf8_sanitize(result->notes[i], strlen(result->notes[i]));
		fprintf(stderr, "nestready: %s\n", result->notes[i]);
	}
	if (bytes == NULL)
		return network_test(options, capture, result, err);
	return imported_add(options->snapshot, bytes, result->facts, err);
}

int check_ask(const struct options *options, bool capture, struct supervision *result,
              struct error *err)
{
	cleanup_text struct text bytes = TEXT_INIT;
	*result = (struct supervision){ 0 };
	if (network_check_options(options, err) != 0)
		return -1;
	if (options->snapshot == NULL)
		return ask(options, NULL, capture, NULL, result, err);
	if (input_read(options->snapshot, SNAPSHOT_LIMIT, &bytes, err) != 0)
		return -1;
	return ask(options, NULL, capture, &bytes, result, err);
}

int check_ask_bytes(const struct options *options, const struct text *bytes,
                    struct supervision *result, struct error *err)
{
	*result = (struct supervision){ 0 };
	return ask(options, NULL, false, bytes, result, err);
}

int check_ask_probes(const struct options *options, const char *only, struct supervision *result,
                     struct error *err)
{
	*result = (struct supervision){ 0 };
	return ask(options, only, false, NULL, result, err);
}

static enum phase phase_of(const struct options *options)
{
	if (options->phase == NULL)
		return PHASE_BOTH;
	return strcmp(options->phase, "install") == 0 ? PHASE_INSTALL : PHASE_RUN;
}

int check_judge(const struct options *options, struct supervision *found, struct report *report,
                struct error *err)
{
	const struct target *target =
	        options->target == NULL ? NULL : knowledge_target(options->target);
	bool imported = options->snapshot != NULL;
	*report = (struct report){ .facts = found->facts,
		                   .challenge = options->challenge,
		                   .phase = phase_of(options),
		                   .require_network = options->require_network,
		                   .probes = found->probes,
		                   .probe_count = found->probe_count };
	found->facts = NULL;
	found->probes = NULL;
	found->probe_count = 0;
	if (identity_fill(report, imported, err) != 0)
		return -1;
	return report_judge(report, target, imported, err);
}

bool check_wants_colour(const struct options *options, bool terminal)
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
		.colour = check_wants_colour(options, terminal),
		.columns = size.ws_col,
		.rows = size.ws_row,
		.tool = options->tool,
		.accept_degraded = options->accept != NULL,
		.root = geteuid() == 0,
		.program = options->program,
		.again = again,
	};
}

int check_print(const struct options *options, const struct report *report, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	cleanup_text struct text again = TEXT_INIT;
	struct format_options format_options;
	const struct format *format =
	        format_find(options->format == NULL ? "text" : options->format);
	text_add(&again, options->program);
	if (options->target != NULL)
		text_printf(&again, " --target %s", options->target);
	if (options->phase != NULL)
		text_printf(&again, " --for %s", options->phase);
	choose_format(options, text_string(&again), &format_options);
	format->write(report, &format_options, &out);
	if (output_write(options->output, &out, err) != 0)
		return -1;
	if (report->judgment.verdict == VERDICT_DEGRADED && options->accept != NULL)
		return 0;
	return verdict_exit_status(report->judgment.verdict);
}

/*
 * The answer was printed; what became of the report is said on standard error
 * alone, and outranks the verdict only where there is a status for it.
 */
static int deliver(const struct options *options, struct reporting *reporting,
                   struct report *report, int status)
{
	struct error err = ERROR_INIT;
	const struct format *format = options->format == NULL ? NULL : format_find(options->format);
	if (reporting_deliver(options, reporting, report, &err) == 0)
		return status;
	utf8_sanitize(err.message, strlen(err.message));
	fprintf(stderr, "nestready: %s\n", err.message);
	if (format != NULL && format->write_error != NULL)
		return verdict_exit_status(VERDICT_INDETERMINATE);
	return (int)err.code;
}

/* Whether somebody gets the report whole; looking for marks takes what a probe takes. */
static bool leaves_marks(const struct options *options)
{
	const struct format *format = options->format == NULL ? NULL : format_find(options->format);
	return options->snapshot == NULL &&
	       ((format != NULL && format->whole) || options->reports.count > 0);
}

int command_check(const struct options *options, struct error *err)
{
	struct supervision supervision;
	struct report report = { 0 };
	struct reporting reporting;
	if (reporting_prepare(options, &reporting, err) != 0)
		return -1;
	int status = check_ask(options, false, &supervision, err);
	if (status == 0)
		status = check_judge(options, &supervision, &report, err);
	if (status == 0 && leaves_marks(options))
		marks_fill(&report.guest);
	if (status == 0)
		status = check_print(options, &report, err);
	if (status >= 0)
		status = deliver(options, &reporting, &report, status);
	report_clear(&report);
	supervision_clear(&supervision);
	return status;
}
