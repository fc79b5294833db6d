/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A student's report, boiled down to what grading and comparing need.  It is
 * kept beside the report, so that marks can be worked out again long after the
 * report itself was pruned.  Pure.
 */
#ifndef NESTREADY_COLLECTOR_ATTEMPT_H
#define NESTREADY_COLLECTOR_ATTEMPT_H

#include <jansson.h>
#include <stdint.h>

/*
 * {"report", "time", "received" (both in milliseconds since 1970), "guest", "platform", "target",
 * "verdict", "basis", "challenge": {"nonce", "answer"}?,
 * "same": {WHAT: [WORD]}            what no two machines have in common
 * "findings": {ID: "pass" or {"outcome", "severity"?, "gap"?, "why"?, "fix"?}}}
 * of a report that shape_report was held against.  NULL on lack of memory.
 */
json_t *attempt_make(const json_t *report, const char *guest, int64_t time, int64_t received);

/* In the order in which they came in: less than 0, 0 (the same one) or more. */
int attempt_compare(const json_t *a, const json_t *b);

/* The outcome of a finding of an attempt; "" for none. */
const char *attempt_outcome(const json_t *attempt, const char *finding);

#endif
