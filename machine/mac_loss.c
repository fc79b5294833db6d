/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See mac_loss.h.  How many questions make a silence, and why that fits the limits:
 *
 * Of n frames of controls l were lost.  By Bayes' rule, with Beta(1, 6) for the
 * loss before anything was measured (a mean of one in seven), the chance that
 * the next k frames are lost, too, is the product of (l+1+i) / (n+7+i) for i from
 * 0 to k-1.  At 1 in 6,000 or less the k questions were no chance.  Where
 * nothing is lost that takes four rounds with pings (1 in 14,950) and without
 * them five questions in six rounds (n = 6: 1 in 6,188).  Where something was,
 * rounds are cheap to add: 1 in 20,000, and 6,000 only when no more of them fit.
 *
 * A fifth of the frames lost each way leaves 1 - 0.8 * 0.8 = 36 % of the questions
 * without an answer.  At that measured loss k is 10 to 12 from the fourth round
 * on, and a question that does pass is lost so often once in 0.36^-10 = 27,000
 * times.  Only rounds with an answered control count, and of those with three
 * frames a control 0.36^3 = 4.7 % have none: 11 to 13 rounds as a rule.  A round
 * has nine frames then, and 160 frames are 17 of them.  That more than a quarter
 * of the controls is lost happens in 1 of 600 cases by the 12th round and gets
 * rarer.  With single frames it would be 36 % of the controls, and nothing could
 * be said.
 *
 * A silence that all else speaks against has to be no chance once in 1,000,000
 * cases: pings from F that do not come back, though F is answered by ARP, are
 * then asked three times in a round and need no more rounds.  So has a silence
 * that nothing could speak against: that of those pings where no question
 * without a sender is answered.  And a word that rests on silences has high
 * confidence only where nothing was lost (probes/mac_verdict.c).
 *
 * All this is about losses one by one.  Where they come many in a row, and where
 * somebody answers one question at a time, what stands side by side in a round
 * has one fate.  From the first loss on frames are therefore APART, controls
 * between questions, and in another order each round (mac_order): whatever takes
 * the questions then takes controls as well.  Bursts longer than a round take
 * whole rounds, which count for nothing.  tests/unit/test_mac_loss.c has both.
 */
#include "machine/mac_loss.h"

#define BIT(probe) (1u << (probe))

/* A silence is believed after so many questions whose controls were answered ... */
#define NEGATIVE_MIN 4
/* ... and only if loss makes all of them vanish at most once in so many cases. */
#define NEGATIVE_ODDS 6000
#define LOSSY_ODDS    20000   /* where frames of controls were lost */
#define ALONE_ODDS    1000000 /* where nothing else says so */
/* Of the loss before the first control: Beta(1, 6). */
#define PRIOR_LOST 1
#define PRIOR_KEPT 6
/* Above one lost control in so many nothing is ever called silent. */
#define LOSS_LIMIT 4

static bool asked_anonymous(const struct mac_round *round)
{
	return (round->asked & BIT(MAC_ANONYMOUS)) != 0;
}

static bool heard_anonymous(const struct mac_round *round)
{
	return (round->answered & BIT(MAC_ANONYMOUS)) != 0;
}

unsigned mac_round_heard(const struct mac_round *round)
{
	return round->heard + heard_anonymous(round);
}

bool mac_round_survived(const struct mac_round *round)
{
	return mac_round_heard(round) > 0 || round->pongs > 0;
}

bool mac_any_heard(const struct mac_experiment *experiment)
{
	for (size_t i = 0; i < experiment->round_count; i++)
		if (mac_round_heard(&experiment->rounds[i]) > 0)
			return true;
	return false;
}

/*
 * Questions whose answers look alike: that to MAC_VLAN where a port takes the
 * tag off.  The first are of the kernel's kind, too.
 */
static const unsigned kinds[] = {
	BIT(MAC_ALIVE) | BIT(MAC_ANYTHING) | BIT(MAC_SPARE_TAKEN),
	BIT(MAC_ANONYMOUS) | BIT(MAC_EGRESS) | BIT(MAC_VLAN),
	BIT(MAC_INGRESS),
	BIT(MAC_NESTED),
	BIT(MAC_ECHO),
	BIT(MAC_FORGED_ECHO),
};

static unsigned duplicates_of(const struct mac_experiment *experiment, unsigned kind)
{
	unsigned sent = 0;
	unsigned received = 0;
	for (size_t probe = 0; probe < MAC_PROBES; probe++) {
		bool same = (kind & BIT(probe)) != 0;
		sent += same ? experiment->sent[probe] : 0;
		received += same ? experiment->received[probe] : 0;
	}
	return received > sent ? received - sent : 0;
}

static unsigned all_duplicates(const struct mac_experiment *experiment)
{
	unsigned duplicates = 0;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		duplicates += duplicates_of(experiment, kinds[i]);
	return duplicates;
}

unsigned mac_count_duplicates(const struct mac_experiment *experiment)
{
	unsigned duplicates = all_duplicates(experiment);
	unsigned doubtful = duplicates_of(experiment, kinds[0]);
	unsigned asked = 0;
	for (size_t probe = 0; probe < MAC_PROBES; probe++)
		asked += (kinds[0] & BIT(probe)) != 0 ? experiment->sent[probe] : 0;
	/* where all come twice it is as many as were asked, with a fifth lost each way a quarter */
	bool kernels = duplicates == doubtful && (doubtful <= 1 || doubtful * 8 <= asked);
	return kernels ? 0 : duplicates;
}

/* So many of those questions were answered at least; answers that come twice are one. */
static unsigned at_least(unsigned questions, unsigned answers, bool twice)
{
	unsigned count = twice ? (answers + 1) / 2 : answers;
	return count < questions ? count : questions;
}

void mac_measure_loss(const struct mac_experiment *experiment, bool pings, struct mac_loss *loss)
{
	/* a control that is never answered at all is dead, not lossy */
	bool anonymous = experiment->observation.mark[MAC_ANONYMOUS] == MAC_SEEN;
	bool twice = mac_count_duplicates(experiment) > 0;
	*loss = (struct mac_loss){ 0 };
	for (size_t i = 0; i < experiment->round_count; i++) {
		const struct mac_round *round = &experiment->rounds[i];
		if (!round->over || round->suspecting)
			continue;
		unsigned asked =
		        pings ? round->pings : round->calls + (anonymous && asked_anonymous(round));
		unsigned answered = pings ? at_least(round->pings, round->pongs, twice)
		                          : at_least(round->calls, round->heard, twice) +
		                                    heard_anonymous(round);
		loss->asked += asked;
		loss->answered += answered;
		loss->controls += asked > 0;
		loss->kept += answered > 0;
	}
}

/*
 * What the wire loses, it loses of both kinds; only where somebody answers one
 * kind less often on purpose, as by a limit on ARP, each is measured alone.
 */
struct mac_loss mac_loss_of(const struct mac_experiment *experiment, bool pings)
{
	struct mac_loss own;
	struct mac_loss other;
	mac_measure_loss(experiment, pings, &own);
	mac_measure_loss(experiment, !pings, &other);
	if (own.answered == 0)
		return other;
	double here = 1 - (double)own.answered / own.asked;
	double there = other.answered == 0 ? 1 : 1 - (double)other.answered / other.asked;
	if (here > there + 0.25 || there > here + 0.25 || other.answered == 0)
		return own;
	return (struct mac_loss){ own.asked + other.asked, own.answered + other.answered,
		                  own.controls + other.controls, own.kept + other.kept };
}

bool mac_loses(const struct mac_experiment *experiment)
{
	struct mac_loss asking;
	struct mac_loss pinging;
	mac_measure_loss(experiment, false, &asking);
	mac_measure_loss(experiment, true, &pinging);
	return asking.answered < asking.asked ||
	       (pinging.answered > 0 && pinging.answered < pinging.asked);
}

bool mac_is_above_limit(const struct mac_loss *loss)
{
	return (loss->controls - loss->kept) * LOSS_LIMIT > loss->controls;
}

static double odds(const struct mac_loss *loss, enum mac_doubt doubt)
{
	if (doubt == MAC_LAST)
		return NEGATIVE_ODDS;
	if (doubt == MAC_ALONE)
		return ALONE_ODDS;
	return loss->answered == loss->asked ? NEGATIVE_ODDS : LOSSY_ODDS;
}

bool mac_is_believable(unsigned questions, const struct mac_loss *loss, enum mac_doubt doubt)
{
	if (questions < NEGATIVE_MIN || loss->answered == 0)
		return false;
	unsigned lost = loss->asked - loss->answered;
	double chance = 1;
	for (unsigned i = 0; i < questions; i++)
		chance = chance * (lost + PRIOR_LOST + i) /
		         (loss->asked + PRIOR_LOST + PRIOR_KEPT + i);
	return chance * odds(loss, doubt) <= 1;
}
