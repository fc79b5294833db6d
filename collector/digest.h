/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256, and the comparing of secrets. */
#ifndef NESTREADY_COLLECTOR_DIGEST_H
#define NESTREADY_COLLECTOR_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_SIZE     32
#define DIGEST_HEX_SIZE (2 * DIGEST_SIZE + 1)

/* Writes the first `count` bytes of the digest as 2 * count hexadecimal digits and a NUL. */
void digest_hex(const void *bytes, size_t length, size_t count, char *hex);

/* Whether `length` bytes are equal, in a time that does not depend on them. */
bool digest_equal(const void *a, const void *b, size_t length);

#endif
