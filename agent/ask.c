/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nestready ask`: a check whose answer is for whoever runs the platform; report/ticket.h. */
#include <unistd.h>

#include "agent/check.h"
#include "agent/commands.h"
#include "agent/output.h"
#include "machine/standin.h"
#include "report/ticket.h"

void ask_describe(struct text *out)
{
	text_add(out, "The exit status is that of check: 0 when nothing has to be asked for.\n\n");
}

/* The ticket names the target, whatever was typed: who verifies may have installed another by then.
 */
static int print(const struct options *options, const struct report *report, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	cleanup_text struct text again = TEXT_INIT;
	text_printf(&again, "%s --target %s", options->program, report->judgment.target->id);
	if (options->phase != NULL)
		text_printf(&again, " --for %s", options->phase);
	const struct format_options format = { .tool = options->tool,
		                               .root = geteuid() == 0,
		                               .program = options->program,
		                               .again = text_string(&again) };
	const struct ticket_options ticket = {
		.format = &format,
		.redacted = options->snapshot != NULL && standin_is_uuid(report->guest.system_uuid),
	};
	ticket_write(report, &ticket, &out);
	if (again.failed)
		out.failed = true;
	if (output_write(options->output, &out, err) != 0)
		return -1;
	return verdict_exit_status(report->judgment.verdict);
}

int command_ask(const struct options *options, struct error *err)
{
	struct supervision supervision;
	struct report report = { 0 };
	int status = check_ask(options, false, &supervision, err);
	if (status == 0)
		status = check_judge(options, &supervision, &report, err);
	if (status == 0)
		status = print(options, &report, err);
	report_clear(&report);
	supervision_clear(&supervision);
	return status;
}
