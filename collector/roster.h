/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is in a lab: a CSV file whose first row names its columns.  `student` is
 * what a student is known by, `name` is for people, `guest` the system UUID or
 * host name of that student's VM as its reports say, `token` the id of a token
 * that the student's guest sends with.  The last three may be left out.  Pure.
 */
#ifndef NESTREADY_COLLECTOR_ROSTER_H
#define NESTREADY_COLLECTOR_ROSTER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

#define ROSTER_STUDENT_MAX 60 /* bytes: it stands in paths */
#define ROSTER_NAME_MAX    200

/*
 * A new array of {"student", "name"?, "guest"?, "token"?}, in the order of the file; NULL and *err,
 * which names line and column.  No two rows have a student, a guest or a token in common.
 */
json_t *roster_read(const char *bytes, size_t length, struct error *err);

/* Whether a word may name a student: UTF-8 without control characters and without "/". */
bool roster_is_student(const char *word);

#endif
