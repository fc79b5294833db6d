/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a made-up network loses frames: each by itself, or many together, as
 * radio, a full queue, a cable being moved and a switch's spanning tree do.
 */
#ifndef NESTREADY_TESTS_LIB_MAC_BURSTS_H
#define NESTREADY_TESTS_LIB_MAC_BURSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * `loss` percent of the frames each way.  In bursts they are by Gilbert's chain
 * of two states (Bell System Technical Journal 39, 1960): in one of them nothing
 * is lost, in the other all.
 */
struct mac_losses {
	unsigned loss;       /* percent */
	unsigned frames;     /* mean length of a burst in frames; 0: each is lost by itself */
	unsigned time;       /* or in microseconds, whatever is sent */
	bool together;       /* one chain for both ways */
	uint64_t dead_from;  /* nothing passes either way, from then on ... */
	uint64_t dead_until; /* ... until then; since the experiment began */
	unsigned seed;
};

struct mac_bursts {
	const struct mac_losses *losses;
	struct {
		uint64_t dice;
		uint64_t until; /* of this state, where it is one of time */
		bool bad;
		bool begun;
	} chain[2];
};

void mac_bursts_begin(struct mac_bursts *bursts, const struct mac_losses *losses);

/* Whether a frame is lost that passes at that time, in or out; times never go back. */
bool mac_bursts_lose(struct mac_bursts *bursts, bool in, uint64_t now);

/* So many answers a second at most, and no more than so many at once: a token bucket. */
struct mac_limit {
	unsigned per_second; /* 0: no limit */
	unsigned at_once;
};

struct mac_bucket {
	uint64_t since;
	double level;
	bool begun;
};

bool mac_bucket_takes(struct mac_bucket *bucket, const struct mac_limit *limit, uint64_t now);

#endif
