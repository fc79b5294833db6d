/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of options, and the reading of a command line by it. */
#include "agent/options.h"

#include <stdio.h>
#include <string.h>

#include "agent/choice.h"
#include "agent/known.h"
#include "report/page.h"

#define COLUMNS 80

/* The words of an array that ends with NULL. */
static const char *array_at(const void *context, size_t index)
{
	return ((const char *const *)context)[index];
}

static const struct choice acceptable = { array_at, (const char *const[]){ "degraded", NULL } };
static const struct choice phases = { array_at, (const char *const[]){ "install", "run", NULL } };
static const struct choice modes = { array_at,
	                             (const char *const[]){ "all", "changes", "auto", NULL } };
static const struct choice colours = { array_at,
	                               (const char *const[]){ "auto", "always", "never", NULL } };

#define PLACE(member) offsetof(struct options, member)

/* Without an argument the option is a flag.  `choice` is the set its argument must be in. */
static const struct option {
	enum option_bit bit;
	char letter;
	const char *name;
	const char *argument;
	const char *help;
	size_t offset; /* in struct options: of a const char *, or of a bool for a flag */
	const struct choice *choice;
	const char *lister;
} option_table[] = {
	{ OPTION_TARGET, 't', "target", "TARGET", "the hypervisor that is to run in this guest",
	  PLACE(target), &known_targets, "`nestready targets`" },
	{ OPTION_FOR, '\0', "for", "PHASE", "judge only what matters then", PLACE(phase), &phases,
	  NULL },
	{ OPTION_FORMAT, 'f', "format", "FORMAT", "how to print", PLACE(format), &known_formats,
	  NULL },
	{ OPTION_OUTPUT, 'o', "output", "FILE", "write there instead of standard output",
	  PLACE(output), NULL, NULL },
	{ OPTION_SNAPSHOT, 's', "snapshot", "FILE", "judge a recorded machine instead of this one",
	  PLACE(snapshot), NULL, NULL },
	{ OPTION_PASSIVE, 'p', "passive", NULL, "run no VM and send nothing: look only",
	  PLACE(passive), NULL, NULL },
	{ OPTION_EVERY_CPU, '\0', "every-cpu", NULL, "run the test VM on each CPU",
	  PLACE(every_cpu), NULL, NULL },
	{ OPTION_RETRY_RISKY, '\0', "retry-risky", NULL,
	  "ask again what an earlier boot did not survive", PLACE(retry_risky), NULL, NULL },
	{ OPTION_RISKY_L2, '\0', "risky-l2", NULL,
	  "run a VM even where that may kill this guest (Xen)", PLACE(risky_l2), NULL, NULL },
	{ OPTION_NETWORK, '\0', "nic", "IFACE", "test the network over this interface; repeatable",
	  PLACE(nics), NULL, NULL },
	{ OPTION_NETWORK, '\0', "mac-echo", "IP", "ping this address instead of the gateway",
	  PLACE(mac_echo), NULL, NULL },
	{ OPTION_NETWORK, '\0', "mac-spare-ip", "IP", "test as a VM with this unused address",
	  PLACE(mac_spare), NULL, NULL },
	{ OPTION_NETWORK, '\0', "mac-dhcp", NULL, "test as a VM that asks DHCP for an address",
	  PLACE(mac_dhcp), NULL, NULL },
	{ OPTION_NETWORK, '\0', "vlan", "ID", "ask the gateway in this VLAN, too", PLACE(mac_vlan),
	  NULL, NULL },
	{ OPTION_NETWORK, '\0', "require-network", NULL,
	  "not ready unless VMs reach the network with their own MAC", PLACE(require_network), NULL,
	  NULL },
	{ OPTION_WATCH, '\0', "watch", NULL, "repeat until the network is open", PLACE(watch), NULL,
	  NULL },
	{ OPTION_ACCEPT, '\0', "accept", "VERDICT", "a verdict that exits with 0 too",
	  PLACE(accept), &acceptable, NULL },
	{ OPTION_TOOL, '\0', "tool", "TOOL", "give fixes as commands of this tool", PLACE(tool),
	  &known_tools, "`nestready platforms`" },
	{ OPTION_REPORT, '\0', "report", "PLACE", "send the report there, too; repeatable",
	  PLACE(reports), NULL, NULL },
	{ OPTION_REPORT_MODE, '\0', "report-mode", "MODE", "what collectors get",
	  PLACE(report_mode), &modes, NULL },
	{ OPTION_SPOOL, '\0', "spool", "DIRECTORY", "where reports wait to be sent", PLACE(spool),
	  NULL, NULL },
	{ OPTION_FROM, '\0', "from", "SOURCE", "where the reports come in", PLACE(from), NULL,
	  NULL },
	{ OPTION_FROM, '\0', "follow", NULL, "wait for more when SOURCE ends", PLACE(follow), NULL,
	  NULL },
	{ OPTION_CHALLENGE, '\0', "challenge", "HEX",
	  "what the test VM has to transform, 24 digits", PLACE(challenge), NULL, NULL },
	{ OPTION_SUBMIT, '\0', "file", "OUT", "send nothing: write a signed file to upload by hand",
	  PLACE(file), NULL, NULL },
	{ OPTION_SUBMIT, '\0', "ca-file", "FILE", "trust these certificates instead (PEM)",
	  PLACE(ca_file), NULL, NULL },
	{ OPTION_SUBMIT, '\0', "show-sent", NULL, "print what is sent, byte for byte",
	  PLACE(show_sent), NULL, NULL },
	{ OPTION_COLOUR, '\0', "colour", "WHEN", "when to colour", PLACE(colour), &colours, NULL },
	{ OPTION_NO_REDACT, '\0', "no-redact", NULL, "keep serial numbers, addresses and names",
	  PLACE(no_redact), NULL, NULL },
	{ OPTION_FACTS, '\0', "facts", NULL, "list the facts of each probe too", PLACE(facts), NULL,
	  NULL },
	{ OPTION_HELP, 'h', "help", NULL, "show this help", PLACE(help), NULL, NULL },
	{ OPTION_VERSION, '\0', "version", NULL, "show the version", PLACE(version), NULL, NULL },
};

#define OPTION_COUNT (sizeof option_table / sizeof option_table[0])

static const char *option_name_at(const void *context, size_t index)
{
	(void)context;
	return index < OPTION_COUNT ? option_table[index].name : NULL;
}

static const struct choice option_names = { option_name_at, NULL };

static const struct option *find_name(const char *name, size_t length)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (strncmp(option_table[i].name, name, length) == 0 &&
		    option_table[i].name[length] == '\0')
			return &option_table[i];
	}
	return NULL;
}

static const struct option *find_letter(char letter)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (option_table[i].letter == letter && letter != '\0')
			return &option_table[i];
	}
	return NULL;
}

/* Puts the option into place.  `value` is NULL for a flag. */
static int store(const struct option *option, const char *value, struct options *options,
                 struct error *err)
{
	char *place = (char *)options + option->offset;
	if (option->argument == NULL) {
		*(bool *)(void *)place = true;
		return 0;
	}
	if (option->choice != NULL && !choice_has(option->choice, value))
		return choice_unknown(err, option->name, value, option->choice, option->lister);
	if (value[0] == '\0')
		return error_set(err, ERROR_USAGE, 0, "--%s: its %s is empty", option->name,
		                 option->argument);
	if (option->offset != PLACE(nics) && option->offset != PLACE(reports)) {
		*(const char **)(void *)place = value;
		return 0;
	}
	struct words *words = (struct words *)(void *)place;
	if (words->count == OPTION_WORDS)
		return error_set(err, ERROR_USAGE, 0, "--%s: more than %d of them", option->name,
		                 OPTION_WORDS);
	words->word[words->count++] = value;
	return 0;
}

/*
 * Finds the option of the argument at argv[0] and, in *value, what is attached
 * to it (NULL when nothing is).
 */
static const struct option *recognise(const char *argument, const char **value, struct error *err)
{
	const struct option *option;
	*value = NULL;
	if (argument[1] == '-') {
		const char *name = argument + 2;
		size_t length = strcspn(name, "=");
		option = find_name(name, length);
		if (name[length] == '=')
			*value = name + length + 1;
		if (option == NULL) {
			char word[41] = "";
			strncat(word, name, length < 40 ? length : 40);
			choice_unknown(err, "option", word, &option_names, "`nestready --help`");
		}
		return option;
	}
	option = find_letter(argument[1]);
	if (option == NULL)
		error_set(err, ERROR_USAGE, 0,
		          "unknown option '%.2s': `nestready --help` lists what there is",
		          argument);
	else if (argument[2] != '\0')
		*value = argument + 2;
	return option;
}

/* Reads the option at argv[0].  Returns how many arguments it took, or -1. */
static int parse_option(int argc, char *const argv[], const char *command, unsigned accepted,
                        struct options *options, struct error *err)
{
	const char *value;
	const struct option *option = recognise(argv[0], &value, err);
	if (option == NULL)
		return -1;
	if ((option->bit & (accepted | OPTION_HELP | OPTION_VERSION)) == 0)
		return error_set(err, ERROR_USAGE, 0,
		                 "`%s` takes no --%s: `nestready %s --help` lists what it takes",
		                 command, option->name, command);
	if (option->argument == NULL && value != NULL)
		return error_set(err, ERROR_USAGE, 0, "--%s takes no value", option->name);
	if (option->argument == NULL || value != NULL)
		return store(option, value, options, err) == 0 ? 1 : -1;
	if (argc < 2)
		return error_set(err, ERROR_USAGE, 0, "--%s needs a value: --%s %s", option->name,
		                 option->name, option->argument);
	return store(option, argv[1], options, err) == 0 ? 2 : -1;
}

static int parse_operand(const char *word, const char *command, const char *operand,
                         struct options *options, struct error *err)
{
	if (operand == NULL)
		return error_set(err, ERROR_USAGE, 0,
		                 "`%s` takes no argument, and '%.40s' is one: "
		                 "`nestready help` shows what can be typed",
		                 command, word);
	bool two = strchr(operand, ' ') != NULL;
	if (options->operand == NULL)
		options->operand = word;
	else if (two && options->second == NULL)
		options->second = word;
	else
		return error_set(err, ERROR_USAGE, 0, "`%s` takes %s%s: '%.40s' is one too many",
		                 command, two ? "" : "one ", operand, word);
	return 0;
}

int options_parse(int argc, char *const argv[], const char *command, unsigned accepted,
                  const char *operand, struct options *options, struct error *err)
{
	bool only_operands = false;
	*options = (struct options){ 0 };
	for (int i = 0; i < argc;) {
		int took = 1;
		if (!only_operands && strcmp(argv[i], "--") == 0)
			only_operands = true;
		else if (!only_operands && argv[i][0] == '-' && argv[i][1] != '\0')
			took = parse_option(argc - i, argv + i, command, accepted, options, err);
		else if (parse_operand(argv[i], command, operand, options, err) != 0)
			took = -1;
		if (took < 0)
			return -1;
		i += took;
	}
	return 0;
}

const char *options_format(int argc, char *const argv[])
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *value = NULL;
		const struct option *option = NULL;
		if (argv[i][0] == '-' && argv[i][1] != '\0')
			option = recognise(argv[i], &value, NULL);
		if (option == NULL || option->argument == NULL)
			continue;
		if (value == NULL && i + 1 < argc)
			value = argv[++i];
		if (option->bit == OPTION_FORMAT)
			return value;
	}
	return NULL;
}

void options_help(unsigned accepted, struct text *out)
{
	const struct page page = { .out = out, .columns = COLUMNS };
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &option_table[i];
		if ((option->bit & (accepted | OPTION_HELP | OPTION_VERSION)) == 0)
			continue;
		char left[40], lead[48];
		cleanup_text struct text help = TEXT_INIT;
		snprintf(left, sizeof left, "%c%c%c --%s%s%s", option->letter == '\0' ? ' ' : '-',
		         option->letter == '\0' ? ' ' : option->letter,
		         option->letter == '\0' ? ' ' : ',', option->name,
		         option->argument == NULL ? "" : " ",
		         option->argument == NULL ? "" : option->argument);
		snprintf(lead, sizeof lead, "  %-24s ", left);
		text_add(&help, option->help);
		if (option->choice != NULL && option->lister == NULL)
			choice_list(option->choice, ": ", &help);
		page_wrap(&page, PAGE_PLAIN, lead, (unsigned)strlen(lead), text_string(&help));
		out->failed = out->failed || help.failed;
	}
}
