/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_settle.h. */
#include "machine/mac_settle.h"

#include "machine/mac_compose.h"

#define BIT(probe)   (1u << (probe))
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A silence is believed after so many questions whose controls were answered ... */
#define NEGATIVE_MIN 4
/* ... and only if loss makes all of them vanish at most once in so many cases. */
#define NEGATIVE_ODDS 200
#define AGAINST_ODDS  20000
/*
 * Above one lost control in so many nothing is ever called silent.  The pings of
 * a round are one control, which is lost when none of them comes back: what a
 * single frame's loss makes doubtful, the odds above see to.
 */
#define LOSS_LIMIT 4

bool mac_has_mark(const struct mac_experiment *experiment, enum mac_probe probe)
{
	enum mac_mark mark = experiment->observation.mark[probe];
	return mark == MAC_SEEN || mark == MAC_SILENT;
}

static bool seen(const struct mac_experiment *experiment, enum mac_probe probe)
{
	return experiment->observation.mark[probe] == MAC_SEEN;
}

static bool silent(const struct mac_experiment *experiment, enum mac_probe probe)
{
	return experiment->observation.mark[probe] == MAC_SILENT;
}

static void mark_seen(struct mac_experiment *experiment, enum mac_probe probe)
{
	experiment->observation.mark[probe] = MAC_SEEN;
}

bool mac_round_survived(const struct mac_round *round)
{
	return (round->answered & (BIT(MAC_ALIVE) | BIT(MAC_NOBODY))) != 0 || round->pongs > 0;
}

/* The oldest round that still waits for this probe. */
static struct mac_round *waiting(struct mac_experiment *experiment, enum mac_probe probe)
{
	for (size_t i = 0; i < experiment->round_count; i++) {
		struct mac_round *round = &experiment->rounds[i];
		if (!round->over && (round->asked & BIT(probe)) != 0 &&
		    (round->answered & BIT(probe)) == 0)
			return round;
	}
	return NULL;
}

static bool answer_round(struct mac_experiment *experiment, enum mac_probe probe)
{
	struct mac_round *round = waiting(experiment, probe);
	if (round != NULL)
		round->answered |= BIT(probe);
	return round != NULL;
}

/* An answer to nobody's question, sent to the real MAC: to the control, or to MAC_EGRESS. */
static void take_nobody(struct mac_experiment *experiment)
{
	if (answer_round(experiment, MAC_NOBODY)) {
		mark_seen(experiment, MAC_NOBODY);
	} else if (answer_round(experiment, MAC_EGRESS)) {
		/* It carries no token, and a late answer to a control looks the same. */
		if (++experiment->egress_hits >= 2)
			mark_seen(experiment, MAC_EGRESS);
	}
}

static void take_echo(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	if (answer->round >= experiment->round_count)
		return;
	struct mac_round *round = &experiment->rounds[answer->round];
	if ((round->asked & BIT(answer->probe)) == 0)
		return;
	round->answered |= BIT(answer->probe);
	if (answer->probe == MAC_ECHO && round->pongs < round->pings)
		round->pongs++;
	mark_seen(experiment, answer->probe);
}

static void note_landing(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	if (answer->probe == MAC_INGRESS && answer->landing == LANDED_REAL)
		experiment->observation.by_source = true;
	if (answer->probe != MAC_ALIVE && answer->probe != MAC_NOBODY)
		return;
	experiment->broadcasts |= answer->landing == LANDED_ON_ALL;
	experiment->unicasts |= answer->landing != LANDED_ON_ALL;
	experiment->observation.broadcasts = experiment->broadcasts && !experiment->unicasts;
}

/* What came in under F or F2 proves more than what it answers. */
static void take_question(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	note_landing(experiment, answer);
	if (answer->landing == LANDED_FORGED)
		mark_seen(experiment, answer->probe == MAC_SPARE ? MAC_SPARE : MAC_NESTED);
	else if (answer->landing == LANDED_UNSEEN)
		mark_seen(experiment, MAC_INGRESS);
	else if (answer->probe == MAC_NOBODY)
		take_nobody(experiment);
	else if (answer->probe == MAC_ALIVE)
		answer_round(experiment, MAC_ALIVE);
	else if (answer->landing == LANDED_ON_ALL && answer->probe != MAC_INGRESS)
		mark_seen(experiment, MAC_EGRESS); /* the frame from F was heard */
}

/* Answers about addresses other than the responder's. */
static bool take_other(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	struct mac_ip nobodys;
	mac_nobodys_address(&experiment->config.self, &nobodys);
	if (mac_ip_equal(&answer->who, &nobodys) && experiment->sent[MAC_ANYTHING] > 0)
		mark_seen(experiment, MAC_ANYTHING);
	else if (mac_ip_equal(&answer->who, &experiment->config.self.spare) &&
	         experiment->sent[MAC_SPARE_TAKEN] > 0)
		experiment->observation.spare_in_use = true;
	else
		return false;
	return true;
}

void mac_take_answer(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	enum mac_probe probe = answer->probe;
	experiment->received[probe]++;
	if (probe == MAC_DHCP)
		mark_seen(experiment, answer->landing == LANDED_FORGED ? MAC_DHCP : MAC_EGRESS);
	else if (probe == MAC_ECHO || probe == MAC_FORGED_ECHO)
		take_echo(experiment, answer);
	else if (!take_other(experiment, answer) &&
	         mac_ip_equal(&answer->who, &experiment->responder))
		take_question(experiment, answer);
}

void mac_measure_loss(const struct mac_experiment *experiment, bool pings, struct mac_loss *loss)
{
	/* a control that is never answered at all is dead, not lossy */
	unsigned controls = BIT(MAC_ALIVE);
	if (seen(experiment, MAC_NOBODY))
		controls |= BIT(MAC_NOBODY);
	*loss = (struct mac_loss){ 0 };
	for (size_t i = 0; i < experiment->round_count; i++) {
		const struct mac_round *round = &experiment->rounds[i];
		if (!round->over)
			continue;
		unsigned asked = (unsigned)__builtin_popcount(round->asked & controls);
		unsigned answered = (unsigned)__builtin_popcount(round->answered & controls);
		loss->asked += pings ? round->pings : asked;
		loss->answered += pings ? round->pongs : answered;
		loss->controls += pings ? round->pings > 0 : asked;
		loss->kept += pings ? round->pongs > 0 : answered;
	}
}

static bool above_limit(const struct mac_loss *loss)
{
	return (loss->controls - loss->kept) * LOSS_LIMIT > loss->controls;
}

/*
 * Whether so many questions without an answer are a silence, at this loss of
 * controls.  The loss is taken by Laplace's rule of succession: few controls
 * that all came back do not mean that nothing is lost.
 */
static bool believable(unsigned questions, unsigned odds_wanted, const struct mac_loss *loss)
{
	if (questions < NEGATIVE_MIN || loss->answered == 0 || above_limit(loss))
		return false;
	unsigned lost = loss->asked - loss->answered;
	double odds = 1;
	for (unsigned i = 0; i < questions; i++)
		odds = odds * (lost + 1) / (loss->asked + 2);
	return odds * odds_wanted <= 1;
}

bool mac_is_believable(unsigned questions, const struct mac_loss *loss)
{
	return believable(questions, NEGATIVE_ODDS, loss);
}

/*
 * What the wire loses, it loses of both kinds; only who answers one kind less
 * often on purpose, as by a limit on ARP, is measured by that kind alone.
 */
static struct mac_loss loss_of(const struct mac_experiment *experiment, bool pings)
{
	struct mac_loss own;
	struct mac_loss other;
	mac_measure_loss(experiment, pings, &own);
	mac_measure_loss(experiment, !pings, &other);
	if (own.answered == 0)
		return other;
	double here = 1 - (double)own.answered / own.asked;
	double there = other.answered == 0 ? 1 : 1 - (double)other.answered / other.asked;
	if (here > there + 0.25 || other.answered == 0)
		return own;
	return (struct mac_loss){ own.asked + other.asked, own.answered + other.answered,
		                  own.controls + other.controls, own.kept + other.kept };
}

/* Rounds that are over, in which the probe was asked and a control of its kind was answered. */
static unsigned count_controlled(const struct mac_experiment *experiment, enum mac_probe probe)
{
	unsigned count = 0;
	for (size_t i = 0; i < experiment->round_count; i++) {
		const struct mac_round *round = &experiment->rounds[i];
		bool control =
		        probe == MAC_FORGED_ECHO
		                ? round->pongs > 0
		                : (round->answered & (BIT(MAC_ALIVE) | BIT(MAC_NOBODY))) != 0;
		if (round->over && control && (round->asked & BIT(probe)) != 0)
			count += probe == MAC_ANYTHING ? 2 : 1;
	}
	return count;
}

/* Questions of a control in rounds that are over. */
static unsigned count_asked(const struct mac_experiment *experiment, enum mac_probe probe)
{
	unsigned count = 0;
	for (size_t i = 0; i < experiment->round_count; i++) {
		const struct mac_round *round = &experiment->rounds[i];
		if (round->over)
			count += probe == MAC_ECHO ? round->pings
			                           : (unsigned)((round->asked & BIT(probe)) != 0);
	}
	return count;
}

static void settle_one(struct mac_experiment *experiment, enum mac_probe probe, unsigned questions,
                       const struct mac_loss *loss)
{
	/* against an answer that reached F, a silence has to be surer */
	bool against = probe == MAC_FORGED_ECHO && seen(experiment, MAC_NESTED);
	unsigned odds = against ? AGAINST_ODDS : NEGATIVE_ODDS;
	if (!mac_has_mark(experiment, probe) && believable(questions, odds, loss))
		experiment->observation.mark[probe] = MAC_SILENT;
}

void mac_settle(struct mac_experiment *experiment)
{
	static const enum mac_probe of_nobody[] = { MAC_INGRESS, MAC_NESTED };
	static const enum mac_probe of_somebody[] = { MAC_ANYTHING, MAC_SPARE, MAC_SPARE_TAKEN };
	const struct mac_loss asking = loss_of(experiment, false);
	const struct mac_loss pinging = loss_of(experiment, true);
	settle_one(experiment, MAC_ECHO, count_asked(experiment, MAC_ECHO), &asking);
	settle_one(experiment, MAC_NOBODY, count_asked(experiment, MAC_NOBODY), &asking);
	settle_one(experiment, MAC_FORGED_ECHO, count_controlled(experiment, MAC_FORGED_ECHO),
	           &pinging);
	if (experiment->egress_hits == 0)
		settle_one(experiment, MAC_EGRESS, count_controlled(experiment, MAC_EGRESS),
		           &asking);
	for (size_t i = 0; i < COUNT(of_somebody); i++)
		settle_one(experiment, of_somebody[i], count_controlled(experiment, of_somebody[i]),
		           &asking);
	for (size_t i = 0; i < COUNT(of_nobody) && seen(experiment, MAC_NOBODY); i++)
		settle_one(experiment, of_nobody[i], count_controlled(experiment, of_nobody[i]),
		           &asking);
}

/* Whether so many controls are lost that nothing of this kind is to be called silent. */
static bool is_lossy(const struct mac_experiment *experiment, enum mac_probe probe)
{
	const struct mac_loss loss =
	        loss_of(experiment, probe == MAC_FORGED_ECHO || probe == MAC_ECHO);
	return above_limit(&loss);
}

void mac_unsettle(struct mac_experiment *experiment)
{
	static const enum mac_probe negatives[] = { MAC_INGRESS, MAC_EGRESS, MAC_NESTED,
		                                    MAC_FORGED_ECHO, MAC_SPARE };
	for (size_t i = 0; i < COUNT(negatives); i++)
		if (silent(experiment, negatives[i]) && is_lossy(experiment, negatives[i]))
			experiment->observation.mark[negatives[i]] = MAC_UNCLEAR;
}

/* Whether the silence would outlast the end: otherwise more controls have to be asked. */
static bool stays_silent(const struct mac_experiment *experiment, enum mac_probe probe)
{
	return silent(experiment, probe) && !is_lossy(experiment, probe);
}

static bool stays(const struct mac_experiment *experiment, enum mac_probe probe)
{
	return seen(experiment, probe) || stays_silent(experiment, probe);
}

/* Whether it is known how a frame from F fares on its way out. */
static bool egress_known(const struct mac_experiment *experiment)
{
	return stays(experiment, MAC_FORGED_ECHO) || seen(experiment, MAC_EGRESS) ||
	       (silent(experiment, MAC_ECHO) && stays_silent(experiment, MAC_EGRESS));
}

static bool nested_settled(const struct mac_experiment *experiment)
{
	if (seen(experiment, MAC_FORGED_ECHO))
		return true;
	return seen(experiment, MAC_ECHO)
	               ? stays_silent(experiment, MAC_FORGED_ECHO)
	               : silent(experiment, MAC_ECHO) && mac_has_mark(experiment, MAC_ANYTHING);
}

/* Whether the answer to the question with a VLAN tag may still come. */
static bool vlan_is_open(const struct mac_experiment *experiment)
{
	if (experiment->config.self.vlan == 0 || seen(experiment, MAC_VLAN))
		return false;
	for (size_t i = 0; i < experiment->round_count; i++)
		if (!experiment->rounds[i].over &&
		    (experiment->rounds[i].asked & BIT(MAC_VLAN)) != 0)
			return true;
	return mac_wants_vlan(experiment);
}

static bool is_known(const struct mac_experiment *experiment)
{
	bool spare = !mac_ip_none(&experiment->config.self.spare) &&
	             !experiment->observation.spare_in_use;
	if (seen(experiment, MAC_SPARE) || seen(experiment, MAC_DHCP))
		return true;
	if (experiment->failed_forged >= NEGATIVE_MIN && experiment->failed_real == 0 &&
	    experiment->observation.forged == 0)
		return true;
	if (seen(experiment, MAC_NESTED))
		return nested_settled(experiment);
	if (spare && !stays(experiment, MAC_SPARE))
		return false;
	if (experiment->observation.broadcasts &&
	    (seen(experiment, MAC_EGRESS) || seen(experiment, MAC_FORGED_ECHO)))
		return true;
	if (silent(experiment, MAC_NOBODY))
		return stays(experiment, MAC_FORGED_ECHO) || silent(experiment, MAC_ECHO);
	return stays_silent(experiment, MAC_NESTED) && stays(experiment, MAC_INGRESS) &&
	       egress_known(experiment);
}

bool mac_is_settled(const struct mac_experiment *experiment)
{
	return is_known(experiment) &&
	       (experiment->phase == MAC_FINDING || !vlan_is_open(experiment));
}
