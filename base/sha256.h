/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104), for who links no library of
 * ciphers: a check must not pay for loading one.
 */
#ifndef NESTREADY_BASE_SHA256_H
#define NESTREADY_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE     32
#define SHA256_HEX_SIZE (2 * SHA256_SIZE + 1)

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes so far */
	uint8_t block[64];
};

void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t length);
void sha256_end(struct sha256 *sha, uint8_t digest[SHA256_SIZE]);

/* Of one piece, as lower-case hexadecimal digits. */
void sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_SIZE]);

/* HMAC with a key that is text. */
void sha256_hmac_hex(const char *key, const void *bytes, size_t length, char hex[SHA256_HEX_SIZE]);

#endif
