/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sets, taken from the tables of knowledge and of formats. */
#include "agent/known.h"

#include "report/knowledge.h"
#include "report/report.h"

static const char *target_at(const void *context, size_t index)
{
	(void)context;
	for (const struct target *target = knowledge_targets; target->id != NULL; target++) {
		if (index-- == 0)
			return target->id;
		for (size_t i = 0; target->aliases[i] != NULL; i++) {
			if (index-- == 0)
				return target->aliases[i];
		}
	}
	return NULL;
}

static const char *format_at(const void *context, size_t index)
{
	(void)context;
	return format_table[index] == NULL ? NULL : format_table[index]->name;
}

static const char *tool_at(const void *context, size_t index)
{
	(void)context;
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

static const char *page_at(const void *context, size_t index)
{
	(void)context;
	for (const struct finding_page *page = knowledge_findings; page->id != NULL; page++)
		if (index-- == 0)
			return page->id;
	for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++)
		if (index-- == 0)
			return gap->id;
	for (const struct target *target = knowledge_targets; target->id != NULL; target++)
		if (index-- == 0)
			return target->id;
	return knowledge_platforms[index].id;
}

const struct choice known_targets = { target_at, NULL };
const struct choice known_formats = { format_at, NULL };
const struct choice known_tools = { tool_at, NULL };
const struct choice known_pages = { page_at, NULL };
