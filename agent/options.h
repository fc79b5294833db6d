/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line.  One table of options drives reading, help and the
 * messages about what was mistyped; each command says which of them it takes.
 */
#ifndef NESTREADY_AGENT_OPTIONS_H
#define NESTREADY_AGENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

enum option_bit {
	OPTION_TARGET = 1 << 0,
	OPTION_FORMAT = 1 << 1,
	OPTION_OUTPUT = 1 << 2,
	OPTION_SNAPSHOT = 1 << 3,
	OPTION_PASSIVE = 1 << 4,
	OPTION_EVERY_CPU = 1 << 5,
	OPTION_RETRY_RISKY = 1 << 6,
	OPTION_RISKY_L2 = 1 << 7,
	OPTION_ACCEPT = 1 << 8,
	OPTION_TOOL = 1 << 9,
	OPTION_COLOUR = 1 << 10,
	OPTION_NO_REDACT = 1 << 11,
	OPTION_FACTS = 1 << 12,
	OPTION_HELP = 1 << 13, /* these two go with every command */
	OPTION_VERSION = 1 << 14,
	OPTION_FOR = 1 << 15,
	OPTION_NETWORK = 1 << 16, /* all about the test of MAC filtering */
	OPTION_WATCH = 1 << 17,
	OPTION_REPORT = 1 << 18,
	OPTION_SPOOL = 1 << 19,
	OPTION_REPORT_MODE = 1 << 21,
	OPTION_CHALLENGE = 1 << 27,
	OPTION_SUBMIT = 1 << 28,
	OPTION_FROM = 1 << 20, /* what `recv` listens to, and how long */
};

/* What an option that may be repeated was given. */
#define OPTION_WORDS 8

struct words {
	const char *word[OPTION_WORDS];
	size_t count;
};

/* What was typed; NULL or false where nothing was. */
struct options {
	const char *target;
	const char *phase; /* --for */
	const char *format;
	const char *output;
	const char *snapshot;
	const char *accept;
	const char *tool;
	const char *colour;
	const char *spool;
	const char *challenge;
	const char *file;     /* submit */
	const char *ca_file;  /* likewise */
	bool show_sent;       /* likewise */
	struct words reports; /* --report */
	const char *report_mode;
	const char *from;
	bool follow;
	bool passive;
	bool every_cpu;
	bool retry_risky;
	bool risky_l2;
	struct words nics; /* --nic */
	const char *mac_echo;
	const char *mac_spare;
	const char *mac_vlan;
	bool mac_dhcp;
	bool require_network;
	bool watch;
	bool again;   /* `mac --watch`, not for the first time; set by the command */
	bool network; /* `mac`: ask the machine for little else; set by the command */
	bool no_redact;
	bool facts;
	bool help;
	bool version;
	const char *operand; /* the argument that is no option */
	const char *second;  /* a second one */
	const char *program; /* how nestready was called, for advice; set by main */
};

/*
 * Reads the arguments after the command's name.  `command` is for messages,
 * `accepted` the options it takes, `operand` what its argument is called or
 * NULL when it takes none; two words are two arguments.  0, or -1 and a usage error of one line.
 */
int options_parse(int argc, char *const argv[], const char *command, unsigned accepted,
                  const char *operand, struct options *options, struct error *err);

/*
 * The format that a command line names, also one that options_parse refused for
 * something else; NULL when there is none: who reads a format wants its errors
 * in it.
 */
const char *options_format(int argc, char *const argv[]);

/* Help for each of those options, a line each. */
void options_help(unsigned accepted, struct text *out);

#endif
