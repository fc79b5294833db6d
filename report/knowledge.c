/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding things by id in the tables that the files under knowledge/ became. */
#include "report/knowledge.h"

#include <string.h>

#define FIND(table, wanted)                                                                        \
	do {                                                                                       \
		for (size_t i = 0; (table)[i].id != NULL; i++)                                     \
			if (strcmp((table)[i].id, (wanted)) == 0)                                  \
				return &(table)[i];                                                \
		return NULL;                                                                       \
	} while (0)

static bool names(const char *const *list, const char *wanted)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, wanted) == 0)
			return true;
	return false;
}

const struct target *knowledge_target(const char *id)
{
	for (const struct target *target = knowledge_targets; target->id != NULL; target++)
		if (strcmp(target->id, id) == 0 || names(target->aliases, id))
			return target;
	return NULL;
}

const struct platform *knowledge_platform(const char *id)
{
	FIND(knowledge_platforms, id);
}

const struct gap *knowledge_gap(const char *id)
{
	FIND(knowledge_gaps, id);
}

const struct finding_page *knowledge_finding(const char *id)
{
	FIND(knowledge_findings, id);
}

bool knowledge_constrains(const struct constraint *constraint, const struct target *target,
                          const struct platform *platform)
{
	if (constraint->families[0] != NULL && !names(constraint->families, target->family))
		return false;
	return constraint->platforms[0] == NULL || platform == NULL ||
	       names(constraint->platforms, platform->id);
}

const struct matrix_entry *knowledge_support(const struct target *target,
                                             const struct platform *platform)
{
	for (size_t i = 0; platform != NULL && i < target->matrix_count; i++)
		if (strcmp(target->matrix[i].platform, platform->id) == 0)
			return &target->matrix[i];
	return NULL;
}

static bool holds(const struct platform_gap *entry, const struct fact_set *facts)
{
	return entry->when == NULL ||
	       (facts != NULL && condition_evaluate(entry->when, facts) == TRUTH_TRUE);
}

const struct platform_gap *knowledge_platform_gap(const struct platform *platform, const char *gap,
                                                  const struct fact_set *facts)
{
	for (size_t i = 0; platform != NULL && i < platform->gap_count; i++) {
		const struct platform_gap *entry = &platform->gaps[i];
		if (strcmp(entry->gap, gap) == 0 && holds(entry, facts))
			return entry;
	}
	const struct gap *known = knowledge_gap(gap);
	return known == NULL ? NULL : known->anywhere;
}
