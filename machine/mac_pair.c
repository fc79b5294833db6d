/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_pair.h. */
#include "machine/mac_pair.h"

#include <string.h>

#include "machine/mac_settle.h"

#define BIT(kind) (1u << (kind))

#define CONTROLS (BIT(MAC_PAIR_OUT) | BIT(MAC_PAIR_IN))
#define ALL      (BIT(MAC_PAIR_KINDS) - 1)

#define SPACING 100000
#define ANSWER  140000 /* what a switch may take to deliver */

/* The frame: who made it, this run, its kind and its round. */
static const char maker[] = "nestready";
#define TOKEN (14 + sizeof maker)
#define KIND  (TOKEN + 2)
#define ROUND (KIND + 1)

/* The first round that asks has a round of controls before it: were they there at all? */
#define FIRST 1

void mac_pair_begin(struct mac_pair *pair, const struct mac_self *self, const struct mac *other)
{
	*pair = (struct mac_pair){ .self = *self, .other = *other, .next = MAC_PAIR_KINDS };
}

static bool is_over(const struct mac_pair *pair, unsigned round, uint64_t now)
{
	return now >= pair->sent[round] + ANSWER;
}

static bool saw(const struct mac_pair *pair, unsigned kinds)
{
	unsigned seen = 0;
	for (unsigned i = 0; i < pair->rounds; i++)
		seen |= pair->seen[i];
	return (seen & kinds) == kinds;
}

/* Frames of a control in rounds that are over, or of both. */
static struct mac_loss loss_of(const struct mac_pair *pair, uint64_t now)
{
	struct mac_loss loss = { 0 };
	for (unsigned i = 0; i < pair->rounds; i++) {
		if (!is_over(pair, i, now))
			continue;
		loss.asked += 2;
		loss.answered += (unsigned)__builtin_popcount(pair->seen[i] & CONTROLS);
	}
	loss.controls = loss.asked;
	loss.kept = loss.answered;
	return loss;
}

static enum mac_mark mark_of(const struct mac_pair *pair, enum mac_pair_kind kind,
                             enum mac_pair_kind control, uint64_t now)
{
	const struct mac_loss loss = loss_of(pair, now);
	unsigned questions = 0;
	if (saw(pair, BIT(kind)))
		return MAC_SEEN;
	for (unsigned i = 0; i < pair->rounds; i++)
		questions += is_over(pair, i, now) && (pair->asked[i] & BIT(kind)) != 0 &&
		             (pair->seen[i] & BIT(control)) != 0;
	return mac_is_believable(questions, &loss) ? MAC_SILENT : MAC_UNCLEAR;
}

/* Its own frames got out, and since the first from F none does. */
static bool is_blocked(const struct mac_pair *pair)
{
	unsigned since = 0;
	for (unsigned i = FIRST; i < pair->rounds; i++)
		since |= pair->seen[i];
	return pair->rounds == MAC_PAIR_ROUNDS && pair->forged > 0 &&
	       (pair->seen[0] & BIT(MAC_PAIR_OUT)) != 0 && (since & BIT(MAC_PAIR_OUT)) == 0;
}

void mac_pair_end(const struct mac_pair *pair, uint64_t now, struct mac_observation *observation)
{
	enum mac_mark *mark = observation->mark;
	*observation = (struct mac_observation){ .rounds = pair->rounds,
		                                 .frames = pair->frames,
		                                 .forged = pair->forged };
	mark[MAC_ALIVE] = saw(pair, CONTROLS) ? MAC_SEEN : MAC_UNCLEAR;
	if (mark[MAC_ALIVE] != MAC_SEEN)
		return;
	mark[MAC_EGRESS] = mark_of(pair, MAC_PAIR_LEAVES, MAC_PAIR_OUT, now);
	mark[MAC_INGRESS] = mark_of(pair, MAC_PAIR_ARRIVES, MAC_PAIR_IN, now);
	mark[MAC_NESTED] = mark_of(pair, MAC_PAIR_RETURNS, MAC_PAIR_IN, now);
	observation->blocked = is_blocked(pair);
	const struct mac_loss loss = loss_of(pair, now);
	if (loss.asked > 0)
		observation->lost_permille = 1000 * (loss.asked - loss.answered) / loss.asked;
}

static bool is_settled(const struct mac_pair *pair, uint64_t now)
{
	struct mac_observation observation;
	mac_pair_end(pair, now, &observation);
	const enum mac_mark *mark = observation.mark;
	if (mark[MAC_ALIVE] != MAC_SEEN)
		return false;
	if (mark[MAC_EGRESS] == MAC_SEEN && mark[MAC_NESTED] == MAC_SEEN)
		return true;
	return mark[MAC_EGRESS] != MAC_UNCLEAR && mark[MAC_INGRESS] != MAC_UNCLEAR &&
	       mark[MAC_NESTED] != MAC_UNCLEAR;
}

/* A round: controls alone until they were heard, and again where none gets out any more. */
static void begin_round(struct mac_pair *pair, uint64_t now)
{
	unsigned last = pair->rounds - 1;
	bool survived = pair->rounds >= FIRST && saw(pair, CONTROLS) &&
	                (pair->seen[last] & BIT(MAC_PAIR_OUT)) != 0;
	pair->asked[pair->rounds] = survived ? ALL : CONTROLS;
	pair->sent[pair->rounds++] = now;
	pair->next = 0;
}

static void write_frame(const struct mac_pair *pair, enum mac_pair_kind kind,
                        uint8_t frame[MAC_PAIR_LENGTH])
{
	static const struct mac all = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	const struct {
		const struct mac *to;
		const struct mac *from;
	} ends[MAC_PAIR_KINDS] = {
		[MAC_PAIR_LEAVES] = { &all, &pair->self.forged },
		[MAC_PAIR_ARRIVES] = { &pair->self.unseen, &pair->other },
		[MAC_PAIR_RETURNS] = { &pair->self.forged, &pair->other },
		[MAC_PAIR_OUT] = { &all, &pair->self.real },
		[MAC_PAIR_IN] = { &pair->self.real, &pair->other },
	};
	memset(frame, 0, MAC_PAIR_LENGTH);
	memcpy(frame, ends[kind].to->byte, 6);
	memcpy(frame + 6, ends[kind].from->byte, 6);
	frame[12] = MAC_PAIR_TYPE >> 8;
	frame[13] = MAC_PAIR_TYPE & 0xff;
	memcpy(frame + 14, maker, sizeof maker);
	memcpy(frame + TOKEN, &pair->self.token, 2);
	frame[KIND] = (uint8_t)kind;
	frame[ROUND] = (uint8_t)(pair->rounds - 1);
}

bool mac_pair_next(struct mac_pair *pair, uint64_t now, uint8_t frame[MAC_PAIR_LENGTH],
                   bool *by_other)
{
	if (pair->next == MAC_PAIR_KINDS) {
		bool full = pair->rounds == MAC_PAIR_ROUNDS;
		pair->done = pair->done || is_settled(pair, now) ||
		             (full && is_over(pair, pair->rounds - 1, now));
		if (pair->done || full ||
		    (pair->rounds > 0 && now < pair->sent[pair->rounds - 1] + SPACING))
			return false;
		begin_round(pair, now);
	}
	while ((pair->asked[pair->rounds - 1] & BIT(pair->next)) == 0)
		pair->next++; /* the controls are last, and always asked */
	enum mac_pair_kind kind = (enum mac_pair_kind)pair->next++;
	*by_other = kind != MAC_PAIR_LEAVES && kind != MAC_PAIR_OUT;
	pair->frames++;
	pair->forged += kind == MAC_PAIR_LEAVES;
	write_frame(pair, kind, frame);
	return true;
}

uint64_t mac_pair_wake(const struct mac_pair *pair)
{
	uint64_t last = pair->rounds == 0 ? 0 : pair->sent[pair->rounds - 1];
	return last + (pair->rounds == MAC_PAIR_ROUNDS ? ANSWER : SPACING);
}

void mac_pair_receive(struct mac_pair *pair, bool at_other, const uint8_t *frame, size_t length)
{
	uint8_t expected[MAC_PAIR_LENGTH];
	if (length < MAC_PAIR_LENGTH || frame[KIND] >= MAC_PAIR_KINDS ||
	    frame[ROUND] >= pair->rounds)
		return;
	enum mac_pair_kind kind = (enum mac_pair_kind)frame[KIND];
	bool to_other = kind == MAC_PAIR_LEAVES || kind == MAC_PAIR_OUT;
	write_frame(pair, kind, expected);
	expected[ROUND] = frame[ROUND];
	if (to_other == at_other && memcmp(frame, expected, MAC_PAIR_LENGTH) == 0 &&
	    (pair->asked[frame[ROUND]] & BIT(kind)) != 0)
		pair->seen[frame[ROUND]] |= BIT(kind);
}
