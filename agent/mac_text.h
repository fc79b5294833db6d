/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `nestready mac` says of one test. */
#ifndef NESTREADY_AGENT_MAC_TEXT_H
#define NESTREADY_AGENT_MAC_TEXT_H

#include "agent/options.h"
#include "report/report.h"

/*
 * A line an interface: `when`, which is "" or the time, the word and the gap.  With evidence, what
 * it rests on follows, and what may settle it where it is not settled.
 */
void mac_text_nics(const struct options *options, const struct report *report, const char *when,
                   bool evidence, struct text *out);

/* The fix of what stops frames, and of what was seen beside it. */
void mac_text_advice(const struct options *options, const struct report *report, struct text *out);

#endif
