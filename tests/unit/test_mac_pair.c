/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two interfaces of one guest on a made-up segment: words, frames and what is nobody's. */
#include <criterion/criterion.h>
#include <string.h>

#include "machine/mac_pair.h"
#include "probes/mac_verdict.h"

static const struct mac_self self = { .real = { { 2, 0, 0, 0, 0, 1 } },
	                              .forged = { { 2, 0, 0, 0, 0, 0xf } },
	                              .unseen = { { 2, 0, 0, 0, 0, 0x2 } },
	                              .token = 0x1234 };
static const struct mac other = { { 2, 0, 0, 0, 0, 9 } };

struct segment {
	bool drops_forged;
	bool no_learning;
	bool shuts;
	bool apart;
	unsigned loss; /* percent */
	unsigned dice;
};

static bool passes(struct segment *segment, const uint8_t *frame, bool by_other, bool *shut)
{
	bool forged = memcmp(frame + 6, self.forged.byte, 6) == 0;
	segment->dice = segment->dice * 1664525 + 1013904223;
	if (segment->apart || (segment->dice >> 16) % 100 < segment->loss)
		return false;
	*shut = *shut || (forged && segment->shuts);
	if (by_other)
		return !segment->no_learning || memcmp(frame, self.real.byte, 6) == 0;
	return !*shut && !(forged && segment->drops_forged);
}

static struct mac_verdict run(struct segment segment, struct mac_observation *observation)
{
	struct mac_pair pair;
	uint8_t frame[MAC_PAIR_LENGTH];
	uint64_t now = 1000;
	bool shut = false;
	mac_pair_begin(&pair, &self, &other);
	for (int steps = 0; !pair.done; steps++) {
		bool by_other;
		cr_assert_lt(steps, 1000, "it does not end");
		while (mac_pair_next(&pair, now, frame, &by_other))
			if (passes(&segment, frame, by_other, &shut))
				mac_pair_receive(&pair, !by_other, frame, sizeof frame);
		if (mac_pair_wake(&pair) > now)
			now = mac_pair_wake(&pair);
	}
	mac_pair_end(&pair, now, observation);
	cr_expect_leq(observation->frames, MAC_PAIR_FRAMES);
	return mac_judge_pair(observation);
}

Test(mac_pair, each_policy_has_its_word_and_none_is_sure)
{
	static const struct {
		struct segment segment;
		enum mac_word word;
	} rows[] = {
		{ { .loss = 0 }, MAC_OPEN },
		{ { .drops_forged = true }, MAC_EGRESS_FILTERED },
		{ { .no_learning = true }, MAC_INGRESS_FILTERED },
		{ { .drops_forged = true, .no_learning = true }, MAC_FILTERED },
		{ { .shuts = true }, MAC_PORT_BLOCKED },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct mac_observation observation;
		struct mac_verdict verdict = run(rows[i].segment, &observation);
		cr_expect_eq(verdict.word, rows[i].word, "%zu: %s", i, mac_word_name(verdict.word));
		cr_expect_eq(verdict.confidence, MAC_MEDIUM);
	}
}

Test(mac_pair, on_another_segment_nothing_is_said_and_nothing_forged_is_sent)
{
	struct mac_observation observation;
	struct mac_verdict verdict = run((struct segment){ .apart = true }, &observation);
	cr_expect_eq(verdict.word, MAC_NO_RESPONDER);
	cr_expect_eq(observation.forged, 0);
}

Test(mac_pair, loss_makes_no_open_of_a_filter)
{
	for (unsigned seed = 1; seed <= 2000; seed++) {
		struct mac_observation observation;
		struct segment segment = { .loss = seed % 50, .dice = seed * 2654435761u };
		segment.drops_forged = seed % 3 != 0;
		segment.no_learning = seed % 3 != 1;
		enum mac_word word = run(segment, &observation).word;
		cr_expect_neq(word, MAC_OPEN, "seed %u", seed);
	}
}

/* What another run, or anybody, sends under the same Ethertype. */
Test(mac_pair, only_own_frames_of_this_run_count)
{
	struct mac_pair pair;
	struct mac_observation observation;
	uint8_t frame[MAC_PAIR_LENGTH];
	bool by_other;
	mac_pair_begin(&pair, &self, &other);
	while (mac_pair_next(&pair, 1000, frame, &by_other)) {
		mac_pair_receive(&pair, by_other, frame, sizeof frame); /* its own, come back */
		mac_pair_receive(&pair, !by_other, frame, sizeof frame - 1);
		for (size_t i = 0; i < sizeof frame; i++) {
			uint8_t changed[MAC_PAIR_LENGTH];
			memcpy(changed, frame, sizeof changed);
			changed[i] ^= 0x40;
			mac_pair_receive(&pair, !by_other, changed, sizeof changed);
		}
	}
	mac_pair_end(&pair, 1000000, &observation);
	cr_expect_eq(observation.mark[MAC_ALIVE], MAC_UNCLEAR);
}
