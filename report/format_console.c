/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The summary, and as its last line what the QR code beside it is to hold: the
 * boot image shows both, and to ask the machine twice takes half as long again.
 */
#include "report/report.h"

static void write_console(const struct report *report, const struct format_options *options,
                          struct text *out)
{
	format_find("summary")->write(report, options, out);
	format_find("code")->write(report, options, out);
}

const struct format format_console = { .name = "console",
	                               .help = "the summary, and the code as its last line",
	                               .write = write_console };
