/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the wire brings (mac_experiment.h): answers, and which questions they are taken to answer.
 */
#include "machine/mac_experiment.h"
#include "machine/mac_loss.h"
#include "machine/mac_settle.h"

#define BIT(probe) (1u << (probe))

#define ANSWER_SLACK 140000 /* for an answer to come later than the first one did */
#define QUICK        2000   /* what comes so soon after a question is taken to answer that one */

static void mark_seen(struct mac_experiment *experiment, enum mac_probe probe)
{
	experiment->observation.mark[probe] = MAC_SEEN;
}

static void expect_within(struct mac_experiment *experiment, uint64_t rtt)
{
	experiment->rtt = rtt;
	experiment->wait = rtt + rtt / 4 + ANSWER_SLACK;
}

/* It takes longer than was thought: rounds that were given up may still be answered. */
static bool expect_later(struct mac_experiment *experiment, uint64_t rtt)
{
	if (rtt <= experiment->wait)
		return false;
	expect_within(experiment, rtt);
	for (size_t i = 0; i < experiment->round_count; i++)
		experiment->rounds[i].over =
		        experiment->now >= experiment->rounds[i].last + experiment->wait;
	return true;
}

static bool waits_for(const struct mac_round *round, enum mac_probe probe)
{
	if (round->over || (round->asked & BIT(probe)) == 0)
		return false;
	return probe == MAC_ALIVE ? round->heard < 2 * round->calls
	                          : (round->answered & BIT(probe)) == 0;
}

/* How far from when answers to that round come. */
static uint64_t off_by(const struct mac_experiment *experiment, const struct mac_round *round)
{
	uint64_t first = round->sent + experiment->rtt;
	uint64_t last = round->last + experiment->rtt;
	if (experiment->now < first)
		return first - experiment->now;
	return experiment->now > last ? experiment->now - last : 0;
}

/* Of these rounds the one that an answer which comes now fits best; NULL when there is none. */
static struct mac_round *fitting_round(struct mac_experiment *experiment, enum mac_probe probe,
                                       bool (*is_one)(const struct mac_round *, enum mac_probe))
{
	struct mac_round *best = NULL;
	uint64_t least = UINT64_MAX;
	for (size_t i = 0; i < experiment->round_count; i++) {
		struct mac_round *round = &experiment->rounds[i];
		uint64_t off = off_by(experiment, round);
		if (!is_one(round, probe) || off >= least)
			continue;
		best = round;
		least = off;
	}
	return best;
}

/* Answers to ARP carry no token: this one is taken to be of the round that it fits best. */
static bool answer_round(struct mac_experiment *experiment, enum mac_probe probe)
{
	struct mac_round *best = fitting_round(experiment, probe, waits_for);
	if (best == NULL)
		return false;
	best->answered |= BIT(probe);
	best->heard += probe == MAC_ALIVE;
	return true;
}

/* Whether it asked what is answered like MAC_EGRESS. */
static bool asks_alike(const struct mac_round *round, enum mac_probe egress)
{
	return (round->asked & (BIT(egress) | BIT(MAC_ANONYMOUS) | BIT(MAC_VLAN))) != 0;
}

/*
 * What comes when an answer to a control, or to MAC_VLAN, was to come is none to
 * MAC_EGRESS: some answer twice, and an access port takes the tag off.
 */
static bool answer_egress(struct mac_experiment *experiment)
{
	const struct mac_round *best = fitting_round(experiment, MAC_EGRESS, asks_alike);
	return best != NULL && waits_for(best, MAC_EGRESS) && answer_round(experiment, MAC_EGRESS);
}

/* An answer to nobody's question, sent to the real MAC: to the control, or to MAC_EGRESS. */
static void take_nobody(struct mac_experiment *experiment)
{
	if (answer_round(experiment, MAC_ANONYMOUS)) {
		mark_seen(experiment, MAC_ANONYMOUS);
	} else if (answer_egress(experiment)) {
		/* It carries no token, and a late answer to a control looks the same. */
		if (++experiment->egress_hits >= 2)
			mark_seen(experiment, MAC_EGRESS);
	} else if (expect_later(experiment, experiment->rtt_most)) {
		take_nobody(experiment);
	}
}

static void take_alive(struct mac_experiment *experiment)
{
	if (!answer_round(experiment, MAC_ALIVE) && expect_later(experiment, experiment->rtt_most))
		answer_round(experiment, MAC_ALIVE);
}

static void take_echo(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	if (answer->round >= experiment->round_count)
		return;
	struct mac_round *round = &experiment->rounds[answer->round];
	if ((round->asked & BIT(answer->probe)) == 0)
		return;
	expect_later(experiment, experiment->now - round->last);
	round->answered |= BIT(answer->probe);
	if (answer->probe == MAC_ECHO && round->pongs < 2 * round->pings)
		round->pongs++;
	mark_seen(experiment, answer->probe);
}

static void note_landing(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	if (answer->probe == MAC_INGRESS && answer->landing == LANDED_REAL)
		experiment->observation.by_source = true;
	if (answer->probe != MAC_ALIVE && answer->probe != MAC_ANONYMOUS)
		return;
	experiment->broadcasts |= answer->landing == LANDED_ON_ALL;
	experiment->unicasts |= answer->landing != LANDED_ON_ALL;
	experiment->observation.broadcasts = experiment->broadcasts && !experiment->unicasts;
}

/* What came in under F or F2 proves more than what it answers. */
static void take_question(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	note_landing(experiment, answer);
	if (answer->landing == LANDED_FORGED) {
		mark_seen(experiment, MAC_NESTED);
		if (answer->probe == MAC_SPARE)
			mark_seen(experiment, MAC_SPARE);
	} else if (answer->landing == LANDED_UNSEEN)
		mark_seen(experiment, MAC_INGRESS);
	else if (answer->probe == MAC_ANONYMOUS)
		take_nobody(experiment);
	else if (answer->probe == MAC_ALIVE)
		take_alive(experiment);
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

static void take_answer(struct mac_experiment *experiment, const struct mac_answer *answer)
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

/* Whether a control of those that went out since the others died came back. */
static bool has_recovered(const struct mac_experiment *experiment)
{
	for (size_t i = 0; i < experiment->suspect_rounds; i++)
		if (mac_round_survived(&experiment->rounds[experiment->round_count - 1 - i]))
			return true;
	return false;
}

/*
 * Where the first question was lost, the responder looked slower than it is:
 * what answers a question of a round came since that round, or the first one.
 */
static void note_rtt(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	if (answer->probe == MAC_ALIVE || experiment->sent[MAC_ALIVE] < 2 ||
	    answer->round >= experiment->round_count)
		return;
	uint64_t rtt = experiment->now - experiment->rounds[answer->round].sent;
	if (rtt < experiment->rtt)
		expect_within(experiment, rtt);
}

static void take_found(struct mac_experiment *experiment, const struct mac_answer *answer)
{
	for (size_t i = 0; i < experiment->config.responder_count; i++) {
		if (experiment->asked_at[i] == 0 ||
		    !mac_ip_equal(&answer->who, &experiment->config.responder[i]))
			continue;
		/* which question was it?  the last one, where that was only just sent */
		uint64_t rtt = experiment->now - experiment->asked_last[i];
		uint64_t most = experiment->now - experiment->asked_at[i];
		if (rtt > QUICK)
			rtt = most;
		experiment->responder = answer->who;
		experiment->responder_mac = answer->from;
		experiment->observation.rtt_us = (unsigned)rtt;
		experiment->observation.mark[MAC_ALIVE] = MAC_SEEN;
		expect_within(experiment, rtt);
		experiment->phase = MAC_TRYING;
		experiment->next_round = experiment->now;
		experiment->queue_head = experiment->queue_count = 0;
		take_answer(experiment, answer); /* of no round yet */
		experiment->rtt_most = most;
		return;
	}
}

void mac_experiment_receive(struct mac_experiment *experiment, uint64_t now, const uint8_t *frame,
                            size_t length)
{
	struct mac_answer answer;
	experiment->now = now;
	if (experiment->phase == MAC_DONE)
		return;
	if (mac_frame_is_ours(&experiment->config.self, frame, length)) {
		experiment->observation.reflected++;
		return;
	}
	if (!mac_frame_read(&experiment->config.self, frame, length, &answer))
		return;
	if (experiment->phase == MAC_FINDING) {
		if (answer.probe == MAC_ALIVE)
			take_found(experiment, &answer);
		if (answer.probe == MAC_DHCP)
			take_answer(experiment, &answer);
		if (mac_is_settled(experiment))
			experiment->phase = MAC_DONE;
		return;
	}
	note_rtt(experiment, &answer);
	take_answer(experiment, &answer);
	if (experiment->phase == MAC_SUSPECTING && has_recovered(experiment)) {
		experiment->phase = MAC_TRYING;
		experiment->alive_too = true;
	}
}

void mac_experiment_tagged(struct mac_experiment *experiment, unsigned vlan, const uint8_t *frame,
                           size_t length)
{
	struct mac_answer answer;
	if (vlan == experiment->config.self.vlan && experiment->sent[MAC_VLAN] > 0 &&
	    mac_frame_read(&experiment->config.self, frame, length, &answer) &&
	    answer.probe == MAC_ANONYMOUS) {
		mark_seen(experiment, MAC_VLAN);
		experiment->received[MAC_VLAN]++;
	}
}
