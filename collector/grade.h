/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks: a rubric, the attempts of a student and what a grader set by hand, to
 * points and reasons.  Pure, and without a clock: graded again, the answer is
 * the same.  Points are counted in hundredths, so that nothing is rounded twice.
 */
#ifndef NESTREADY_COLLECTOR_GRADE_H
#define NESTREADY_COLLECTOR_GRADE_H

#include <jansson.h>
#include <stdint.h>

/*
 * `attempts`: an array, in any order; `overrides`: ITEM -> {"points" or "excused": true, "note",
 * "who"}, or NULL.  A new value:
 * {"points", "possible", "items": [{"id", "title", "target", "state", "points", "possible",
 *   "reason", "gap"?, "fix"?, "report"?, "received"?, "override"?}],
 *  "attempts", "platform"?, "guest"?, "last_seen"?}
 * States are met, late (met, and received after the deadline), not-met, unknown, excused (it does
 * not count) and not-received.  NULL on lack of memory.
 */
json_t *grade(const json_t *rubric, const json_t *attempts, const json_t *overrides);

/*
 * What counts of each item before anything is set by hand: [[STATE, hundredths]], in the rubric's
 * order.  `before`: the same of attempts that all came in before these, or NULL.
 */
json_t *grade_counts(const json_t *rubric, const json_t *attempts, const json_t *before);

/* {"points", "open" (an item could bring more)} of that. */
json_t *grade_sum(const json_t *rubric, const json_t *counts, const json_t *overrides);

/* Hundredths as a number of JSON. */
json_t *grade_number(int64_t hundredths);

/* The sum of the points of all items. */
int64_t grade_possible(const json_t *rubric);

#endif
