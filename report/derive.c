/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What knowledge says of the platform becomes facts too, so that a target file
 * can ask for it like for anything else and a report shows what was decided on.
 */
#include <stdio.h>

#include "report/report.h"

struct deriving {
	struct fact_sink sink;
	struct fact_set *facts;
	int failed;
};

static void add(struct fact_sink *sink, const struct fact *fact)
{
	struct deriving *deriving = (struct deriving *)sink;
	deriving->failed |= fact_set_add(deriving->facts, fact);
}

static void derive_support(struct deriving *deriving, const struct target *target,
                           const struct platform *platform)
{
	const struct matrix_entry *entry = knowledge_support(target, platform);
	char key[96];
	snprintf(key, sizeof key, DERIVED_SUPPORT "%s", target->id);
	fact_text(&deriving->sink, key, entry == NULL ? "unknown" : entry->support,
	          entry == NULL ? "no report of this pair" : entry->source);
}

int derive_facts(const struct identification *platform, struct fact_set *facts)
{
	struct deriving deriving = { .sink = { add }, .facts = facts };
	if (platform->platform == NULL) {
		fact_none(&deriving.sink, DERIVED_PLATFORM, STATUS_ABSENT,
		          "no known platform was recognised", "identification");
		fact_none(&deriving.sink, DERIVED_CONFIDENCE, STATUS_ABSENT,
		          "no known platform was recognised", "identification");
	} else {
		fact_text(&deriving.sink, DERIVED_PLATFORM, platform->platform->id,
		          "identification");
		fact_text(&deriving.sink, DERIVED_CONFIDENCE, confidence_name(platform->confidence),
		          "identification");
	}
	for (const struct target *target = knowledge_targets; target->id != NULL; target++)
		derive_support(&deriving, target, platform->platform);
	return deriving.failed == 0 ? 0 : -1;
}
