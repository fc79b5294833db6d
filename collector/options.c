/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table: what is taken, what it may be, what help says, and the default. */
#include "collector/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#define STORE_DEFAULT "sqlite:" STATEDIR "/collector.db"

#define PLACE(member) offsetof(struct options, member)

enum kind { KIND_TEXT, KIND_NUMBER, KIND_FLAG };

static const struct option {
	const char *name;
	enum kind kind;
	unsigned groups;
	const char *argument;
	const char *text;             /* the default of a text */
	unsigned least, most, number; /* bounds and default of a number */
	size_t offset;
	const char *help;
} table[] = {
	{ "listen", KIND_TEXT, OPTIONS_SERVE, "ADDRESS:PORT", "127.0.0.1:8673", 0, 0, 0,
	  PLACE(settings.listen), "where to listen" },
	{ "store", KIND_TEXT, OPTIONS_STORE, "URL", STORE_DEFAULT, 0, 0, 0, PLACE(settings.store),
	  "where reports are kept: " STORE_FORMS },
	{ "tls-cert", KIND_TEXT, OPTIONS_SERVE, "FILE", NULL, 0, 0, 0,
	  PLACE(settings.tls_certificate), "certificate chain (PEM)" },
	{ "tls-key", KIND_TEXT, OPTIONS_SERVE, "FILE", NULL, 0, 0, 0, PLACE(settings.tls_key),
	  "its key (PEM)" },
	{ "insecure", KIND_FLAG, OPTIONS_SERVE, NULL, NULL, 0, 0, 0, PLACE(settings.insecure),
	  "serve others without TLS or tokens" },
	{ "body-max", KIND_NUMBER, OPTIONS_SERVE, "BYTES", NULL, 1024, 16 << 20, 256 << 10,
	  PLACE(settings.body_max), "the largest report" },
	{ "queue-max", KIND_NUMBER, OPTIONS_SERVE, "N", NULL, 1, 1 << 20, 4096,
	  PLACE(settings.queue_max), "reports that may wait for the disk" },
	{ "connections-max", KIND_NUMBER, OPTIONS_SERVE, "N", NULL, 1, 1 << 16, 4000,
	  PLACE(settings.connections_max), "connections at once" },
	{ "connections-per-address", KIND_NUMBER, OPTIONS_SERVE, "N", NULL, 1, 1 << 16, 256,
	  PLACE(settings.connections_per_address), "of them from one address" },
	{ "header-ms", KIND_NUMBER, OPTIONS_SERVE, "MS", NULL, 10, 3600000, 10000,
	  PLACE(settings.header_ms), "time for the headers of a request, waiting for it included" },
	{ "body-ms", KIND_NUMBER, OPTIONS_SERVE, "MS", NULL, 10, 3600000, 30000,
	  PLACE(settings.body_ms), "time for its body" },
	{ "stale", KIND_NUMBER, OPTIONS_SERVE, "SECONDS", NULL, 1, 1 << 30, 2 * 86400,
	  PLACE(settings.stale_s), "a guest that was not heard of for so long is stale" },
	{ "webhook", KIND_TEXT, OPTIONS_SERVE, "URL", NULL, 0, 0, 0, PLACE(settings.webhook),
	  "told when a guest loses or gains readiness" },
	{ "webhook-secret", KIND_TEXT, OPTIONS_SERVE, "FILE", NULL, 0, 0, 0,
	  PLACE(settings.webhook_secret), "its first line signs what is told" },
	{ "settle", KIND_NUMBER, OPTIONS_SERVE, "SECONDS", NULL, 0, 1 << 30, 600,
	  PLACE(settings.settle_s), "how long readiness has to be lost or gained to be told" },
	{ "scope", KIND_TEXT, OPTIONS_TOKEN, "SCOPE", NULL, 0, 0, 0, PLACE(scope),
	  "enrol (send reports), read or admin" },
	{ "guest", KIND_TEXT, OPTIONS_TOKEN, "NAME", "", 0, 0, 0, PLACE(name),
	  "the only guest it may report for: its system UUID, or its host name if it has none" },
	{ "lab", KIND_TEXT, OPTIONS_TOKEN | OPTIONS_LAB, "NAME", "", 0, 0, 0, PLACE(lab),
	  "the lab that reports go to" },
	{ "note", KIND_TEXT, OPTIONS_TOKEN | OPTIONS_GRADE, "TEXT", "", 0, 0, 0, PLACE(note),
	  "for who reads it later" },
	{ "roster", KIND_TEXT, OPTIONS_GRADE, "FILE", NULL, 0, 0, 0, PLACE(roster),
	  "who is in it: CSV with the columns student, name, guest, token" },
	{ "rubric", KIND_TEXT, OPTIONS_GRADE, "FILE", NULL, 0, 0, 0, PLACE(rubric),
	  "what is graded: JSON after schema/rubric.schema.json" },
	{ "url", KIND_TEXT, OPTIONS_GRADE, "URL", NULL, 0, 0, 0, PLACE(url),
	  "print the command of each student for this collector, too" },
	{ "format", KIND_TEXT, OPTIONS_GRADE, "FORMAT", NULL, 0, 0, 0, PLACE(format),
	  "csv (without it), junit or json" },
	{ "points", KIND_TEXT, OPTIONS_GRADE, "N", NULL, 0, 0, 0, PLACE(points),
	  "what an item is worth after all" },
	{ "excused", KIND_FLAG, OPTIONS_GRADE, NULL, NULL, 0, 0, 0, PLACE(excused),
	  "it does not count for this student" },
	{ "clear", KIND_FLAG, OPTIONS_GRADE, NULL, NULL, 0, 0, 0, PLACE(clear),
	  "take back what was set by hand" },
	{ "older-than", KIND_NUMBER, OPTIONS_PRUNE, "DAYS", NULL, 0, 36500, 0, PLACE(days),
	  "remove reports that came in before that" },
	{ "help", KIND_FLAG, ~0u, NULL, NULL, 0, 0, 0, PLACE(help), "show this help" },
	{ "version", KIND_FLAG, ~0u, NULL, NULL, 0, 0, 0, PLACE(version), "show the version" },
};

#define OPTION_COUNT (sizeof table / sizeof table[0])

static void *place_of(const struct option *option, struct options *options)
{
	return (char *)options + option->offset;
}

static void set_defaults(struct options *options)
{
	memset(options, 0, sizeof *options);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (table[i].kind == KIND_TEXT)
			*(const char **)place_of(&table[i], options) = table[i].text;
		else if (table[i].kind == KIND_NUMBER)
			*(unsigned *)place_of(&table[i], options) = table[i].number;
	}
}

static int store(const struct option *option, const char *value, struct options *options,
                 struct error *err)
{
	if (option->kind == KIND_TEXT) {
		if (value[0] == '\0')
			return error_set(err, ERROR_USAGE, 0, "--%s: its %s is empty", option->name,
			                 option->argument);
		*(const char **)place_of(option, options) = value;
		return 0;
	}
	char *end;
	errno = 0;
	unsigned long number = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 ||
	    number < option->least || number > option->most)
		return error_set(err, ERROR_USAGE, 0, "--%s %.40s: expected %u to %u", option->name,
		                 value, option->least, option->most);
	*(unsigned *)place_of(option, options) = (unsigned)number;
	return 0;
}

static const struct option *find(const char *name, size_t length, unsigned groups)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if ((table[i].groups & groups) != 0 && strncmp(table[i].name, name, length) == 0 &&
		    table[i].name[length] == '\0')
			return &table[i];
	}
	return NULL;
}

/* How many arguments it took, or -1. */
static int parse_option(int argc, char *const argv[], const char *command, unsigned groups,
                        struct options *options, struct error *err)
{
	const char *name = argv[0] + 2;
	size_t length = strcspn(name, "=");
	const char *value = name[length] == '=' ? name + length + 1 : NULL;
	const struct option *option =
	        strncmp(argv[0], "--", 2) == 0 ? find(name, length, groups) : NULL;
	if (option == NULL)
		return error_set(err, ERROR_USAGE, 0,
		                 "`%s` takes no %.40s: `nestready-collector %s --help` lists what "
		                 "it takes",
		                 command, argv[0], command);
	if (option->kind == KIND_FLAG) {
		if (value != NULL)
			return error_set(err, ERROR_USAGE, 0, "--%s takes no value", option->name);
		*(bool *)place_of(option, options) = true;
		return 1;
	}
	if (value != NULL)
		return store(option, value, options, err) == 0 ? 1 : -1;
	if (argc < 2)
		return error_set(err, ERROR_USAGE, 0, "--%s needs a value: --%s %s", option->name,
		                 option->name, option->argument);
	return store(option, argv[1], options, err) == 0 ? 2 : -1;
}

int collector_options_parse(int argc, char *const argv[], const char *command, unsigned groups,
                            unsigned operands, struct options *options, struct error *err)
{
	set_defaults(options);
	while (argc > 0) {
		int taken = 1;
		if (argv[0][0] == '-' && argv[0][1] != '\0')
			taken = parse_option(argc, argv, command, groups | 1u << 31, options, err);
		else if (options->operand_count < operands)
			options->operands[options->operand_count++] = argv[0];
		else
			taken = error_set(err, ERROR_USAGE, 0,
			                  "`%s`: '%.40s' is one argument too many", command,
			                  argv[0]);
		if (taken < 0)
			return -1;
		argc -= taken;
		argv += taken;
	}
	if ((options->settings.tls_certificate == NULL) != (options->settings.tls_key == NULL))
		return error_set(err, ERROR_USAGE, 0, "--tls-cert and --tls-key need each other");
	return 0;
}

void collector_options_help(unsigned groups, struct text *out)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &table[i];
		if ((option->groups & (groups | 1u << 31)) == 0)
			continue;
		char left[48];
		snprintf(left, sizeof left, "--%s %s", option->name,
		         option->argument == NULL ? "" : option->argument);
		text_printf(out, "  %-32s %s", left, option->help);
		if (option->kind == KIND_NUMBER && option->number != 0)
			text_printf(out, " (%u)", option->number);
		else if (option->text != NULL && option->text[0] != '\0')
			text_printf(out, " (%s)", option->text);
		text_add(out, "\n");
	}
}
