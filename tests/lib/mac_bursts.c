/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_bursts.h. */
#include "tests/lib/mac_bursts.h"

#include <math.h>

#define SECOND 1e6

/* Between 0 and 1: splitmix64 (Steele, Lea and Flood, 2014). */
static double roll(uint64_t *dice)
{
	uint64_t z = *dice += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (double)((z ^ z >> 31) >> 11) / (double)(1ull << 53);
}

void mac_bursts_begin(struct mac_bursts *bursts, const struct mac_losses *losses)
{
	*bursts = (struct mac_bursts){ .losses = losses };
	for (unsigned i = 0; i < 2; i++)
		bursts->chain[i].dice = (uint64_t)losses->seed << 1 | i;
}

bool mac_bursts_lose(struct mac_bursts *bursts, bool in, uint64_t now)
{
	const struct mac_losses *losses = bursts->losses;
	if (now >= losses->dead_from && now < losses->dead_until)
		return true;
	if (losses->loss == 0)
		return false;
	unsigned which = losses->together ? 0 : in;
	double share = losses->loss / 100.0;
	uint64_t *dice = &bursts->chain[which].dice;
	bool *bad = &bursts->chain[which].bad;
	uint64_t *until = &bursts->chain[which].until;
	if (!bursts->chain[which].begun) {
		bursts->chain[which].begun = true;
		*bad = roll(dice) < share;
		*until = 0;
	} else if (losses->time == 0) {
		double leave = losses->frames == 0 ? 1 - share : 1.0 / losses->frames;
		double enter = losses->frames == 0 ? share : leave * share / (1 - share);
		*bad = *bad ? roll(dice) >= leave : roll(dice) < enter;
		return *bad;
	}
	for (bool first = *until == 0; losses->time != 0 && *until <= now; first = false) {
		*bad = first ? *bad : !*bad;
		double mean = *bad ? losses->time : losses->time * (1 - share) / share;
		*until += (uint64_t)(1 - mean * log(1 - roll(dice)));
	}
	return *bad;
}

bool mac_bucket_takes(struct mac_bucket *bucket, const struct mac_limit *limit, uint64_t now)
{
	if (limit->per_second == 0)
		return true;
	double most = limit->at_once == 0 ? 1 : limit->at_once;
	if (!bucket->begun)
		*bucket = (struct mac_bucket){ .since = now, .level = most, .begun = true };
	bucket->level += (double)(now - bucket->since) * limit->per_second / SECOND;
	bucket->level = bucket->level < most ? bucket->level : most;
	bucket->since = now;
	if (bucket->level < 1)
		return false;
	bucket->level--;
	return true;
}
