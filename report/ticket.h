/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the owner of a guest pastes to whoever runs the platform underneath it. */
#ifndef NESTREADY_REPORT_TICKET_H
#define NESTREADY_REPORT_TICKET_H

#include "report/report.h"

struct ticket_options {
	/* tool, root, program and again are looked at; `again` is the command that verifies */
	const struct format_options *format;
	bool redacted; /* names and UUIDs of the report are stand-ins */
};

/* Plain text of 72 columns but for commands; its last line is the command that verifies. */
void ticket_write(const struct report *report, const struct ticket_options *options,
                  struct text *out);

#endif
