/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a destination was told last, beside the reports of the spool: which report it got whole, and
 * what that said in short, so that a heartbeat can stand for it.  As with all of a spool, another
 * user may have put anything there; what is not exactly ours is nothing, and then a whole report
 * goes.
 */
#ifndef NESTREADY_TRANSPORT_SAID_H
#define NESTREADY_TRANSPORT_SAID_H

#include "base/sha256.h"
#include "transport/spool.h"

struct said {
	char digest[SHA256_HEX_SIZE]; /* of what the report says */
	char full[37];                /* its id */
	int64_t since;                /* when it was spooled, seconds since 1970 */
};

/* The bytes of such a file, and the way back, strict: false where they are not ours. */
void said_encode(const struct said *said, struct text *bytes);
bool said_decode(const char *bytes, size_t length, struct said *said);

/* Of a destination and what the reports are about (a target).  False: nothing is known. */
bool said_read(const struct spool *spool, const char *destination, const char *about,
               struct said *said);

/* 0 or -1: then what was there may still be there. */
int said_write(const struct spool *spool, const char *destination, const char *about,
               const struct said *said, struct error *err);

/* Whether the destination refused for good that report or anything after it. */
bool said_refused(const struct spool *spool, const char *destination, const char *full);

#endif
