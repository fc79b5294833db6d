/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-2-4 (Aumasson and Bernstein, 2012) over the real MAC and a label, keyed by the machine.
 */
#include "machine/mac_forge.h"

#include <string.h>

static uint64_t rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static void mix(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* Of a message of seven bytes, which are one word with their count on top. */
static uint64_t siphash(const uint64_t key[2], uint64_t word)
{
	uint64_t v[4] = { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
		          key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573 };
	v[3] ^= word;
	mix(v);
	mix(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void read_key(const char *machine_id, uint64_t key[2])
{
	static const char digits[] = "0123456789abcdef";
	key[0] = key[1] = 0;
	for (size_t i = 0; i < 32 && machine_id[i] != '\0'; i++) {
		const char *digit = strchr(digits, machine_id[i]);
		if (digit == NULL)
			return;
		key[i / 16] = key[i / 16] << 4 | (uint64_t)(digit - digits);
	}
}

static void make(const uint64_t key[2], const struct mac *real, uint8_t label, struct mac *made)
{
	uint64_t word = (uint64_t)7 << 56 | (uint64_t)label << 48;
	for (int i = 0; i < 6; i++)
		word |= (uint64_t)real->byte[i] << (8 * i);
	uint64_t hash = siphash(key, word);
	for (int i = 0; i < 6; i++)
		made->byte[i] = (uint8_t)(hash >> (8 * i));
	made->byte[0] = (uint8_t)((made->byte[0] & 0xfc) | 0x02);
}

void mac_forge(const char *machine_id, const struct mac *real, struct mac *forged,
               struct mac *unseen)
{
	uint64_t key[2];
	read_key(machine_id, key);
	make(key, real, 'F', forged);
	make(key, real, 'U', unseen);
}
