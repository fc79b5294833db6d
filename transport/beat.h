/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A heartbeat in the spool: what is sent in place of a report that would say the same again, a
 * newline, and that report, which goes where the heartbeat is not enough.  Both have one id.
 */
#ifndef NESTREADY_TRANSPORT_BEAT_H
#define NESTREADY_TRANSPORT_BEAT_H

#include "base/text.h"
#include "transport/spool.h"

/* What a heartbeat begins with: who sends it tells it from a report by that alone. */
#define HEARTBEAT_SCHEMA "nestready.heartbeat/1"

/* Whether an entry of the spool is a heartbeat, with or without its report. */
bool beat_is(const struct text *entry);

/* How much of it is the heartbeat. */
size_t beat_length(const struct text *entry);

/* The report that waits with it, as long as the rest of the entry; NULL: none does. */
const char *beat_report(const struct text *entry);

/*
 * The destination has that report now: what was said to it in the same words (transport/said.h)
 * and before is said by this one, so that the next heartbeat stands for it.
 */
void beat_replaced(const struct spool *spool, const char *destination, const struct text *entry);

#endif
