/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a report, and one run put together. */
#include "report/report.h"

#include <stdlib.h>

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {
		[OUTCOME_PASS] = "pass",
		[OUTCOME_FAIL] = "fail",
		[OUTCOME_UNKNOWN] = "unknown",
		[OUTCOME_ERROR] = "error",
		[OUTCOME_NOT_APPLICABLE] = "not-applicable",
		[OUTCOME_NOT_CHECKED] = "not-checked",
	};
	return names[outcome];
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_READY] = "ready",
		[VERDICT_DEGRADED] = "degraded",
		[VERDICT_NOT_READY] = "not-ready",
		[VERDICT_INDETERMINATE] = "indeterminate",
	};
	return names[verdict];
}

const char *basis_name(enum basis basis)
{
	static const char *const names[] = {
		[BASIS_PROVEN] = "proven",
		[BASIS_FLAGS] = "flags",
		[BASIS_IMPORTED] = "imported",
	};
	return names[basis];
}

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_REQUIRED] = "required",
		[SEVERITY_RECOMMENDED] = "recommended",
		[SEVERITY_INFORMATIONAL] = "informational",
	};
	return names[severity];
}

const char *phase_name(enum phase phase)
{
	static const char *const names[] = {
		[PHASE_BOTH] = "both",
		[PHASE_INSTALL] = "install",
		[PHASE_RUN] = "run",
	};
	return names[phase];
}

const char *confidence_name(enum confidence confidence)
{
	static const char *const names[] = {
		[CONFIDENCE_LOW] = "low",
		[CONFIDENCE_MEDIUM] = "medium",
		[CONFIDENCE_HIGH] = "high",
	};
	return names[confidence];
}

void finding_aside(const struct finding *finding, struct text *out)
{
	static const char *const words[] = {
		[OUTCOME_PASS] = "",
		[OUTCOME_FAIL] = "not so, but no obstacle",
		[OUTCOME_UNKNOWN] = "unknown",
		[OUTCOME_ERROR] = "error",
		[OUTCOME_NOT_APPLICABLE] = "does not apply",
		[OUTCOME_NOT_CHECKED] = "not checked",
	};
	text_add(out, words[finding->outcome]);
	if (finding->because != NULL)
		text_printf(out, ": %s", finding->because);
}

int verdict_exit_status(enum verdict verdict)
{
	static const int statuses[] = {
		[VERDICT_READY] = 0,
		[VERDICT_DEGRADED] = 1,
		[VERDICT_NOT_READY] = 2,
		[VERDICT_INDETERMINATE] = 3,
	};
	return statuses[verdict];
}

static int judge_others(struct report *report, const struct target *target,
                        const struct judging *how, struct error *err)
{
	size_t count = 0;
	while (knowledge_targets[count].id != NULL)
		count++;
	report->others = calloc(count, sizeof *report->others);
	if (report->others == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	for (const struct target *other = knowledge_targets; other->id != NULL; other++) {
		if (other == target)
			continue;
		if (judge(other, report->facts, how, &report->others[report->other_count], err) !=
		    0)
			return -1;
		report->other_count++;
	}
	return 0;
}

int report_judge(struct report *report, const struct target *target, bool imported,
                 struct error *err)
{
	identify_platform(report->facts, &report->platform);
	if (derive_facts(&report->platform, report->facts) != 0)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (target == NULL)
		target = default_target(report->facts);
	struct judging how = {
		.imported = imported,
		.phase = report->phase,
		.require_network = report->require_network,
		.shared = calloc(knowledge_requirement_count, sizeof(struct finding)),
	};
	if (how.shared == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	int status = judge(target, report->facts, &how, &report->judgment, err);
	if (status == 0)
		status = judge_others(report, target, &how, err);
	free(how.shared);
	return status;
}

void report_clear(struct report *report)
{
	judgment_clear(&report->judgment);
	for (size_t i = 0; i < report->other_count; i++)
		judgment_clear(&report->others[i]);
	free(report->others);
	free(report->probes);
	fact_set_free(report->facts);
	*report = (struct report){ .facts = NULL };
}
