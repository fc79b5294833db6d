/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which platform is underneath.  No single sign is trusted: each platform file
 * lists combinations of signs with the confidence that they deserve, and the
 * most confident, then the most specific platform wins.
 */
#include <string.h>

#include "report/report.h"

/* Whether anything speaks for the platform, and how loudly. */
static bool recognise(const struct platform *platform, const struct fact_set *facts,
                      struct identification *found)
{
	*found = (struct identification){ .platform = platform };
	for (size_t i = 0; i < platform->recognition_count; i++) {
		const struct recognition *recognition = &platform->recognitions[i];
		if (condition_evaluate(recognition->when, facts) != TRUTH_TRUE)
			continue;
		if (recognition->confidence > found->confidence)
			found->confidence = recognition->confidence;
		if (found->evidence_count < sizeof found->evidence / sizeof found->evidence[0])
			found->evidence[found->evidence_count++] = recognition->evidence;
	}
	return found->evidence_count > 0;
}

void identify_platform(const struct fact_set *facts, struct identification *identification)
{
	struct identification found;
	*identification = (struct identification){ .platform = NULL };
	for (const struct platform *platform = knowledge_platforms; platform->id != NULL;
	     platform++) {
		if (!recognise(platform, facts, &found))
			continue;
		const struct platform *best = identification->platform;
		if (best == NULL || found.confidence > identification->confidence ||
		    (found.confidence == identification->confidence && platform->rank > best->rank))
			*identification = found;
	}
}

const struct target *default_target(const struct fact_set *facts)
{
	const struct target *best = NULL;
	for (const struct target *target = knowledge_targets; target->id != NULL; target++)
		if (target->installed != NULL &&
		    condition_evaluate(target->installed, facts) == TRUTH_TRUE &&
		    (best == NULL || target->installed_rank > best->installed_rank))
			best = target;
	return best != NULL ? best : knowledge_target("kvm");
}
