/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The five words in which every answer of the machine, and every fact made
 * from it, says how it was come by.  Permission is data, not an exception.
 */
#ifndef NESTREADY_BASE_STATUS_H
#define NESTREADY_BASE_STATUS_H

#include <stdbool.h>

enum status {
	STATUS_OBSERVED, /* the machine answered; there is a value */
	STATUS_ABSENT,   /* the machine answered that there is no such thing */
	STATUS_DENIED,   /* the machine refused: rights, lockdown, sandbox */
	STATUS_FAILED,   /* asked and allowed, but the answer was an error */
	STATUS_SKIPPED,  /* deliberately not asked, or not in the recording */
};

#define STATUS_COUNT 5

/* The lower-case word used in every format; never NULL. */
const char *status_name(enum status status);

/* Reads such a word.  False, and *status untouched, when it is none. */
bool status_parse(const char *word, enum status *status);

/*
 * The status that an errno of a read stands for: ENOENT, ENODEV, ENXIO and
 * ENOTDIR are `absent`, EACCES and EPERM `denied`, everything else `failed`.
 */
enum status status_of_errno(int sys_errno);

#endif
