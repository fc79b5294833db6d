/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From findings to items: grouped by what closes or settles them. */
#include "report/items.h"

#include <stdlib.h>
#include <string.h>

/* Another program looked, perhaps under Windows: nothing of ours is there to be typed. */
static bool is_foreign(const struct fact_set *facts)
{
	return facts != NULL && fact_set_find(facts, FACT_IMPORTED) != NULL;
}

/* Whether the command of the page settles nothing in this guest. */
static bool is_in_vain(const struct finding_page *page, const struct fact_set *facts)
{
	return page->unless != NULL && facts != NULL &&
	       condition_evaluate(page->unless, facts) == TRUTH_TRUE;
}

/* What settles the finding where its command does not; or NULL. */
static const char *otherwise_of(const struct finding *finding, const struct fact_set *facts)
{
	const struct finding_page *page = finding_page_of(finding);
	if (is_foreign(facts))
		return "run nestready there, or start its boot image there";
	return page != NULL && is_in_vain(page, facts) ? page->otherwise : NULL;
}

static const char *settle_of(const struct finding *finding, const struct fact_set *facts)
{
	const struct finding_page *page = finding_page_of(finding);
	bool none = page == NULL || is_foreign(facts) || is_in_vain(page, facts);
	return none ? NULL : page->settle;
}

static enum item_kind kind_of(const struct finding *finding, const struct fact_set *facts)
{
	bool failed = finding->outcome == OUTCOME_FAIL;
	if (finding->outcome == OUTCOME_PASS || finding->outcome == OUTCOME_NOT_APPLICABLE)
		return ITEM_NONE;
	enum severity severity = finding_severity(finding);
	if (severity == SEVERITY_INFORMATIONAL)
		return ITEM_NONE;
	if (failed)
		return severity == SEVERITY_REQUIRED ? ITEM_STOPS : ITEM_LACKS;
	bool skipped = finding->outcome == OUTCOME_NOT_CHECKED && finding->requirement->may_skip;
	if (severity == SEVERITY_REQUIRED && !skipped)
		return ITEM_UNSETTLED;
	return settle_of(finding, facts) == NULL ? ITEM_NONE : ITEM_OPEN;
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
	if (kind_of(finding, item->facts) == ITEM_NONE ||
	    failed != (item->first->outcome == OUTCOME_FAIL))
		return false;
	if (failed)
		return finding->gap != NULL && same(finding->gap, item->gap_id);
	if (item->settle == NULL && !same(finding->because, item->first->because))
		return false;
	return same(settle_of(finding, item->facts), item->settle);
}

/* Of the tool that was asked for; else the one for this guest's distribution, else the first. */
static const struct remedy *choose_remedy(const struct platform_gap *closing, const char *tool,
                                          const struct fact_set *facts)
{
	if (closing == NULL || closing->remedy_count == 0)
		return NULL;
	for (size_t i = 0; tool != NULL && i < closing->remedy_count; i++) {
		if (strcmp(closing->remedies[i].tool, tool) == 0)
			return &closing->remedies[i];
	}
	for (size_t i = 0; facts != NULL && i < closing->remedy_count; i++) {
		const struct condition *when = closing->remedies[i].when;
		if (when != NULL && condition_evaluate(when, facts) == TRUTH_TRUE)
			return &closing->remedies[i];
	}
	for (size_t i = 0; i < closing->remedy_count; i++) {
		if (closing->remedies[i].when == NULL)
			return &closing->remedies[i];
	}
	return &closing->remedies[0];
}

/* Where an item stands, and with what it is to be mended. */
struct place {
	const struct platform *platform;
	const struct fact_set *facts;
	const char *tool;
};

static void begin(struct item *item, const struct finding *finding, const struct place *place)
{
	*item = (struct item){ .kind = kind_of(finding, place->facts),
		               .first = finding,
		               .finding_count = 1,
		               .facts = place->facts };
	if (finding->outcome != OUTCOME_FAIL) {
		item->settle = settle_of(finding, place->facts);
		item->otherwise = otherwise_of(finding, place->facts);
		return;
	}
	item->gap_id = finding->gap;
	if (finding->gap == NULL)
		return;
	item->gap = knowledge_gap(finding->gap);
	item->closing = knowledge_platform_gap(place->platform, finding->gap, place->facts);
	item->remedy = choose_remedy(item->closing, place->tool, place->facts);
}

static void add(struct item *items, size_t *count, const struct finding *finding,
                const struct place *place)
{
	for (size_t i = 0; i < *count; i++) {
		if (item_has(&items[i], finding)) {
			items[i].finding_count++;
			return;
		}
	}
	begin(&items[(*count)++], finding, place);
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
                  const struct fact_set *facts, const char *tool, struct item **items,
                  size_t *count)
{
	const struct place place = { platform, facts, tool };
	size_t bearing = 0; /* findings that are part of an item: few of many */
	unsigned kinds = 0; /* a bit for each kind that there is */
	for (size_t i = 0; i < judgment->finding_count; i++) {
		enum item_kind kind = kind_of(&judgment->findings[i], facts);
		bearing += kind != ITEM_NONE;
		kinds |= 1U << kind;
	}
	*count = 0;
	*items = calloc(bearing + 1, sizeof **items);
	if (*items == NULL)
		return -1;
	for (enum item_kind kind = ITEM_STOPS; kind < ITEM_NONE; kind++) {
		if ((kinds & 1U << kind) == 0)
			continue;
		for (size_t i = 0; i < judgment->finding_count; i++) {
			if (kind_of(&judgment->findings[i], facts) == kind)
				add(*items, count, &judgment->findings[i], &place);
		}
	}
	hopeless_first(*items, *count);
	return 0;
}

void item_title(const struct item *item, const struct judgment *judgment, struct text *out)
{
	bool failed = item->first->outcome == OUTCOME_FAIL;
	if (failed && item->gap != NULL) {
		const struct platform_gap *closing = item->closing;
		bool own = closing != NULL && closing->title != NULL;
		text_add(out, own ? closing->title : item->gap->title);
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

bool item_is_after(const struct item *item, const struct item *other)
{
	const char *const *after = item->gap == NULL ? NULL : item->gap->after;
	for (; after != NULL && *after != NULL; after++) {
		if (same(*after, other->gap_id))
			return true;
	}
	return false;
}

static bool has_gap(const struct item *items, size_t count, const char *gap)
{
	for (size_t i = 0; i < count; i++) {
		if (same(items[i].gap_id, gap))
			return true;
	}
	return false;
}

static bool has_step(const struct remedy *remedy, const char *step)
{
	for (const char *const *other = remedy->steps; *other != NULL; other++) {
		if (strcmp(*other, step) == 0)
			return true;
	}
	return false;
}

/*
 * Whether closing one gap makes the settings for the other too: a step between
 * powering off and powering on is the same, or the only one is.
 */
static bool makes(const struct remedy *remedy, const struct remedy *other)
{
	const char *const *steps = other->steps;
	if (steps[1] == NULL)
		return has_step(remedy, steps[0]);
	for (size_t i = 1; steps[i + 1] != NULL; i++) {
		if (has_step(remedy, steps[i]))
			return true;
	}
	return false;
}

void item_of_gap(const struct item *item, const char *gap, const struct platform *platform,
                 const char *tool, struct item *other)
{
	*other = *item;
	other->gap_id = gap;
	other->gap = knowledge_gap(gap);
	other->closing = knowledge_platform_gap(platform, gap, item->facts);
	other->remedy = choose_remedy(other->closing, tool, item->facts);
}

/* A gap that the requirement of `item` may name once its gap is closed.  False: it is none. */
static bool follow(const struct item *item, const char *gap, const struct place *place,
                   struct item *next)
{
	item_of_gap(item, gap, place->platform, place->tool, next);
	next->follows = true;
	return next->gap != NULL && strcmp(next->gap->layer, "L0") == 0 && item->remedy != NULL &&
	       next->remedy != NULL && item_is_after(next, item) &&
	       !makes(item->remedy, next->remedy);
}

int items_follow_up(const struct platform *platform, const struct fact_set *facts, const char *tool,
                    struct item **items, size_t *count)
{
	const struct place place = { platform, facts, tool };
	size_t seen = *count;
	for (size_t i = 0; i < seen; i++) {
		const struct requirement *requirement = (*items)[i].first->requirement;
		for (size_t k = 0; k < requirement->gap_count; k++) {
			const char *gap = requirement->gaps[k].gap;
			struct item next;
			if (has_gap(*items, *count, gap) ||
			    !follow(&(*items)[i], gap, &place, &next))
				continue;
			struct item *more = reallocarray(*items, *count + 1, sizeof *more);
			if (more == NULL)
				return -1;
			*items = more;
			more[(*count)++] = next;
		}
	}
	return 0;
}
