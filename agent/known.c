/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sets, taken from the tables of knowledge and of formats. */
#include "agent/known.h"

#include "report/knowledge.h"
#include "report/report.h"

const char *known_target_at(size_t index)
{
	return knowledge_targets[index].id;
}

const char *known_format_at(size_t index)
{
	return format_table[index] == NULL ? NULL : format_table[index]->name;
}

const char *known_tool_at(size_t index)
{
	for (const struct platform *platform = knowledge_platforms; platform->id != NULL;
	     platform++) {
		for (size_t i = 0; i < platform->gap_count; i++) {
			const struct platform_gap *gap = &platform->gaps[i];
			if (index < gap->remedy_count)
				return gap->remedies[index].tool;
			index -= gap->remedy_count;
		}
	}
	return NULL;
}

const char *known_page_at(size_t index)
{
	size_t findings = 0;
	while (knowledge_findings[findings].id != NULL) {
		if (findings == index)
			return knowledge_findings[index].id;
		findings++;
	}
	return knowledge_gaps[index - findings].id;
}
