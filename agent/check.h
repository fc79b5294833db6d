/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questioning a machine as the command line says; what check and capture have in common. */
#ifndef NESTREADY_AGENT_CHECK_H
#define NESTREADY_AGENT_CHECK_H

#include "agent/options.h"
#include "agent/supervisor.h"
#include "base/error.h"
#include "base/text.h"

/*
 * Runs the probes on this machine, or on options->snapshot, and tells standard
 * error of accidents.  0 or -1.  *result is to be cleared in either case, once
 * the answer was printed.
 */
int check_ask(const struct options *options, bool capture, struct supervision *result,
              struct error *err);

/* The same on a snapshot that was read already; options->snapshot is its name. */
int check_ask_bytes(const struct options *options, const struct text *bytes,
                    struct supervision *result, struct error *err);

/* Runs these probes (ids with commas between) on this machine. */
int check_ask_probes(const struct options *options, const char *only, struct supervision *result,
                     struct error *err);

/* Colour by default only where a person looks on (https://no-color.org). */
bool check_wants_colour(const struct options *options, bool terminal);

/*
 * Judges what was found, which moves into the report; the report is to be
 * cleared in either case.  Without options->target the default is taken.
 */
int check_judge(const struct options *options, struct supervision *found, struct report *report,
                struct error *err);

/* Prints the report as the command line says.  The exit status, or -1. */
int check_print(const struct options *options, const struct report *report, struct error *err);

#endif
