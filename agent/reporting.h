/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `--report`: what becomes of a report besides being printed.  It is written
 * to files at once, and spooled for everything that is farther away; nothing
 * is sent from here, and no verdict waits for it.
 */
#ifndef NESTREADY_AGENT_REPORTING_H
#define NESTREADY_AGENT_REPORTING_H

#include "agent/options.h"
#include "base/error.h"
#include "report/report.h"

struct reporting {
	int standard_output; /* kept open for stdout:, as printing closes the other; -1: not */
};

/* Before anything is asked: whether the places make sense.  0 or -1, a usage error. */
int reporting_prepare(const struct options *options, struct reporting *reporting,
                      struct error *err);

/*
 * After the answer was printed: each place, also when one before it failed.
 * 0; or -1 and the first error.
 */
int reporting_deliver(const struct options *options, struct reporting *reporting,
                      struct report *report, struct error *err);

/*
 * A report of another machine, to each place as its bytes came; `line` is what
 * standard output gets of it.  0; or -1 and the first error.
 */
int reporting_forward(const struct options *options, struct reporting *reporting, const char *id,
                      const struct text *body, const struct text *line, struct error *err);

/* After the last report that was forwarded. */
void reporting_end(struct reporting *reporting);

void reporting_describe(struct text *out);

#endif
