/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a table of a whole lab needs of one student, worked out when a report comes in: points, and
 * of each report what nobody else's may have.  Findings and their reasons are ten times that much,
 * and only the students on the page need them.
 *
 *   lab-sum   NAME/STUDENT   {"lab": VERSION, "points", "open", "counts" (collector/grade.h),
 *                             "said": [attempts, l2.long-mode their only finding]}
 *
 * It is written in the transaction that changes what it is made of, and a report that came in last
 * is added to it: of the others nothing is read.  One that is of another version of the lab, or not
 * there (a store of a collector that kept none), is made anew by whoever reads it, until the
 * student's next report, lab_sums_renew or a collector that was asked for it (lab_renewal.h) wrote
 * it.
 */
#ifndef NESTREADY_COLLECTOR_LAB_SUM_H
#define NESTREADY_COLLECTOR_LAB_SUM_H

#include "collector/documents.h"
#include "collector/lab.h"

/* Everything that is kept of one student's reports; a new value. */
int lab_attempts(struct store *store, const char *lab, const char *student, json_t **attempts,
                 struct error *err);

/* What was set by hand for one student; NULL for nothing. */
int lab_overrides(struct store *store, const char *lab, const char *student, json_t **overrides,
                  struct error *err);

/* A new value; NULL on lack of memory. */
json_t *lab_sum_of(const struct lab *lab, const json_t *attempts, const json_t *overrides);

/*
 * Makes a change together with the sum that follows from it: `attempt` is added to what is kept,
 * `overrides` (when not NULL) replaces it.  *done as in documents_put.
 */
int lab_sum_change(struct store *store, const struct lab *lab, const char *student,
                   const struct document_change *change, json_t *attempt, const json_t *overrides,
                   const struct store_audit *audit, int64_t now, bool *done, struct error *err);

/*
 * Makes those that are not there or of another lab, of LAB_SUMS_BROUGHT_UP students from `first`
 * on.  One that somebody else wrote meanwhile is theirs.
 */
int lab_sums_bring_up(struct store *store, const struct lab *lab, size_t first, int64_t now,
                      struct error *err);

/* Of three reports each the writer needs 20 ms for them: nobody waits long behind that. */
#define LAB_SUMS_BROUGHT_UP 25

/* After a change of the lab: sums of all students, as long as nobody changes it again. */
int lab_sums_renew(struct store *store, const struct lab *lab, int64_t now, struct error *err);

#endif
