/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collector's command line. */
#ifndef NESTREADY_COLLECTOR_OPTIONS_H
#define NESTREADY_COLLECTOR_OPTIONS_H

#include "base/error.h"
#include "base/text.h"
#include "collector/settings.h"

/* Which options a command takes. */
enum option_group {
	OPTIONS_STORE = 1,
	OPTIONS_SERVE = 2,
	OPTIONS_TOKEN = 4,
	OPTIONS_LAB = 8,
	OPTIONS_PRUNE = 16,
	OPTIONS_GRADE = 1 << 10, /* of `lab` */
};

#define OPTIONS_OPERANDS_MAX 4

struct options {
	struct settings settings;
	const char *scope, *name, *lab, *note;               /* of a token */
	unsigned days;                                       /* for prune */
	const char *roster, *rubric, *format, *url, *points; /* of `lab` */
	bool excused, clear;
	const char *operands[OPTIONS_OPERANDS_MAX];
	unsigned operand_count;
	bool help, version;
};

/* 0; or -1 and *err, ERROR_USAGE. */
int collector_options_parse(int argc, char *const argv[], const char *command, unsigned groups,
                            unsigned operands, struct options *options, struct error *err);

/* Adds a line for each option of these groups. */
void collector_options_help(unsigned groups, struct text *out);

#endif
