/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a collector answered, which anybody on the way may have written. */
#ifndef NESTREADY_TRANSPORT_RECEIPT_H
#define NESTREADY_TRANSPORT_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>

/* More than this is no receipt. */
#define RECEIPT_BYTES_MAX 65536

/* Whether it is a JSON object whose "id" is this one. */
bool receipt_echoes(const char *bytes, size_t length, const char *id);

/* The "title" or "detail" of a problem (RFC 9457), printable, cut; "" when there is none. */
void receipt_problem(const char *bytes, size_t length, char *text, size_t size);

#endif
