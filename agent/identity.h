/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which run this is, and of which guest: the head of a report. */
#ifndef NESTREADY_AGENT_IDENTITY_H
#define NESTREADY_AGENT_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "report/report.h"

#define IDENTITY_UUID_SIZE 37 /* 36 characters and the NUL */
#define IDENTITY_TIME_SIZE 32

/* A UUID of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, then `random`'s 74 bits. */
void identity_uuid(uint64_t unix_ms, const uint8_t random[10], char uuid[IDENTITY_UUID_SIZE]);

/* RFC 3339 in UTC, milliseconds included. */
void identity_time(uint64_t unix_ms, char text[IDENTITY_TIME_SIZE]);

/* The time now, in milliseconds since 1970. */
uint64_t identity_now(void);

/*
 * Gives a report its id and time, and takes the guest's identity from its
 * facts.  The host name is this machine's, and left out when the facts are of
 * another one (`imported`).  0 or -1.
 */
int identity_fill(struct report *report, bool imported, struct error *err);

#endif
