/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A string of JSON as it stands among other bytes (RFC 8259, 7), without a NUL in it. */
#ifndef NESTREADY_COLLECTOR_PIECE_H
#define NESTREADY_COLLECTOR_PIECE_H

#include <stdbool.h>
#include <stddef.h>

/* Without its quotes. */
struct piece {
	const char *text;
	size_t length;
	bool escaped; /* there are backslashes in it */
};

/*
 * Reads a string whose opening quote is before *at, which then is behind the closing one.  False:
 * it is none, or has no end.
 */
bool piece_read(const char **at, const char *end, struct piece *piece);

/* What it says, terminated: never more than its length and one.  How many bytes that is. */
size_t piece_copy(const struct piece *piece, char *to);

#endif
