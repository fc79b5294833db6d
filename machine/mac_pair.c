/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See mac_pair.h.  A question crosses the switch once: with a fifth of the frames
 * lost 20 % of them go without an answer, and 4 % of the controls, of which each
 * is two frames of one direction.  By mac_loss.c eight questions make a silence
 * then; 20 rounds have some to spare.
 */
#include "machine/mac_pair.h"

#include <string.h>

#include "machine/mac_loss.h"

#define BIT(kind) (1u << (kind))

#define OUTS     (BIT(MAC_PAIR_OUT) | BIT(MAC_PAIR_OUT_AGAIN))
#define INS      (BIT(MAC_PAIR_IN) | BIT(MAC_PAIR_IN_AGAIN))
#define CONTROLS (OUTS | INS)
#define TAGGED   (BIT(MAC_PAIR_TAGGED_OUT) | BIT(MAC_PAIR_TAGGED_IN))
#define MACS     (BIT(MAC_PAIR_LEAVES) | BIT(MAC_PAIR_ARRIVES) | BIT(MAC_PAIR_RETURNS))

_Static_assert(MAC_PAIR_FRAMES == MAC_PAIR_ROUNDS * 7, "three questions and four controls a round");

#define SPACING 100000
#define PATIENT 350000 /* the same while nothing gets out any more */
#define ANSWER  140000 /* what a switch may take to deliver */
#define APART   8      /* rounds of controls without any: they are on two networks */
#define BLOCKED 16     /* that many PATIENT ones, as long as machine/mac_experiment.c waits */

/* The frame: who made it, this run, its kind and its round. */
static const char maker[] = "nestready";
#define TOKEN (14 + sizeof maker)
#define KIND  (TOKEN + 2)
#define ROUND (KIND + 1)

void mac_pair_begin(struct mac_pair *pair, const struct mac_self *self, const struct mac *other,
                    bool tagged)
{
	*pair = (struct mac_pair){
		.self = *self, .other = *other, .tagged = tagged, .next = MAC_PAIR_KINDS
	};
}

static bool is_over(const struct mac_pair *pair, unsigned round, uint64_t now)
{
	return now >= pair->sent[round] + ANSWER;
}

/* Whether any of these came in, in a round from `first` on. */
static bool saw(const struct mac_pair *pair, unsigned first, unsigned kinds)
{
	unsigned seen = 0;
	for (unsigned i = first; i < pair->rounds; i++)
		seen |= pair->seen[i];
	return (seen & kinds) != 0;
}

/* Both were heard under their real MACs: they are on one segment. */
static bool is_one_segment(const struct mac_pair *pair)
{
	return saw(pair, 0, OUTS) && saw(pair, 0, INS);
}

/* Only whether anything gets out again, or did from the start. */
static bool asks_nothing(const struct mac_pair *pair, unsigned round)
{
	return round > 0 && pair->asked[round] == CONTROLS;
}

/* Of rounds that are over and ask something: two controls in each, of two frames. */
static struct mac_loss loss_of(const struct mac_pair *pair, uint64_t now)
{
	struct mac_loss loss = { 0 };
	for (unsigned i = 0; i < pair->rounds; i++) {
		if (!is_over(pair, i, now) || asks_nothing(pair, i))
			continue;
		loss.asked += (unsigned)__builtin_popcount(CONTROLS);
		loss.answered += (unsigned)__builtin_popcount(pair->seen[i] & CONTROLS);
		loss.controls += 2;
		loss.kept += (pair->seen[i] & OUTS) != 0;
		loss.kept += (pair->seen[i] & INS) != 0;
	}
	return loss;
}

static enum mac_mark mark_of(const struct mac_pair *pair, enum mac_pair_kind kind,
                             unsigned controls, uint64_t now)
{
	const struct mac_loss loss = loss_of(pair, now);
	unsigned questions = 0;
	if (saw(pair, 0, BIT(kind)))
		return MAC_SEEN;
	for (unsigned i = 0; i < pair->rounds; i++)
		questions += is_over(pair, i, now) && (pair->asked[i] & BIT(kind)) != 0 &&
		             (pair->seen[i] & controls) != 0;
	return mac_is_believable(questions, &loss,
	                         pair->rounds == MAC_PAIR_ROUNDS ? MAC_LAST : MAC_USUAL) &&
	                       !mac_is_above_limit(&loss)
	               ? MAC_SILENT
	               : MAC_UNCLEAR;
}

/* Its own frames got out, and since one from F none does. */
static bool is_blocked(const struct mac_pair *pair, uint64_t now)
{
	if (pair->rounds <= BLOCKED || pair->forged == 0)
		return false;
	unsigned since = pair->rounds - BLOCKED;
	return pair->forged_in <= since && is_over(pair, pair->rounds - 1, now) &&
	       saw(pair, 0, OUTS) && !saw(pair, since, OUTS);
}

/* Tags have to pass both ways. */
static enum mac_mark tag_mark(const struct mac_pair *pair, uint64_t now)
{
	enum mac_mark out = mark_of(pair, MAC_PAIR_TAGGED_OUT, OUTS, now);
	enum mac_mark in = mark_of(pair, MAC_PAIR_TAGGED_IN, INS, now);
	if (out == MAC_SILENT || in == MAC_SILENT)
		return MAC_SILENT;
	return out == MAC_SEEN && in == MAC_SEEN ? MAC_SEEN : MAC_UNCLEAR;
}

void mac_pair_end(const struct mac_pair *pair, uint64_t now, struct mac_observation *observation)
{
	enum mac_mark *mark = observation->mark;
	*observation = (struct mac_observation){ .rounds = pair->rounds,
		                                 .frames = pair->frames,
		                                 .forged = pair->forged };
	mark[MAC_ALIVE] = is_one_segment(pair) ? MAC_SEEN : MAC_UNCLEAR;
	if (mark[MAC_ALIVE] != MAC_SEEN)
		return;
	const struct mac_loss loss = loss_of(pair, now);
	if (loss.asked > 0)
		observation->lost_permille = 1000 * (loss.asked - loss.answered) / loss.asked;
	if (pair->tagged) {
		mark[MAC_VLAN] = tag_mark(pair, now);
		return;
	}
	mark[MAC_EGRESS] = mark_of(pair, MAC_PAIR_LEAVES, OUTS, now);
	mark[MAC_INGRESS] = mark_of(pair, MAC_PAIR_ARRIVES, INS, now);
	mark[MAC_NESTED] = mark_of(pair, MAC_PAIR_RETURNS, INS, now);
	observation->blocked = is_blocked(pair, now);
}

static bool is_settled(const struct mac_pair *pair, uint64_t now)
{
	struct mac_observation observation;
	mac_pair_end(pair, now, &observation);
	const enum mac_mark *mark = observation.mark;
	if (mark[MAC_ALIVE] != MAC_SEEN)
		return pair->rounds > APART;
	if (pair->tagged)
		return mark[MAC_VLAN] != MAC_UNCLEAR;
	if (observation.blocked || (mark[MAC_EGRESS] == MAC_SEEN && mark[MAC_NESTED] == MAC_SEEN))
		return true;
	return mark[MAC_EGRESS] != MAC_UNCLEAR && mark[MAC_INGRESS] != MAC_UNCLEAR &&
	       mark[MAC_NESTED] != MAC_UNCLEAR;
}

/* When the next round is due. */
static uint64_t next_round(const struct mac_pair *pair)
{
	if (pair->rounds == 0)
		return 0;
	unsigned last = pair->rounds - 1;
	bool silent = is_one_segment(pair) && (pair->seen[last] & OUTS) == 0;
	return pair->sent[last] + (silent ? PATIENT : SPACING);
}

/* A round: controls alone until they were heard, and again where none gets out any more. */
static void begin_round(struct mac_pair *pair, uint64_t now)
{
	bool survived = is_one_segment(pair) && (pair->seen[pair->rounds - 1] & OUTS) != 0;
	unsigned questions = pair->tagged ? TAGGED : MACS;
	pair->asked[pair->rounds] = survived ? questions | CONTROLS : CONTROLS;
	pair->sent[pair->rounds++] = now;
	pair->next = 0;
}

static bool is_by_other(enum mac_pair_kind kind)
{
	return (BIT(kind) & (INS | BIT(MAC_PAIR_ARRIVES) | BIT(MAC_PAIR_RETURNS) |
	                     BIT(MAC_PAIR_TAGGED_IN))) != 0;
}

static bool is_tagged(enum mac_pair_kind kind)
{
	return (BIT(kind) & TAGGED) != 0;
}

/* As it arrives, the kernel having taken off the tag. */
static void write_frame(const struct mac_pair *pair, enum mac_pair_kind kind, unsigned round,
                        uint8_t frame[MAC_PAIR_LENGTH])
{
	static const struct mac all = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	const struct mac *const to[MAC_PAIR_KINDS] = {
		[MAC_PAIR_LEAVES] = &all,
		[MAC_PAIR_ARRIVES] = &pair->self.unseen,
		[MAC_PAIR_RETURNS] = &pair->self.forged,
		[MAC_PAIR_TAGGED_OUT] = &all,
		[MAC_PAIR_TAGGED_IN] = &all,
		[MAC_PAIR_OUT] = &all,
		[MAC_PAIR_OUT_AGAIN] = &all,
		[MAC_PAIR_IN] = &pair->self.real,
		[MAC_PAIR_IN_AGAIN] = &pair->self.real,
	};
	const struct mac *from = kind == MAC_PAIR_LEAVES ? &pair->self.forged
	                         : is_by_other(kind)     ? &pair->other
	                                                 : &pair->self.real;
	memset(frame, 0, MAC_PAIR_LENGTH);
	memcpy(frame, to[kind]->byte, 6);
	memcpy(frame + 6, from->byte, 6);
	frame[12] = MAC_PAIR_TYPE >> 8;
	frame[13] = MAC_PAIR_TYPE & 0xff;
	memcpy(frame + 14, maker, sizeof maker);
	memcpy(frame + TOKEN, &pair->self.token, 2);
	frame[KIND] = (uint8_t)kind;
	frame[ROUND] = (uint8_t)round;
}

/* IEEE 802.1Q, behind the addresses. */
static size_t add_tag(unsigned vlan, uint8_t frame[MAC_PAIR_MAX])
{
	const uint8_t tag[] = { 0x81, 0x00, (uint8_t)(vlan >> 8), (uint8_t)vlan };
	memmove(frame + 12 + sizeof tag, frame + 12, MAC_PAIR_LENGTH - 12);
	memcpy(frame + 12, tag, sizeof tag);
	return MAC_PAIR_LENGTH + sizeof tag;
}

size_t mac_pair_next(struct mac_pair *pair, uint64_t now, uint8_t frame[MAC_PAIR_MAX],
                     bool *by_other)
{
	if (pair->next == MAC_PAIR_KINDS) {
		bool full = pair->rounds == MAC_PAIR_ROUNDS;
		pair->done = pair->done || is_settled(pair, now) ||
		             (full && is_over(pair, pair->rounds - 1, now));
		if (pair->done || full || now < next_round(pair))
			return 0;
		begin_round(pair, now);
	}
	unsigned round = pair->rounds - 1;
	while ((pair->asked[round] & BIT(pair->next)) == 0)
		pair->next++; /* the controls are last, and always asked */
	enum mac_pair_kind kind = (enum mac_pair_kind)pair->next++;
	*by_other = is_by_other(kind);
	pair->frames++;
	if (kind == MAC_PAIR_LEAVES && pair->forged++ == 0)
		pair->forged_in = round;
	write_frame(pair, kind, round, frame);
	return is_tagged(kind) ? add_tag(pair->self.vlan, frame) : MAC_PAIR_LENGTH;
}

uint64_t mac_pair_wake(const struct mac_pair *pair)
{
	return pair->rounds == MAC_PAIR_ROUNDS ? pair->sent[pair->rounds - 1] + ANSWER
	                                       : next_round(pair);
}

void mac_pair_receive(struct mac_pair *pair, bool at_other, unsigned vlan, const uint8_t *frame,
                      size_t length)
{
	uint8_t expected[MAC_PAIR_LENGTH];
	if (length < MAC_PAIR_LENGTH || frame[KIND] >= MAC_PAIR_KINDS ||
	    frame[ROUND] >= pair->rounds)
		return;
	enum mac_pair_kind kind = (enum mac_pair_kind)frame[KIND];
	write_frame(pair, kind, frame[ROUND], expected);
	if (is_by_other(kind) != at_other && memcmp(frame, expected, MAC_PAIR_LENGTH) == 0 &&
	    vlan == (is_tagged(kind) ? pair->self.vlan : 0) &&
	    (pair->asked[frame[ROUND]] & BIT(kind)) != 0)
		pair->seen[frame[ROUND]] |= BIT(kind);
}
