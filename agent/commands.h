/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `nestready` can be told to do.  Each function returns the exit status,
 * or -1 with *err, whose code then is the exit status.
 */
#ifndef NESTREADY_AGENT_COMMANDS_H
#define NESTREADY_AGENT_COMMANDS_H

#include "agent/options.h"
#include "base/error.h"
#include "base/text.h"

int command_check(const struct options *options, struct error *err);
int command_ask(const struct options *options, struct error *err);
int command_mac(const struct options *options, struct error *err);
int command_submit(const struct options *options, struct error *err);
int command_capture(const struct options *options, struct error *err);
int command_import(const struct options *options, struct error *err);
int command_recv(const struct options *options, struct error *err);
int command_probes(const struct options *options, struct error *err);
int command_targets(const struct options *options, struct error *err);
int command_platforms(const struct options *options, struct error *err);
int command_gaps(const struct options *options, struct error *err);
int command_preclone(const struct options *options, struct error *err);
int command_diff(const struct options *options, struct error *err);
int command_explain(const struct options *options, struct error *err);

/* What their --help says besides their options. */
void ask_describe(struct text *out);
void mac_describe(struct text *out);
void import_describe(struct text *out);
void diff_describe(struct text *out);
void preclone_describe(struct text *out);
void recv_describe(struct text *out);

void submit_describe(struct text *out);

#endif
