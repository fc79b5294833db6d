/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of formats: a format is its own file and one line here. */
#include <string.h>

#include "report/report.h"

extern const struct format format_code;
extern const struct format format_console;
extern const struct format format_facts;
extern const struct format format_json;
extern const struct format format_junit;
extern const struct format format_nagios;
extern const struct format format_openmetrics;
extern const struct format format_summary;
extern const struct format format_tap;
extern const struct format format_text;

const struct format *const format_table[] = {
	&format_text,  &format_json, &format_summary, &format_code,        &format_console,
	&format_junit, &format_tap,  &format_nagios,  &format_openmetrics, &format_facts,
	NULL
};

const struct format *format_find(const char *name)
{
	for (size_t i = 0; format_table[i] != NULL; i++) {
		if (strcmp(format_table[i]->name, name) == 0)
			return format_table[i];
	}
	return NULL;
}
