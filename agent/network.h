/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test of MAC filtering as a part of a check: whether frames may be sent,
 * saying so before they are, and adding to the facts what came of it.
 */
#ifndef NESTREADY_AGENT_NETWORK_H
#define NESTREADY_AGENT_NETWORK_H

#include "agent/options.h"
#include "agent/supervisor.h"

/* Whether the options about it make sense.  0 or -1. */
int network_check_options(const struct options *options, struct error *err);

/* Whether the command line asks for it. */
bool network_is_asked_for(const struct options *options);

/* What the worker is to be told. */
void network_settings(const struct options *options, struct supervisor_options *asking);

/*
 * Tests, where that is asked for or a person looks on and nothing speaks against
 * it, and adds what it found.  Nothing is sent for a script that did not ask.
 * 0 or -1.
 */
int network_test(const struct options *options, bool capture, struct supervision *found,
                 struct error *err);

/* What is being done, on the one line of a terminal that the next call overwrites; nothing
 * elsewhere. */
void network_show_progress(const char *line);

#endif
