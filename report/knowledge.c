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

const struct target *knowledge_target(const char *id)
{
	FIND(knowledge_targets, id);
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

const struct platform_gap *knowledge_platform_gap(const struct platform *platform, const char *gap)
{
	for (size_t i = 0; platform != NULL && i < platform->gap_count; i++)
		if (strcmp(platform->gaps[i].gap, gap) == 0)
			return &platform->gaps[i];
	const struct gap *known = knowledge_gap(gap);
	return known == NULL ? NULL : known->anywhere;
}
