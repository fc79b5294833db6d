/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nestready preclone`: what has to be reset before this guest is cloned.  It
 * changes nothing; the exit status says whether there is something to do.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/check.h"
#include "agent/commands.h"
#include "agent/output.h"
#include "report/resets.h"

void preclone_describe(struct text *out)
{
	text_add(out,
	         "It changes nothing. Exit status: 0 nothing to reset, 2 something, 3 something\n"
	         "could not be found out.\n\n");
}

static int print(const struct options *options, const struct fact_set *facts, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	struct winsize size = { 0 };
	bool terminal = options->output == NULL && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
	const struct format_options format = {
		.colour = check_wants_colour(options, terminal),
		.columns = size.ws_col,
		.root = geteuid() == 0,
		.program = options->program,
		.again = options->program,
	};
	if (options->format != NULL && strcmp(options->format, "json") == 0)
		resets_json(facts, &out);
	else
		resets_text(facts, &format, &out);
	return output_write(options->output, &out, err);
}

int command_preclone(const struct options *options, struct error *err)
{
	struct supervision found;
	struct resets_count count;
	if (options->format != NULL && strcmp(options->format, "text") != 0 &&
	    strcmp(options->format, "json") != 0)
		return error_set(err, ERROR_USAGE, 0, "preclone prints text or json, not %s",
		                 options->format);
	int status = check_ask_probes(options, "clone", &found, err);
	if (status == 0)
		status = print(options, found.facts, err);
	if (status == 0) {
		resets_count(found.facts, &count);
		if (count.needed > 0)
			status = verdict_exit_status(VERDICT_NOT_READY);
		else if (count.unknown > 0)
			status = verdict_exit_status(VERDICT_INDETERMINATE);
	}
	supervision_clear(&found);
	return status;
}
