/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The `nestready` command: one table says what it can do, and help is that table. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "agent/choice.h"
#include "agent/commands.h"
#include "agent/output.h"
#include "agent/reporting.h"
#include "base/utf8.h"
#include "config.h"
#include "report/report.h"

/* What the commands that question a machine take. */
#define ASKING                                                                                     \
	(OPTION_OUTPUT | OPTION_PASSIVE | OPTION_EVERY_CPU | OPTION_RETRY_RISKY |                  \
	 OPTION_RISKY_L2 | OPTION_NETWORK)

static int command_help(const struct options *options, struct error *err);

/* The first one is what happens without a command. */
static const struct command {
	const char *name;
	int (*run)(const struct options *options, struct error *err);
	const char *help;
	const char *operand; /* NULL: none */
	unsigned accepts;
	void (*describe)(struct text *out); /* adds to its help; NULL: nothing */
} command_table[] = {
	{ .name = "check",
	  .run = command_check,
	  .help = "say whether this guest can run the target, and if not, why",
	  .accepts = ASKING | OPTION_TARGET | OPTION_FOR | OPTION_FORMAT | OPTION_SNAPSHOT |
	             OPTION_ACCEPT | OPTION_TOOL | OPTION_COLOUR | OPTION_REPORT |
	             OPTION_REPORT_MODE | OPTION_SPOOL | OPTION_CHALLENGE,
	  .describe = reporting_describe },
	{ .name = "ask",
	  .run = command_ask,
	  .help = "write a ticket for whoever runs the platform underneath",
	  .accepts = ASKING | OPTION_TARGET | OPTION_FOR | OPTION_SNAPSHOT | OPTION_TOOL,
	  .describe = ask_describe },
	{ .name = "mac",
	  .run = command_mac,
	  .help = "test whether the network takes MACs of VMs, and say how to open it",
	  .accepts = OPTION_OUTPUT | OPTION_TARGET | OPTION_FORMAT | OPTION_TOOL | OPTION_COLOUR |
	             OPTION_NETWORK | OPTION_WATCH,
	  .describe = mac_describe },
	{ .name = "submit",
	  .run = command_submit,
	  .help = "hand in what a course asks for: enrol, check, send, print a receipt",
	  .operand = "URL#CODE",
	  .accepts = ASKING | OPTION_TARGET | OPTION_SPOOL | OPTION_SUBMIT,
	  .describe = submit_describe },
	{ .name = "capture",
	  .run = command_capture,
	  .help = "record this machine for `check --snapshot` (redacted)",
	  .accepts = ASKING | OPTION_NO_REDACT },
	{ .name = "import",
	  .run = command_import,
	  .help = "make such a record of what another program wrote",
	  .operand = "FILE",
	  .accepts = OPTION_OUTPUT,
	  .describe = import_describe },
	{ .name = "diff",
	  .run = command_diff,
	  .help = "say what changed between two reports or snapshots",
	  .operand = "A B",
	  .accepts = OPTION_TARGET | OPTION_FORMAT | OPTION_OUTPUT,
	  .describe = diff_describe },
	{ .name = "preclone",
	  .run = command_preclone,
	  .help = "list what has to be reset before this guest is cloned",
	  .accepts = OPTION_OUTPUT | OPTION_FORMAT | OPTION_COLOUR,
	  .describe = preclone_describe },
	{ .name = "recv",
	  .run = command_recv,
	  .help = "take the reports of a guest off a channel, and print or forward them",
	  .accepts = OPTION_FROM | OPTION_REPORT | OPTION_SPOOL,
	  .describe = recv_describe },
	{ .name = "probes",
	  .run = command_probes,
	  .help = "list what is asked of a machine",
	  .operand = "PROBE",
	  .accepts = OPTION_OUTPUT | OPTION_FACTS },
	{ .name = "targets",
	  .run = command_targets,
	  .help = "list the hypervisors that can be checked for",
	  .accepts = OPTION_OUTPUT },
	{ .name = "platforms",
	  .run = command_platforms,
	  .help = "list the platforms whose settings are known",
	  .accepts = OPTION_OUTPUT },
	{ .name = "gaps",
	  .run = command_gaps,
	  .help = "list the reasons that can stand in the way",
	  .accepts = OPTION_OUTPUT },
	{ .name = "explain",
	  .run = command_explain,
	  .help = "explain a finding, a gap or a short code",
	  .operand = "ID",
	  .accepts = OPTION_OUTPUT | OPTION_TOOL },
	{ .name = "help",
	  .run = command_help,
	  .help = "show this help, or that of a command",
	  .operand = "COMMAND",
	  .accepts = OPTION_OUTPUT },
};

#define COMMAND_COUNT (sizeof command_table / sizeof command_table[0])

static const char *command_at(const void *context, size_t index)
{
	(void)context;
	return index < COMMAND_COUNT ? command_table[index].name : NULL;
}

static const struct choice commands = { command_at, NULL };

static const struct command *find_command(const char *name, struct error *err)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(command_table[i].name, name) == 0)
			return &command_table[i];
	}
	choice_unknown(err, "command", name, &commands, "`nestready help`");
	return NULL;
}

static void help_overview(struct text *out)
{
	text_add(out, "Says whether this virtual machine can run a hypervisor of its own, and if\n"
	              "not, whose setting stands in the way and the exact change.\n\n"
	              "usage: nestready [COMMAND] [OPTION]...\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		text_printf(out, "  %-10s %s\n", command_table[i].name, command_table[i].help);
	text_printf(out,
	            "\nWithout a command it does `%s`. Options of a command: nestready help %s\n",
	            command_table[0].name, "COMMAND");
	text_add(out,
	         "Exit status: 0 ready, 1 degraded, 2 not ready, 3 indeterminate; 64 mistyped,\n"
	         "65 bad input, 66 no input, 69 a report that could not be kept, 70 anything "
	         "else,\nabove all output that cannot be written.\n");
}

static void help_command(const struct command *command, struct text *out)
{
	text_printf(out, "usage: nestready %s [OPTION]...%s%s\n\n%c%s.\n\n", command->name,
	            command->operand == NULL ? "" : " ",
	            command->operand == NULL ? "" : command->operand, command->help[0] - 'a' + 'A',
	            command->help + 1);
	if (command->describe != NULL)
		command->describe(out);
	options_help(command->accepts, out);
}

static int show_help(const struct command *command, const char *output, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	if (command == NULL)
		help_overview(&out);
	else
		help_command(command, &out);
	return output_write(output, &out, err);
}

static int command_help(const struct options *options, struct error *err)
{
	const struct command *command = NULL;
	if (options->operand != NULL) {
		command = find_command(options->operand, err);
		if (command == NULL)
			return -1;
	}
	return show_help(command, options->output, err);
}

static int show_version(const char *output, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	text_add(&out, PACKAGE_NAME " " PACKAGE_VERSION "\n");
	return output_write(output, &out, err);
}

/*
 * How a shell is told to call this program again.  Called by a path, it is not
 * where the shell would find it by name; a path with blanks needs quotes.
 */
static const char *typed_name(const char *name, char *quoted, size_t size)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                            "0123456789_-+.,/";
	if (name == NULL || strchr(name, '/') == NULL || strchr(name, '\'') != NULL)
		return "nestready";
	if (name[strspn(name, plain)] == '\0')
		return name;
	int length = snprintf(quoted, size, "'%s'", name);
	return length > 0 && (size_t)length < size ? quoted : "nestready";
}

static int run(int argc, char *const argv[], struct error *err)
{
	char quoted[PATH_MAX];
	const struct command *command = &command_table[0];
	struct options options;
	bool named = argc > 1 && argv[1][0] != '-';
	int first = named ? 2 : 1;
	if (named) {
		command = find_command(argv[1], err);
		if (command == NULL)
			return -1;
	}
	if (options_parse(argc > first ? argc - first : 0, argv + first, command->name,
	                  command->accepts, command->operand, &options, err) != 0)
		return -1;
	options.program = typed_name(argv[0], quoted, sizeof quoted);
	if (options.version)
		return show_version(options.output, err);
	if (options.help)
		return show_help(named ? command : NULL, options.output, err);
	return command->run(&options, err);
}

/*
 * Says what went wrong: one line on standard error, or in the words of a format
 * whose readers take no other exit status than a verdict's, and no other stream.
 */
static int complain(int argc, char *const argv[], const struct error *err)
{
	const char *name = argc > 1 ? options_format(argc - 1, argv + 1) : NULL;
	const struct format *format = name == NULL ? NULL : format_find(name);
	cleanup_text struct text out = TEXT_INIT;
	if (format == NULL || format->write_error == NULL) {
		fprintf(stderr, "nestready: %s\n", err->message);
		return err->code == ERROR_NONE ? ERROR_INTERNAL : (int)err->code;
	}
	format->write_error(err->message, &out);
	if (output_write(NULL, &out, NULL) != 0)
		fprintf(stderr, "nestready: %s\n", err->message);
	return verdict_exit_status(VERDICT_INDETERMINATE);
}

int main(int argc, char *argv[])
{
	struct error err = ERROR_INIT;
	output_guard_streams();
	signal(SIGPIPE, SIG_IGN); /* a pipe that nobody reads is an error to report */
	int status = run(argc, argv, &err);
	if (status >= 0)
		return status;
	utf8_sanitize(err.message, strlen(err.message));
	return complain(argc, argv, &err);
}
