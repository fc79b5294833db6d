/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mac_compose.h.  Forged frames are few: what has its answer is not asked again. */
#include "machine/mac_compose.h"

#include <string.h>

#include "machine/mac_loss.h"
#include "machine/mac_settle.h"

#define BIT(probe)   (1u << (probe))
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define VLAN_TIMES 4
#define PINGS      3 /* from F, where only they are without an answer: no limit a second is on them */
#define CALLS      3 /* controls by ARP, MAC_ANONYMOUS included, once something was lost */

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

bool mac_wants_vlan(const struct mac_experiment *experiment)
{
	return experiment->config.self.vlan != 0 && mark(experiment, MAC_VLAN) != MAC_SEEN &&
	       experiment->sent[MAC_VLAN] < VLAN_TIMES;
}

/* Its answers look like those to MAC_ANONYMOUS and to MAC_VLAN: never in one round with them. */
static bool wants_egress(const struct mac_experiment *experiment)
{
	return !mac_has_mark(experiment, MAC_EGRESS) && mark(experiment, MAC_NESTED) != MAC_SEEN &&
	       mark(experiment, MAC_FORGED_ECHO) != MAC_SEEN &&
	       mark(experiment, MAC_ANONYMOUS) == MAC_SEEN && doubts_echo(experiment) &&
	       !mac_wants_vlan(experiment);
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

/* The questions that are worth asking again. */
static unsigned compose_questions(const struct mac_experiment *experiment)
{
	bool mute = mark(experiment, MAC_ANONYMOUS) == MAC_SILENT;
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

/* The anonymous question was not answered: is it asked too often, as by a limit on ARP? */
static bool doubts_anonymous(const struct mac_experiment *experiment)
{
	return mark(experiment, MAC_ANONYMOUS) == MAC_UNCLEAR && experiment->rounds[0].over &&
	       !mac_any_heard(experiment) && !mac_loses(experiment);
}

unsigned mac_compose(const struct mac_experiment *experiment)
{
	if (experiment->phase == MAC_SUSPECTING)
		return BIT(MAC_ALIVE) | BIT(MAC_ECHO);
	unsigned probes = compose_questions(experiment);
	if (wants_echo(experiment))
		probes |= BIT(MAC_ECHO);
	if ((probes & BIT(MAC_EGRESS)) == 0 && mark(experiment, MAC_ANONYMOUS) != MAC_SILENT)
		probes |= BIT(MAC_ANONYMOUS);
	if (doubts_anonymous(experiment))
		probes = (probes & ~BIT(MAC_INGRESS)) | BIT(MAC_ALIVE); /* as many a second */
	if ((probes & BIT(MAC_ANONYMOUS)) == 0 || (probes & BIT(MAC_SPARE_TAKEN)) != 0 ||
	    experiment->alive_too || mac_loses(experiment))
		probes |= BIT(MAC_ALIVE);
	return probes;
}

bool mac_is_spread(const struct mac_experiment *experiment)
{
	return experiment->phase != MAC_SUSPECTING && mac_loses(experiment);
}

static unsigned count_calls(const struct mac_experiment *experiment, unsigned probes)
{
	bool pings = mark(experiment, MAC_ECHO) == MAC_SEEN;
	if (experiment->phase == MAC_SUSPECTING ? pings : !mac_loses(experiment))
		return 1;
	return (probes & BIT(MAC_ANONYMOUS)) != 0 ? CALLS - 1 : CALLS;
}

/* Whether all hangs on pings from F (doubt_of in mac_settle.c), and the port still works. */
static bool is_all_pings(const struct mac_experiment *experiment)
{
	size_t rounds = experiment->round_count;
	bool strict = mark(experiment, MAC_ANONYMOUS) != MAC_SEEN && rounds > 0 &&
	              mac_round_survived(&experiment->rounds[rounds - 1]);
	return strict || (mark(experiment, MAC_NESTED) == MAC_SEEN && !mac_loses(experiment));
}

/* How often it is in a round, at most. */
static unsigned times_of(const struct mac_experiment *experiment, unsigned probes,
                         enum mac_probe probe)
{
	if (probe == MAC_ALIVE)
		return count_calls(experiment, probes);
	if (probe == MAC_FORGED_ECHO)
		return is_all_pings(experiment) ? PINGS : 1;
	return MAC_QUEUE;
}

/* Each round begins one frame further on. */
static void turn(enum mac_probe *queue, size_t count, size_t by)
{
	enum mac_probe turned[MAC_QUEUE];
	for (size_t i = 0; i < count; i++)
		turned[i] = queue[(i + by) % count];
	memcpy(queue, turned, count * sizeof turned[0]);
}

size_t mac_order(const struct mac_experiment *experiment, unsigned probes,
                 enum mac_probe queue[MAC_QUEUE])
{
	static const enum mac_probe controls_last[] = {
		MAC_ECHO,        MAC_VLAN,        MAC_SPARE_TAKEN, MAC_INGRESS,  MAC_NESTED,
		MAC_EGRESS,      MAC_SPARE,       MAC_ANYTHING,    MAC_ANYTHING, MAC_FORGED_ECHO,
		MAC_FORGED_ECHO, MAC_FORGED_ECHO, MAC_ANONYMOUS,   MAC_ALIVE,    MAC_ALIVE,
		MAC_ALIVE,       MAC_ECHO,        MAC_ECHO,
	};
	static const enum mac_probe controls_between[] = {
		MAC_ECHO,        MAC_ALIVE,    MAC_VLAN,        MAC_SPARE_TAKEN, MAC_INGRESS,
		MAC_ECHO,        MAC_NESTED,   MAC_EGRESS,      MAC_SPARE,       MAC_ALIVE,
		MAC_ANYTHING,    MAC_ANYTHING, MAC_FORGED_ECHO, MAC_ANONYMOUS,   MAC_ALIVE,
		MAC_FORGED_ECHO, MAC_ECHO,     MAC_FORGED_ECHO,
	};
	bool spread = mac_is_spread(experiment);
	const enum mac_probe *order = spread ? controls_between : controls_last;
	size_t length = spread ? COUNT(controls_between) : COUNT(controls_last);
	unsigned times[MAC_PROBES] = { 0 };
	size_t count = 0;
	for (size_t i = 0; i < length && count < MAC_QUEUE; i++)
		if ((probes & BIT(order[i])) != 0 &&
		    times[order[i]]++ < times_of(experiment, probes, order[i]))
			queue[count++] = order[i];
	if (spread)
		turn(queue, count, experiment->round_count);
	return count;
}
