/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of `nestready submit --file`: a report with a signature that takes the
 * student's code.  A right one says that who wrote the file had the code, and
 * nothing about where or when the report was made.
 */
#ifndef NESTREADY_COLLECTOR_SUBMISSION_H
#define NESTREADY_COLLECTOR_SUBMISSION_H

#include <stdbool.h>

#include "base/enrolment.h"
#include "collector/roster.h"
#include "collector/store.h"

struct submission {
	char lab[ENROLMENT_LAB_SIZE];
	char student[ROSTER_STUDENT_MAX + 1];
	char *report; /* to be freed */
	size_t length;
};

/*
 * Reads a file if it is one.  *is_one false: it is none, and nothing else was done.  0; or -1 and
 * *err, ERROR_BAD_INPUT: what is wrong with it.
 */
int submission_read(struct store *store, const char *bytes, size_t length,
                    struct submission *submission, bool *is_one, struct error *err);

#endif
