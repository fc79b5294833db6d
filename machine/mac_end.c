/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of an experiment (mac_experiment.h): what its counts come to, and what was not settled.
 */
#include "machine/mac_experiment.h"
#include "machine/mac_loss.h"
#include "machine/mac_settle.h"

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
	own->duplicates = mac_count_duplicates(experiment);
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
