/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an answer of the machine to a fact.  What could not be answered is
 * passed on with its status and its reason, never reworded.
 */
#ifndef NESTREADY_PROBES_RELAY_H
#define NESTREADY_PROBES_RELAY_H

#include "machine/machine.h"
#include "report/fact.h"

/* The fact shares the fate of an answer that is not `observed`. */
void relay_none(struct fact_sink *sink, const char *key, const struct answer *answer,
                const char *source);

/* A file of one line: its text without the white space around it; `absent` when nothing is left. */
void relay_line(struct fact_sink *sink, const char *key, const struct answer *answer,
                const char *source);

/* Whether the thing that was asked for is there: true, false, or why that is not known. */
void relay_presence(struct fact_sink *sink, const char *key, const struct answer *answer,
                    const char *source);

#endif
