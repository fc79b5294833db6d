/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two interfaces of one guest on a made-up segment: words, frames and what is nobody's. */
#include <criterion/criterion.h>
#include <string.h>

#include "machine/mac_pair.h"
#include "probes/mac_verdict.h"

#define VLAN 20

static const struct mac_self self = { .real = { { 2, 0, 0, 0, 0, 1 } },
	                              .forged = { { 2, 0, 0, 0, 0, 0xf } },
	                              .unseen = { { 2, 0, 0, 0, 0, 0x2 } },
	                              .token = 0x1234,
	                              .vlan = VLAN };
static const struct mac other = { { 2, 0, 0, 0, 0, 9 } };

struct segment {
	bool drops_forged;
	bool no_learning;
	bool shuts;
	bool apart;
	bool drops_tags; /* of the tested one */
	bool drops_tags_in;
	unsigned loss; /* percent */
	unsigned dice;
	uint64_t dead_from; /* microseconds: nothing passes */
	uint64_t dead_until;
};

static bool passes(struct segment *segment, uint64_t now, const uint8_t *frame, bool by_other,
                   bool *shut)
{
	bool tagged = frame[12] == 0x81;
	bool forged = memcmp(frame + 6, self.forged.byte, 6) == 0;
	segment->dice = segment->dice * 1664525 + 1013904223;
	if (now >= segment->dead_from && now < segment->dead_until)
		return false;
	if (segment->apart || (segment->dice >> 16) % 100 < segment->loss)
		return false;
	if (tagged && (by_other ? segment->drops_tags_in : segment->drops_tags))
		return false;
	*shut = *shut || (forged && segment->shuts);
	if (by_other)
		return !segment->no_learning || frame[0] == 0xff ||
		       memcmp(frame, self.real.byte, 6) == 0;
	return !*shut && !(forged && segment->drops_forged);
}

/* As the kernel does it. */
static unsigned take_tag_off(uint8_t *frame)
{
	if (frame[12] != 0x81)
		return 0;
	unsigned vlan = (unsigned)(frame[14] & 0x0f) << 8 | frame[15];
	memmove(frame + 12, frame + 16, MAC_PAIR_LENGTH - 12);
	return vlan;
}

static void exchange(struct segment segment, bool tagged, struct mac_observation *observation)
{
	struct mac_pair pair;
	uint8_t frame[MAC_PAIR_MAX];
	uint64_t now = 1000;
	bool shut = false;
	mac_pair_begin(&pair, &self, &other, tagged);
	for (int steps = 0; !pair.done; steps++) {
		bool by_other;
		size_t length;
		cr_assert_lt(steps, 1000, "it does not end");
		while ((length = mac_pair_next(&pair, now, frame, &by_other)) > 0) {
			cr_expect_eq(length, frame[12] == 0x81 ? MAC_PAIR_MAX : MAC_PAIR_LENGTH);
			if (!passes(&segment, now, frame, by_other, &shut))
				continue;
			unsigned vlan = take_tag_off(frame);
			mac_pair_receive(&pair, !by_other, vlan, frame, MAC_PAIR_LENGTH);
		}
		if (mac_pair_wake(&pair) > now)
			now = mac_pair_wake(&pair);
	}
	mac_pair_end(&pair, now, observation);
	cr_expect_leq(observation->frames, MAC_PAIR_FRAMES);
}

static struct mac_verdict run(struct segment segment, struct mac_observation *observation)
{
	exchange(segment, false, observation);
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

Test(mac_pair, a_fifth_lost_leaves_one_in_a_hundred_off)
{
	static const struct segment segments[] = {
		{ .loss = 20 },
		{ .loss = 20, .drops_forged = true },
		{ .loss = 20, .no_learning = true },
		{ .loss = 20, .drops_forged = true, .no_learning = true },
		{ .loss = 20, .shuts = true },
	};
	static const enum mac_word words[] = { MAC_OPEN, MAC_EGRESS_FILTERED, MAC_INGRESS_FILTERED,
		                               MAC_FILTERED, MAC_PORT_BLOCKED };
	for (size_t i = 0; i < sizeof segments / sizeof segments[0]; i++) {
		unsigned off = 0;
		for (unsigned seed = 1; seed <= 2000; seed++) {
			struct mac_observation observation;
			struct segment segment = segments[i];
			segment.dice = seed * 2654435761u;
			off += run(segment, &observation).word != words[i];
		}
		cr_expect_leq(off, 20, "%zu: %u", i, off);
	}
}

Test(mac_pair, a_link_that_is_dead_for_two_seconds_is_not_shut)
{
	static const struct segment segments[] = {
		{ .loss = 0 },
		{ .drops_forged = true },
		{ .no_learning = true },
		{ .drops_forged = true, .no_learning = true },
	};
	static const enum mac_word words[] = { MAC_OPEN, MAC_EGRESS_FILTERED, MAC_INGRESS_FILTERED,
		                               MAC_FILTERED };
	static const uint64_t lasts[] = { 500000, 1000000, 2000000 };
	for (size_t i = 0; i < 4 * 30; i++) {
		struct mac_observation observation;
		struct segment segment = segments[i / 30];
		segment.dead_from = 50000 * (1 + i % 10);
		segment.dead_until = segment.dead_from + lasts[i / 10 % 3];
		enum mac_word word = run(segment, &observation).word;
		cr_expect_eq(word, words[i / 30], "%zu: %s", i, mac_word_name(word));
	}
}

Test(mac_pair, a_tag_passes_both_ways_or_does_not_pass)
{
	static const struct {
		struct segment segment;
		enum mac_mark mark;
	} rows[] = {
		{ { .loss = 0 }, MAC_SEEN },
		{ { .drops_tags = true }, MAC_SILENT },
		{ { .drops_tags_in = true }, MAC_SILENT },
		{ { .drops_tags = true, .drops_tags_in = true }, MAC_SILENT },
		{ { .drops_forged = true, .no_learning = true }, MAC_SEEN },
		{ { .apart = true }, MAC_UNASKED },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct mac_observation observation;
		exchange(rows[i].segment, true, &observation);
		cr_expect_eq(observation.mark[MAC_VLAN], rows[i].mark, "%zu", i);
		cr_expect_eq(observation.forged, 0, "%zu", i);
	}
}

Test(mac_pair, loss_makes_no_dropped_tag)
{
	for (unsigned seed = 1; seed <= 2000; seed++) {
		struct mac_observation observation;
		struct segment segment = { .loss = 30, .dice = seed * 2654435761u };
		exchange(segment, true, &observation);
		cr_expect_neq(observation.mark[MAC_VLAN], MAC_SILENT, "seed %u", seed);
	}
}

/* What another run, or anybody, sends under the same Ethertype. */
Test(mac_pair, only_own_frames_of_this_run_count)
{
	struct mac_pair pair;
	struct mac_observation observation;
	uint8_t frame[MAC_PAIR_MAX];
	bool by_other;
	mac_pair_begin(&pair, &self, &other, false);
	while (mac_pair_next(&pair, 1000, frame, &by_other) > 0) {
		mac_pair_receive(&pair, by_other, 0, frame,
		                 MAC_PAIR_LENGTH); /* its own, come back */
		mac_pair_receive(&pair, !by_other, 0, frame, MAC_PAIR_LENGTH - 1);
		mac_pair_receive(&pair, !by_other, 20, frame, MAC_PAIR_LENGTH);
		for (size_t i = 0; i < MAC_PAIR_LENGTH; i++) {
			uint8_t changed[MAC_PAIR_LENGTH];
			memcpy(changed, frame, sizeof changed);
			changed[i] ^= 0x40;
			mac_pair_receive(&pair, !by_other, 0, changed, sizeof changed);
		}
	}
	mac_pair_end(&pair, 1000000, &observation);
	cr_expect_eq(observation.mark[MAC_ALIVE], MAC_UNCLEAR);
}
