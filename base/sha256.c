/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sha256.h. */
#include "base/sha256.h"

#include <nettle/base16.h>
#include <nettle/hmac.h>
#include <string.h>

static void write_hex(const uint8_t digest[SHA256_DIGEST_SIZE], char hex[SHA256_HEX_SIZE])
{
	base16_encode_update(hex, SHA256_DIGEST_SIZE, digest);
	hex[SHA256_HEX_SIZE - 1] = '\0';
}

void sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_SIZE])
{
	struct sha256_ctx sha;
	uint8_t digest[SHA256_DIGEST_SIZE];
	sha256_init(&sha);
	sha256_update(&sha, length, bytes);
	sha256_digest(&sha, sizeof digest, digest);
	write_hex(digest, hex);
}

void sha256_hmac_hex(const char *key, const void *bytes, size_t length, char hex[SHA256_HEX_SIZE])
{
	struct hmac_sha256_ctx hmac;
	uint8_t digest[SHA256_DIGEST_SIZE];
	hmac_sha256_set_key(&hmac, strlen(key), (const uint8_t *)key);
	hmac_sha256_update(&hmac, length, bytes);
	hmac_sha256_digest(&hmac, sizeof digest, digest);
	write_hex(digest, hex);
}
