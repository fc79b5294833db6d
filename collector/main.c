/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The `nestready-collector` command: the table of what it does. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/utf8.h"
#include "collector/commands.h"
#include "config.h"

/* The first one is what happens without a command. */
static const struct command {
	const char *name;
	int (*run)(const struct options *options, struct error *err);
	const char *operand;
	const char *help;
	unsigned groups;
	unsigned operands;
} table[] = {
	{ "serve", command_serve, "", "take reports and answer questions about them",
	  OPTIONS_STORE | OPTIONS_SERVE, 0 },
	{ "token", command_token, " add|list|revoke ID", "say who may do what",
	  OPTIONS_STORE | OPTIONS_TOKEN, 2 },
	{ "import", command_import, " DIRECTORY", "take in files of reports (*.json)",
	  OPTIONS_STORE | OPTIONS_LAB, 1 },
	{ "lab", command_lab, " add|list|token|grade|override|export|log", "grade students",
	  OPTIONS_STORE | OPTIONS_GRADE, 4 },
	{ "prune", command_prune, "", "remove old reports", OPTIONS_STORE | OPTIONS_PRUNE, 0 },
	{ "backup", command_backup, " FILE", "copy the store while it is in use", OPTIONS_STORE,
	  1 },
};

#define COMMAND_COUNT (sizeof table / sizeof table[0])

static void show_help(const struct command *command, bool named)
{
	cleanup_text struct text out = TEXT_INIT;
	if (!named) {
		text_add(&out, "Collects the reports of nestready.\n\n"
		               "usage: nestready-collector [COMMAND] [OPTION]...\n\n");
		for (size_t i = 0; i < COMMAND_COUNT; i++)
			text_printf(&out, "  %-8s %s\n", table[i].name, table[i].help);
		text_printf(&out, "\nWithout a command it does `%s`:\n\n", table[0].name);
	} else {
		text_printf(&out, "usage: nestready-collector %s%s [OPTION]...\n\n", command->name,
		            command->operand);
	}
	collector_options_help(command->groups, &out);
	fputs(text_string(&out), stdout);
}

static int run(int argc, char *const argv[], struct error *err)
{
	const struct command *command = &table[0];
	struct options options;
	bool named = argc > 1 && argv[1][0] != '-';
	for (size_t i = 0; named && i <= COMMAND_COUNT; i++) {
		if (i == COMMAND_COUNT)
			return error_set(err, ERROR_USAGE, 0,
			                 "unknown command '%.40s': expected serve, token, import, "
			                 "lab, prune or backup",
			                 argv[1]);
		command = &table[i];
		if (strcmp(command->name, argv[1]) == 0)
			break;
	}
	int first = named ? 2 : 1;
	if (collector_options_parse(argc > first ? argc - first : 0, argv + first, command->name,
	                            command->groups, command->operands, &options, err) != 0)
		return -1;
	if (options.version)
		printf("nestready-collector " PACKAGE_VERSION "\n");
	else if (options.help)
		show_help(command, named);
	else if (command->run(&options, err) != 0)
		return -1;
	if (fflush(stdout) != 0)
		return error_set(err, ERROR_INTERNAL, 0, "standard output cannot be written");
	return 0;
}

int main(int argc, char *argv[])
{
	struct error err = ERROR_INIT;
	umask(0077);
	signal(SIGPIPE, SIG_IGN);
	if (run(argc, argv, &err) == 0)
		return 0;
	utf8_sanitize(err.message, strlen(err.message));
	fprintf(stderr, "nestready-collector: %s\n", err.message);
	return err.code == ERROR_NONE ? ERROR_INTERNAL : (int)err.code;
}
