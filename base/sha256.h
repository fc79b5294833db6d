/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 (FIPS 180-4), and HMAC with it (RFC 2104), as lower-case hexadecimal digits. */
#ifndef NESTREADY_BASE_SHA256_H
#define NESTREADY_BASE_SHA256_H

#include <stddef.h>

#define SHA256_HEX_SIZE 65

void sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_SIZE]);

/* HMAC with a key that is text. */
void sha256_hmac_hex(const char *key, const void *bytes, size_t length, char hex[SHA256_HEX_SIZE]);

#endif
