/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of variables and constants are those of FIPS 180-4, 4.2.2 to 6.2.2. */
#include "base/sha256.h"

#include <stdio.h>
#include <string.h>

#define BLOCK 64

static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t word, unsigned by)
{
	return word >> by | word << (32 - by);
}

static void take_block(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[64], v[8];
	for (unsigned t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (unsigned t = 16; t < 64; t++) {
		uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
		uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
		w[t] = w[t - 16] + s0 + w[t - 7] + s1;
	}
	memcpy(v, state, sizeof v);
	for (unsigned t = 0; t < 64; t++) {
		uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
		uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t t1 = v[7] + s1 + choose + constants[t] + w[t];
		uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		memmove(v + 1, v, 7 * sizeof v[0]);
		v[4] += t1;
		v[0] = t1 + s0 + majority;
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] += v[i];
}

void sha256_begin(struct sha256 *sha)
{
	*sha = (struct sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	while (length > 0) {
		size_t used = sha->length % BLOCK;
		size_t more = length < BLOCK - used ? length : BLOCK - used;
		memcpy(sha->block + used, at, more);
		sha->length += more;
		at += more;
		length -= more;
		if (used + more == BLOCK)
			take_block(sha->state, sha->block);
	}
}

void sha256_end(struct sha256 *sha, uint8_t digest[SHA256_SIZE])
{
	static const uint8_t padding[BLOCK] = { 0x80 };
	uint64_t bits = sha->length * 8;
	uint8_t length[8];
	size_t used = sha->length % BLOCK;
	for (unsigned i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(sha, padding, used < 56 ? 56 - used : 120 - used);
	sha256_add(sha, length, sizeof length);
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

static void write_hex(const uint8_t digest[SHA256_SIZE], char hex[SHA256_HEX_SIZE])
{
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
}

void sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_SIZE])
{
	struct sha256 sha;
	uint8_t digest[SHA256_SIZE];
	sha256_begin(&sha);
	sha256_add(&sha, bytes, length);
	sha256_end(&sha, digest);
	write_hex(digest, hex);
}

/* One of the two passes: the key, with each byte changed by `pad`, before the text. */
static void pass(const uint8_t key[BLOCK], uint8_t pad, const void *bytes, size_t length,
                 uint8_t digest[SHA256_SIZE])
{
	struct sha256 sha;
	uint8_t padded[BLOCK];
	for (unsigned i = 0; i < BLOCK; i++)
		padded[i] = key[i] ^ pad;
	sha256_begin(&sha);
	sha256_add(&sha, padded, sizeof padded);
	sha256_add(&sha, bytes, length);
	sha256_end(&sha, digest);
}

void sha256_hmac_hex(const char *key, const void *bytes, size_t length, char hex[SHA256_HEX_SIZE])
{
	uint8_t block[BLOCK] = { 0 }, inner[SHA256_SIZE], outer[SHA256_SIZE];
	size_t key_length = strlen(key);
	if (key_length > BLOCK) {
		struct sha256 sha;
		sha256_begin(&sha);
		sha256_add(&sha, key, key_length);
		sha256_end(&sha, block);
	} else {
		memcpy(block, key, key_length);
	}
	pass(block, 0x36, bytes, length, inner);
	pass(block, 0x5c, inner, sizeof inner, outer);
	write_hex(outer, hex);
}
