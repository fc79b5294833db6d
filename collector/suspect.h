/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two students' reports have in common that two machines cannot have, and
 * reports that do not answer their challenge.  A hint to a grader, never a
 * mark: a clone is not a cheat, and who writes reports by hand can avoid all of
 * this.  Pure.
 */
#ifndef NESTREADY_COLLECTOR_SUSPECT_H
#define NESTREADY_COLLECTOR_SUSPECT_H

#include <jansson.h>

#define SUSPECT_NAMED 8

/*
 * `attempts`: STUDENT -> array of attempts; `challenges`: STUDENT -> array of {"nonce", "time"}.
 * A new value: STUDENT -> array of {"flag", "what" (for people), "report", "with": [STUDENT]}, for
 * those who have any.  What is shared names SUSPECT_NAMED others at most, and "more" says how many
 * there are at least besides.  NULL on lack of memory.
 *
 * Flags: same-report, same-evidence, same-timing, same-system-uuid, same-machine-id, same-mac;
 * no-challenge, other-challenge, wrong-answer, challenge-used-again, older-than-challenge;
 * recording.
 */
json_t *suspect(const json_t *attempts, const json_t *challenges);

#endif
