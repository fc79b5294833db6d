/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_settle.h. */
#include "machine/mac_settle.h"

#include "machine/mac_compose.h"
#include "machine/mac_loss.h"

#define BIT(probe)   (1u << (probe))
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define REFUSALS 4 /* of frames from F alone: this guest drops them */

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

/* Rounds that are over, in which the probe was asked and a control of its kind was answered. */
static unsigned count_controlled(const struct mac_experiment *experiment, enum mac_probe probe)
{
	unsigned count = 0;
	for (size_t i = 0; i < experiment->round_count; i++) {
		const struct mac_round *round = &experiment->rounds[i];
		bool control =
		        probe == MAC_FORGED_ECHO ? round->pongs > 0 : mac_round_heard(round) > 0;
		if (round->over && control && (round->asked & BIT(probe)) != 0)
			count += probe == MAC_ANYTHING      ? 2
			         : probe == MAC_FORGED_ECHO ? round->forged_pings
			                                    : 1;
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

static bool is_habit(enum mac_probe probe)
{
	return probe == MAC_ECHO || probe == MAC_ANONYMOUS;
}

/*
 * Frames from F come back one way and not the other: one silence is all that
 * says so.  Where frames were lost its word is not that sure anyway; but of who
 * answers no question without a sender pings from F are all there ever is.
 */
static enum mac_doubt doubt_of(const struct mac_experiment *experiment, enum mac_probe probe)
{
	bool out = seen(experiment, MAC_FORGED_ECHO) || seen(experiment, MAC_EGRESS);
	/* MAC_INGRESS, answered to its source, tells nothing */
	bool nested = probe == MAC_NESTED && out && experiment->observation.by_source;
	bool echo = probe == MAC_FORGED_ECHO && seen(experiment, MAC_NESTED);
	bool strict = probe == MAC_FORGED_ECHO && !seen(experiment, MAC_ANONYMOUS);
	if (experiment->last)
		return MAC_LAST;
	return strict || ((nested || echo) && !mac_loses(experiment)) ? MAC_ALONE : MAC_USUAL;
}

/* What the responder never does may be said at any loss; of the port, nothing above the limit. */
static void settle_one(struct mac_experiment *experiment, enum mac_probe probe, unsigned questions,
                       const struct mac_loss *loss)
{
	enum mac_mark *mark = &experiment->observation.mark[probe];
	enum mac_doubt doubt = doubt_of(experiment, probe);
	bool believable = mac_is_believable(questions, loss, doubt) &&
	                  (is_habit(probe) || !mac_is_above_limit(loss));
	if (believable && *mark != MAC_SEEN)
		*mark = MAC_SILENT;
	else if (!believable && *mark == MAC_SILENT && doubt == MAC_ALONE)
		*mark = MAC_UNCLEAR; /* it was not alone then */
}

void mac_settle(struct mac_experiment *experiment)
{
	static const enum mac_probe of_nobody[] = { MAC_INGRESS, MAC_NESTED };
	static const enum mac_probe of_somebody[] = { MAC_ANYTHING, MAC_SPARE, MAC_SPARE_TAKEN };
	const struct mac_loss asking = mac_loss_of(experiment, false);
	const struct mac_loss pinging = mac_loss_of(experiment, true);
	settle_one(experiment, MAC_ECHO, count_asked(experiment, MAC_ECHO), &asking);
	if (mac_any_heard(experiment))
		settle_one(experiment, MAC_ANONYMOUS, count_asked(experiment, MAC_ANONYMOUS),
		           &asking);
	settle_one(experiment, MAC_FORGED_ECHO, count_controlled(experiment, MAC_FORGED_ECHO),
	           &pinging);
	if (experiment->egress_hits == 0)
		settle_one(experiment, MAC_EGRESS, count_controlled(experiment, MAC_EGRESS),
		           &asking);
	for (size_t i = 0; i < COUNT(of_somebody); i++)
		settle_one(experiment, of_somebody[i], count_controlled(experiment, of_somebody[i]),
		           &asking);
	for (size_t i = 0; i < COUNT(of_nobody) && seen(experiment, MAC_ANONYMOUS); i++)
		settle_one(experiment, of_nobody[i], count_controlled(experiment, of_nobody[i]),
		           &asking);
}

/* Whether so many controls are lost that nothing of this kind is to be called silent. */
static bool is_lossy(const struct mac_experiment *experiment, enum mac_probe probe)
{
	const struct mac_loss loss =
	        mac_loss_of(experiment, probe == MAC_FORGED_ECHO || probe == MAC_ECHO);
	return mac_is_above_limit(&loss);
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

bool mac_stays(const struct mac_experiment *experiment, enum mac_probe probe)
{
	return seen(experiment, probe) || stays_silent(experiment, probe);
}

/* Whether it is known how a frame from F fares on its way out. */
static bool egress_known(const struct mac_experiment *experiment)
{
	return mac_stays(experiment, MAC_FORGED_ECHO) || seen(experiment, MAC_EGRESS) ||
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
	if (experiment->failed_forged >= REFUSALS && experiment->failed_real == 0 &&
	    experiment->observation.forged == 0)
		return true;
	/* who lets DHCP pass may let nothing else pass */
	if (experiment->phase == MAC_FINDING)
		return seen(experiment, MAC_DHCP) && experiment->config.responder_count == 0;
	if (spare && !mac_stays(experiment, MAC_SPARE))
		return false;
	if (seen(experiment, MAC_NESTED))
		return nested_settled(experiment);
	if (experiment->observation.broadcasts &&
	    (seen(experiment, MAC_EGRESS) || seen(experiment, MAC_FORGED_ECHO)))
		return true;
	if (silent(experiment, MAC_ANONYMOUS))
		return mac_stays(experiment, MAC_FORGED_ECHO) || silent(experiment, MAC_ECHO);
	return stays_silent(experiment, MAC_NESTED) && mac_stays(experiment, MAC_INGRESS) &&
	       egress_known(experiment);
}

bool mac_is_settled(const struct mac_experiment *experiment)
{
	return is_known(experiment) &&
	       (experiment->phase == MAC_FINDING || !vlan_is_open(experiment));
}
