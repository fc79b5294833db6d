/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of an experiment (mac_experiment.h): what its counts come to, and what was not settled.
 */
#include "machine/mac_experiment.h"
#include "machine/mac_settle.h"

#define BIT(probe) (1u << (probe))

void mac_experiment_counted(struct mac_experiment *experiment, uint64_t frames)
{
	struct mac_observation *observation = &experiment->observation;
	bool proved = observation->mark[MAC_NESTED] == MAC_SEEN ||
	              observation->mark[MAC_EGRESS] == MAC_SEEN ||
	              observation->mark[MAC_FORGED_ECHO] == MAC_SEEN;
	if (!proved && !observation->blocked && observation->forged >= 4 &&
	    frames <= observation->frames - observation->forged)
		observation->not_sent = true;
}

/* More answers than questions of a kind. */
static unsigned count_duplicates(const struct mac_experiment *experiment)
{
	static const unsigned kinds[] = {
		BIT(MAC_ALIVE) | BIT(MAC_ANYTHING) | BIT(MAC_SPARE_TAKEN),
		BIT(MAC_NOBODY) | BIT(MAC_EGRESS),
		BIT(MAC_INGRESS),
		BIT(MAC_NESTED),
		BIT(MAC_ECHO),
		BIT(MAC_FORGED_ECHO),
	};
	unsigned duplicates = 0;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		unsigned sent = 0;
		unsigned received = 0;
		for (size_t probe = 0; probe < MAC_PROBES; probe++) {
			bool same = (kinds[i] & BIT(probe)) != 0;
			sent += same ? experiment->sent[probe] : 0;
			received += same ? experiment->received[probe] : 0;
		}
		duplicates += received > sent ? received - sent : 0;
	}
	return duplicates;
}

void mac_experiment_end(struct mac_experiment *experiment, struct mac_observation *observation)
{
	struct mac_observation *own = &experiment->observation;
	struct mac_loss asking;
	struct mac_loss pinging;
	mac_measure_loss(experiment, false, &asking);
	mac_measure_loss(experiment, true, &pinging);
	if (own->mark[MAC_ECHO] == MAC_SEEN) {
		asking.asked += pinging.asked;
		asking.answered += pinging.answered;
	}
	if (asking.asked > 0)
		own->lost_permille = 1000 * (asking.asked - asking.answered) / asking.asked;
	mac_unsettle(experiment);
	own->duplicates = count_duplicates(experiment);
	if (experiment->failed_forged > 0 && own->forged == 0 && experiment->failed_real == 0)
		own->not_sent = true;
	*observation = *own;
}

const char *mac_experiment_says(const struct mac_experiment *experiment)
{
	static const char *const phases[] = {
		[MAC_FINDING] = "looking for somebody who answers",
		[MAC_TRYING] = "frames from a made-up MAC, and to one",
		[MAC_SUSPECTING] = "nobody answers any more: is the port shut?",
		[MAC_DONE] = "done",
	};
	return phases[experiment->phase];
}
