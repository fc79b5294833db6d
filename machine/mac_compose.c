/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_compose.h.  Forged frames are few: what has its answer is not asked again. */
#include "machine/mac_compose.h"

#include "machine/mac_loss.h"
#include "machine/mac_settle.h"

#define BIT(probe) (1u << (probe))

#define VLAN_TIMES 4

static enum mac_mark mark(const struct mac_experiment *experiment, enum mac_probe probe)
{
	return experiment->observation.mark[probe];
}

static bool wants_echo(const struct mac_experiment *experiment)
{
	return mark(experiment, MAC_ECHO) != MAC_SILENT &&
	       !(mac_loses(experiment) && mac_stays(experiment, MAC_FORGED_ECHO));
}

/* No ping came back so far, though one should have. */
static bool doubts_echo(const struct mac_experiment *experiment)
{
	return mark(experiment, MAC_ECHO) != MAC_SEEN && experiment->round_count > 0 &&
	       experiment->rounds[0].over;
}

static bool wants_egress(const struct mac_experiment *experiment)
{
	return !mac_has_mark(experiment, MAC_EGRESS) && mark(experiment, MAC_NESTED) != MAC_SEEN &&
	       mark(experiment, MAC_FORGED_ECHO) != MAC_SEEN &&
	       mark(experiment, MAC_NOBODY) == MAC_SEEN && doubts_echo(experiment);
}

static bool wants_anything(const struct mac_experiment *experiment)
{
	return mark(experiment, MAC_NESTED) == MAC_SEEN && doubts_echo(experiment) &&
	       !mac_has_mark(experiment, MAC_ANYTHING);
}

static unsigned compose_spare(const struct mac_experiment *experiment)
{
	if (mac_ip_none(&experiment->config.self.spare) || experiment->observation.spare_in_use ||
	    mac_has_mark(experiment, MAC_SPARE))
		return 0;
	/* never together with F before it is known that nobody has it */
	return mark(experiment, MAC_SPARE_TAKEN) == MAC_SILENT ? BIT(MAC_SPARE)
	                                                       : BIT(MAC_SPARE_TAKEN);
}

bool mac_wants_vlan(const struct mac_experiment *experiment)
{
	return experiment->config.self.vlan != 0 && mark(experiment, MAC_VLAN) != MAC_SEEN &&
	       experiment->sent[MAC_VLAN] < VLAN_TIMES;
}

/* The questions that are worth asking again. */
static unsigned compose_questions(const struct mac_experiment *experiment)
{
	bool mute = mark(experiment, MAC_NOBODY) == MAC_SILENT;
	bool nested = mark(experiment, MAC_NESTED) == MAC_SEEN;
	unsigned probes = compose_spare(experiment);
	if (mac_wants_vlan(experiment))
		probes |= BIT(MAC_VLAN);
	if (!mute && !nested && !mac_has_mark(experiment, MAC_INGRESS))
		probes |= BIT(MAC_INGRESS);
	if (!mute && !mac_has_mark(experiment, MAC_NESTED))
		probes |= BIT(MAC_NESTED);
	if (wants_egress(experiment))
		probes |= BIT(MAC_EGRESS);
	if (wants_anything(experiment))
		probes |= BIT(MAC_ANYTHING);
	if (wants_echo(experiment) && !doubts_echo(experiment) &&
	    !mac_has_mark(experiment, MAC_FORGED_ECHO))
		probes |= BIT(MAC_FORGED_ECHO);
	return probes;
}

unsigned mac_compose(const struct mac_experiment *experiment)
{
	if (experiment->phase == MAC_SUSPECTING)
		return BIT(MAC_ALIVE) | BIT(MAC_ECHO);
	unsigned probes = compose_questions(experiment);
	if (wants_echo(experiment))
		probes |= BIT(MAC_ECHO);
	/* An answer to MAC_EGRESS looks like one to MAC_NOBODY: never both in one round. */
	if ((probes & BIT(MAC_EGRESS)) == 0 && mark(experiment, MAC_NOBODY) != MAC_SILENT)
		probes |= BIT(MAC_NOBODY);
	if ((probes & BIT(MAC_NOBODY)) == 0 || (probes & BIT(MAC_SPARE_TAKEN)) != 0 ||
	    experiment->alive_too || mac_loses(experiment))
		probes |= BIT(MAC_ALIVE);
	return probes;
}
