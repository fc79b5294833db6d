/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the code of each stage of the L2 makes of a nonce (machine/l2_code.S,
 * which has to work it out by itself), for who checks its answer.
 */
#ifndef NESTREADY_BASE_TRANSFORM_H
#define NESTREADY_BASE_TRANSFORM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A challenge from outside has a nonce for each of the stages that prove something. */
#define CHALLENGE_STAGES 3
#define CHALLENGE_DIGITS (8 * CHALLENGE_STAGES)

/* `stage` below 4.  Each has its own odd multiplier, so that no stage's answer passes for
 * another's. */
static inline uint32_t transform(unsigned stage, uint32_t nonce)
{
	static const uint32_t multipliers[] = { 0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f };
	return (nonce ^ nonce >> 15) * multipliers[stage];
}

/* The nonce that a challenge of CHALLENGE_DIGITS lower-case digits has for a stage. */
static inline uint32_t challenge_nonce(const char *challenge, unsigned stage)
{
	uint32_t nonce = 0;
	for (unsigned i = 8 * stage; i < 8 * stage + 8; i++)
		nonce = nonce << 4 | (uint32_t)(challenge[i] <= '9' ? challenge[i] - '0'
		                                                    : challenge[i] - 'a' + 10);
	return nonce;
}

static inline bool challenge_is_one(const char *word)
{
	return strlen(word) == CHALLENGE_DIGITS &&
	       strspn(word, "0123456789abcdef") == CHALLENGE_DIGITS;
}

#endif
