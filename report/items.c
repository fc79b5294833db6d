/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From findings to items: grouped by what closes or settles them. */
#include "report/items.h"

#include <stdlib.h>
#include <string.h>

static const char *settle_of(const struct finding *finding)
{
	const struct finding_page *page = knowledge_finding(finding->requirement->id);
	return page == NULL ? NULL : page->settle;
}

static enum item_kind kind_of(const struct finding *finding)
{
	enum severity severity = finding->requirement->severity;
	bool failed = finding->outcome == OUTCOME_FAIL;
	if (finding->outcome == OUTCOME_PASS || finding->outcome == OUTCOME_NOT_APPLICABLE)
		return ITEM_NONE;
	if (severity == SEVERITY_INFORMATIONAL)
		return ITEM_NONE;
	if (failed)
		return severity == SEVERITY_REQUIRED ? ITEM_STOPS : ITEM_LACKS;
	bool skipped = finding->outcome == OUTCOME_NOT_CHECKED && finding->requirement->may_skip;
	if (severity == SEVERITY_REQUIRED && !skipped)
		return ITEM_UNSETTLED;
	return settle_of(finding) == NULL ? ITEM_NONE : ITEM_OPEN;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* A finding and an item go together when both failed, or both are not known. */
bool item_has(const struct item *item, const struct finding *finding)
{
	bool failed = finding->outcome == OUTCOME_FAIL;
	if (finding == item->first)
		return true;
	if (kind_of(finding) == ITEM_NONE || failed != (item->first->outcome == OUTCOME_FAIL))
		return false;
	if (failed)
		return finding->gap != NULL && same(finding->gap, item->gap_id);
	if (item->settle == NULL && !same(finding->because, item->first->because))
		return false;
	return same(settle_of(finding), item->settle);
}

static const struct remedy *choose_remedy(const struct platform_gap *closing, const char *tool)
{
	if (closing == NULL || closing->remedy_count == 0)
		return NULL;
	for (size_t i = 0; tool != NULL && i < closing->remedy_count; i++) {
		if (strcmp(closing->remedies[i].tool, tool) == 0)
			return &closing->remedies[i];
	}
	return &closing->remedies[0];
}

static void begin(struct item *item, const struct finding *finding, const struct platform *platform,
                  const char *tool)
{
	*item = (struct item){ .kind = kind_of(finding), .first = finding, .finding_count = 1 };
	if (finding->outcome != OUTCOME_FAIL) {
		item->settle = settle_of(finding);
		return;
	}
	item->gap_id = finding->gap;
	if (finding->gap == NULL)
		return;
	item->gap = knowledge_gap(finding->gap);
	item->closing = knowledge_platform_gap(platform, finding->gap);
	item->remedy = choose_remedy(item->closing, tool);
}

static void add(struct item *items, size_t *count, const struct finding *finding,
                const struct platform *platform, const char *tool)
{
	for (size_t i = 0; i < *count; i++) {
		if (item_has(&items[i], finding)) {
			items[i].finding_count++;
			return;
		}
	}
	begin(&items[(*count)++], finding, platform, tool);
}

static bool beyond_repair(const struct item *item)
{
	return item->kind == ITEM_STOPS && item->closing != NULL &&
	       item->closing->remedy_count == 0;
}

/* Moves to the front, in their order, the items that no setting mends. */
static void hopeless_first(struct item *items, size_t count)
{
	size_t front = 0;
	for (size_t i = 0; i < count; i++) {
		if (!beyond_repair(&items[i]))
			continue;
		struct item item = items[i];
		memmove(&items[front + 1], &items[front], (i - front) * sizeof *items);
		items[front++] = item;
	}
}

int items_collect(const struct judgment *judgment, const struct platform *platform,
                  const char *tool, struct item **items, size_t *count)
{
	*count = 0;
	*items = calloc(judgment->finding_count + 1, sizeof **items);
	if (*items == NULL)
		return -1;
	for (enum item_kind kind = ITEM_STOPS; kind < ITEM_NONE; kind++) {
		for (size_t i = 0; i < judgment->finding_count; i++) {
			if (kind_of(&judgment->findings[i]) == kind)
				add(*items, count, &judgment->findings[i], platform, tool);
		}
	}
	hopeless_first(*items, *count);
	return 0;
}

void item_title(const struct item *item, const struct judgment *judgment, struct text *out)
{
	bool failed = item->first->outcome == OUTCOME_FAIL;
	if (failed && item->gap != NULL) {
		text_add(out, item->gap->title);
		return;
	}
	if (item->finding_count == 1) {
		text_printf(out, "%s: %s", failed ? "not so" : "not known",
		            item->first->requirement->title);
		return;
	}
	const char *before = failed ? "not so: " : "not known: ";
	for (size_t i = 0; i < judgment->finding_count; i++) {
		if (!item_has(item, &judgment->findings[i]))
			continue;
		text_printf(out, "%s%s", before, judgment->findings[i].requirement->id);
		before = ", ";
	}
}
