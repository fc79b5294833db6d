/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts and a target become findings, and findings a verdict; report.h has the rules. */
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

static const enum outcome outcome_of_truth[] = {
	[TRUTH_FALSE] = OUTCOME_FAIL,      [TRUTH_TRUE] = OUTCOME_PASS,
	[TRUTH_UNKNOWN] = OUTCOME_UNKNOWN, [TRUTH_NOT_CHECKED] = OUTCOME_NOT_CHECKED,
	[TRUTH_ERROR] = OUTCOME_ERROR,
};

bool outcome_is_untested(enum outcome outcome)
{
	return outcome == OUTCOME_UNKNOWN || outcome == OUTCOME_ERROR ||
	       outcome == OUTCOME_NOT_CHECKED;
}

/* The outcome of one condition, with the reason when it did not come to a yes or no. */
static void settle(struct finding *finding, const struct condition *condition,
                   const struct fact_set *facts)
{
	enum truth truth = condition_evaluate(condition, facts);
	finding->outcome = outcome_of_truth[truth];
	if (outcome_is_untested(finding->outcome))
		finding->because = condition_because(condition, facts, truth);
}

static const char *choose_gap(const struct requirement *requirement, const struct fact_set *facts)
{
	for (size_t i = 0; i < requirement->gap_count; i++) {
		const struct gap_choice *choice = &requirement->gaps[i];
		if (choice->when == NULL || condition_evaluate(choice->when, facts) == TRUTH_TRUE)
			return choice->gap;
	}
	return NULL;
}

void judge_requirement(const struct requirement *requirement, const struct fact_set *facts,
                       struct finding *finding)
{
	*finding = (struct finding){ .requirement = requirement, .outcome = OUTCOME_PASS };
	if (requirement->applies != NULL)
		settle(finding, requirement->applies, facts);
	if (finding->outcome == OUTCOME_FAIL) {
		finding->outcome = OUTCOME_NOT_APPLICABLE;
		finding->because = requirement->applies_why;
	} else if (finding->outcome == OUTCOME_PASS) {
		settle(finding, requirement->condition, facts);
	}
	if (finding->outcome == OUTCOME_FAIL)
		finding->gap = choose_gap(requirement, facts);
}

/* The finding of a row that other targets may have too. */
static void find_once(struct finding *finding, const struct requirement *requirement,
                      const struct fact_set *facts, struct finding *shared)
{
	struct finding *known = &shared[requirement - knowledge_requirements];
	if (known->requirement == NULL)
		judge_requirement(requirement, facts, known);
	*finding = *known;
}

const struct finding *judgment_finding(const struct judgment *judgment, const char *id)
{
	for (size_t i = 0; i < judgment->finding_count; i++)
		if (strcmp(judgment->findings[i].requirement->id, id) == 0)
			return &judgment->findings[i];
	return NULL;
}

/* In any order: what supersedes is never superseded itself; tools/knowledge-compile sees to it. */
static void supersede(struct judgment *judgment)
{
	for (size_t i = 0; i < judgment->finding_count; i++) {
		struct finding *finding = &judgment->findings[i];
		const struct requirement *requirement = finding->requirement;
		if (requirement->superseded_by == NULL ||
		    finding->outcome == OUTCOME_NOT_APPLICABLE)
			continue;
		const struct finding *other =
		        judgment_finding(judgment, requirement->superseded_by);
		if (other == NULL || other->outcome != OUTCOME_PASS)
			continue;
		finding->outcome = OUTCOME_NOT_APPLICABLE;
		finding->because = requirement->superseded_why;
		finding->gap = NULL;
	}
}

const struct finding_page *finding_page_of(const struct finding *finding)
{
	const struct finding_page *page = finding->requirement->page;
	return page != NULL ? page : knowledge_finding(finding->requirement->id);
}

enum severity finding_severity(const struct finding *finding)
{
	return finding->required ? SEVERITY_REQUIRED : finding->requirement->severity;
}

enum bearing finding_bearing(const struct finding *finding)
{
	const struct requirement *requirement = finding->requirement;
	bool failed = finding->outcome == OUTCOME_FAIL;
	if (failed && finding_severity(finding) == SEVERITY_RECOMMENDED)
		return BEARING_DEGRADES;
	if (finding_severity(finding) != SEVERITY_REQUIRED)
		return BEARING_NONE;
	if (failed)
		return BEARING_STOPS;
	bool open = requirement->may_skip ? finding->outcome == OUTCOME_ERROR
	                                  : outcome_is_untested(finding->outcome);
	return open ? BEARING_HOLDS_UP : BEARING_NONE;
}

/* The first bearing of a verdict's own that a finding has decides, in this order. */
static const struct {
	enum bearing bearing;
	enum verdict verdict;
} verdict_table[] = {
	{ BEARING_STOPS, VERDICT_NOT_READY },
	{ BEARING_HOLDS_UP, VERDICT_INDETERMINATE },
	{ BEARING_DEGRADES, VERDICT_DEGRADED },
};

#define VERDICT_ROWS (sizeof verdict_table / sizeof verdict_table[0])

/* NULL when there is none. */
static const struct finding *first_bearing(const struct judgment *judgment, enum bearing bearing)
{
	for (size_t i = 0; i < judgment->finding_count; i++) {
		if (finding_bearing(&judgment->findings[i]) == bearing)
			return &judgment->findings[i];
	}
	return NULL;
}

static enum verdict decide(const struct judgment *judgment)
{
	for (size_t i = 0; i < VERDICT_ROWS; i++) {
		if (first_bearing(judgment, verdict_table[i].bearing) != NULL)
			return verdict_table[i].verdict;
	}
	return VERDICT_READY;
}

static enum basis rest_on(const struct judgment *judgment, bool imported)
{
	if (imported)
		return BASIS_IMPORTED;
	for (size_t i = 0; i < judgment->finding_count; i++)
		if (judgment->findings[i].requirement->proves &&
		    judgment->findings[i].outcome == OUTCOME_PASS)
			return BASIS_PROVEN;
	return BASIS_FLAGS;
}

static void add_not_proven(struct judgment *judgment, const char *group)
{
	for (size_t i = 0; i < judgment->not_proven_count; i++)
		if (strcmp(judgment->not_proven[i], group) == 0)
			return;
	/* The compiler of the data rejects a target with more groups than there is room for. */
	if (judgment->not_proven_count < JUDGMENT_GROUPS)
		judgment->not_proven[judgment->not_proven_count++] = group;
}

/* What matters to another phase than this check's. */
static bool out_of_phase(struct finding *finding, const struct requirement *requirement,
                         enum phase phase)
{
	static const char *const whys[] = {
		[PHASE_INSTALL] = "it matters to the installation alone",
		[PHASE_RUN] = "it matters only once the target is installed",
	};
	if (phase == PHASE_BOTH || requirement->phase == PHASE_BOTH || requirement->phase == phase)
		return false;
	*finding = (struct finding){ .requirement = requirement,
		                     .outcome = OUTCOME_NOT_APPLICABLE,
		                     .because = whys[requirement->phase] };
	return true;
}

static void require_network(struct judgment *judgment)
{
	for (size_t i = 0; i < judgment->finding_count; i++) {
		struct finding *finding = &judgment->findings[i];
		if (strcmp(finding->requirement->id, FINDING_NETWORK) == 0)
			finding->required = true;
	}
}

int judge(const struct target *target, const struct fact_set *facts, const struct judging *how,
          struct judgment *judgment, struct error *err)
{
	*judgment = (struct judgment){ .target = target };
	judgment->findings = calloc(target->requirement_count, sizeof *judgment->findings);
	if (judgment->findings == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	judgment->finding_count = target->requirement_count;
	for (size_t i = 0; i < judgment->finding_count; i++) {
		const struct requirement *requirement = target->requirements[i];
		struct finding *finding = &judgment->findings[i];
		if (out_of_phase(finding, requirement, how->phase))
			continue;
		if (how->shared == NULL)
			judge_requirement(requirement, facts, finding);
		else
			find_once(finding, requirement, facts, how->shared);
	}
	if (how->require_network)
		require_network(judgment);
	supersede(judgment);
	for (size_t i = 0; i < judgment->finding_count; i++)
		if (outcome_is_untested(judgment->findings[i].outcome))
			add_not_proven(judgment, judgment->findings[i].requirement->group);
	judgment->verdict = decide(judgment);
	judgment->basis = rest_on(judgment, how->imported);
	return 0;
}

void judgment_clear(struct judgment *judgment)
{
	free(judgment->findings);
	*judgment = (struct judgment){ .target = NULL };
}

const char *judgment_reason(const struct judgment *judgment)
{
	for (size_t i = 0; i < VERDICT_ROWS; i++) {
		const struct finding *finding = first_bearing(judgment, verdict_table[i].bearing);
		if (finding == NULL)
			continue;
		const struct gap *gap = finding->gap == NULL ? NULL : knowledge_gap(finding->gap);
		return gap != NULL ? gap->title : finding->requirement->title;
	}
	return NULL;
}
