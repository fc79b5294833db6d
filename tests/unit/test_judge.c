/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of judgment on made-up targets; test_targets.c judges the real ones. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "report/report.h"
#include "tests/lib/made_facts.h"

#define STR(...) #__VA_ARGS__

/* Facts whose test `is true` comes out as each outcome. */
static const char outcomes[] = STR({
	"pass" : true,
	"fail" : false,
	"unknown" : { "status" : "denied", "why" : "not root" },
	"error" : { "status" : "failed", "why" : "it faults" },
	"not-checked" : { "status" : "skipped", "why" : "passive" }
});

static const struct literal yes = { .kind = LITERAL_BOOL, .as.boolean = true };
static struct fact_set *facts;
static struct judgment judgment;
static enum phase phase;

static void begin(void)
{
	facts = made_facts(outcomes);
}

static void end(void)
{
	judgment_clear(&judgment);
	fact_set_free(facts);
	phase = PHASE_BOTH;
}

TestSuite(judge, .init = begin, .fini = end);

static struct condition is_true(const char *key)
{
	return (struct condition){
		.kind = CONDITION_IS, .fact = key, .literals = &yes, .literal_count = 1
	};
}

static bool require_network; /* of judge_all */

static void judge_all(const struct requirement *requirements, size_t count, bool imported)
{
	struct error err = ERROR_INIT;
	static struct target target;
	static const struct requirement *rows[8];
	cr_assert_leq(count, 8);
	for (size_t i = 0; i < count; i++)
		rows[i] = &requirements[i];
	target = (struct target){ .id = "made-up",
		                  .requirements = rows,
		                  .requirement_count = count };
	judgment_clear(&judgment);
	const struct judging how = { .imported = imported,
		                     .phase = phase,
		                     .require_network = require_network };
	cr_assert_eq(judge(&target, facts, &how, &judgment, &err), 0, "%s", err.message);
	cr_assert_eq(judgment.finding_count, count);
}

/* The verdict on two requirements: their severities, and the facts they ask for. */
static enum verdict of(enum severity a, const char *fact_a, enum severity b, const char *fact_b)
{
	struct condition first = is_true(fact_a);
	struct condition second = is_true(fact_b);
	struct requirement requirements[] = {
		{ .id = "a", .severity = a, .group = "a", .condition = &first },
		{ .id = "b", .severity = b, .group = "b", .condition = &second },
	};
	judge_all(requirements, 2, false);
	return judgment.verdict;
}

Test(judge, the_verdict_is_the_worst_by_severity)
{
	enum severity required = SEVERITY_REQUIRED;
	enum severity recommended = SEVERITY_RECOMMENDED;
	enum severity informational = SEVERITY_INFORMATIONAL;
	const struct {
		enum severity a;
		const char *fact_a;
		enum severity b;
		const char *fact_b;
		enum verdict verdict;
	} rows[] = {
		{ required, "pass", required, "pass", VERDICT_READY },
		{ required, "pass", required, "fail", VERDICT_NOT_READY },
		{ required, "pass", required, "unknown", VERDICT_INDETERMINATE },
		{ required, "pass", required, "error", VERDICT_INDETERMINATE },
		{ required, "pass", required, "not-checked", VERDICT_INDETERMINATE },
		{ required, "unknown", required, "fail", VERDICT_NOT_READY },
		{ required, "pass", recommended, "fail", VERDICT_DEGRADED },
		{ required, "pass", recommended, "unknown", VERDICT_READY },
		{ required, "pass", recommended, "not-checked", VERDICT_READY },
		{ required, "unknown", recommended, "fail", VERDICT_INDETERMINATE },
		{ required, "fail", recommended, "fail", VERDICT_NOT_READY },
		{ required, "pass", informational, "fail", VERDICT_READY },
		{ required, "pass", informational, "error", VERDICT_READY },
		{ recommended, "fail", informational, "fail", VERDICT_DEGRADED },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		cr_expect_eq(of(rows[i].a, rows[i].fact_a, rows[i].b, rows[i].fact_b),
		             rows[i].verdict, "row %zu: %s %s", i, rows[i].fact_a, rows[i].fact_b);
}

Test(judge, each_verdict_has_its_exit_status)
{
	cr_expect_eq(verdict_exit_status(VERDICT_READY), 0);
	cr_expect_eq(verdict_exit_status(VERDICT_DEGRADED), 1);
	cr_expect_eq(verdict_exit_status(VERDICT_NOT_READY), 2);
	cr_expect_eq(verdict_exit_status(VERDICT_INDETERMINATE), 3);
}

Test(judge, a_finding_says_why_it_is_no_yes_or_no)
{
	of(SEVERITY_REQUIRED, "unknown", SEVERITY_REQUIRED, "error");
	cr_expect_str_eq(judgment.findings[0].because, "not root");
	cr_expect_str_eq(judgment.findings[1].because, "it faults");
	of(SEVERITY_REQUIRED, "pass", SEVERITY_REQUIRED, "fail");
	cr_expect_null(judgment.findings[0].because);
	cr_expect_null(judgment.findings[1].because);
}

Test(judge, what_may_be_skipped_holds_up_nothing_unless_it_went_wrong)
{
	static const struct {
		const char *fact;
		enum verdict verdict;
	} rows[] = { { "pass", VERDICT_READY },
		     { "fail", VERDICT_NOT_READY },
		     { "unknown", VERDICT_READY },
		     { "not-checked", VERDICT_READY },
		     { "error", VERDICT_INDETERMINATE } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct condition proof = is_true(rows[i].fact);
		struct requirement requirement = {
			.id = "l2", .group = "l2", .condition = &proof, .may_skip = true
		};
		judge_all(&requirement, 1, false);
		cr_expect_eq(judgment.verdict, rows[i].verdict, "%s", rows[i].fact);
	}
}

Test(judge, applies_decides_first)
{
	static const struct {
		const char *applies;
		enum outcome outcome;
		const char *because;
	} rows[] = { { "pass", OUTCOME_FAIL, NULL },
		     { "fail", OUTCOME_NOT_APPLICABLE, "only on Intel" },
		     { "unknown", OUTCOME_UNKNOWN, "not root" },
		     { "error", OUTCOME_ERROR, "it faults" },
		     { "not-checked", OUTCOME_NOT_CHECKED, "passive" } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct condition applies = is_true(rows[i].applies);
		struct condition condition = is_true("fail");
		struct requirement requirement = { .id = "a",
			                           .group = "a",
			                           .applies = &applies,
			                           .applies_why = "only on Intel",
			                           .condition = &condition };
		judge_all(&requirement, 1, false);
		cr_expect_eq(judgment.findings[0].outcome, rows[i].outcome, "%s", rows[i].applies);
		if (rows[i].because != NULL)
			cr_expect_str_eq(judgment.findings[0].because, rows[i].because);
	}
}

/* A flag that fails, superseded by a proof. */
static enum outcome superseded(const char *proof_fact, enum verdict *verdict)
{
	struct condition flag = is_true("fail");
	struct condition proof = is_true(proof_fact);
	struct gap_choice gap = { .gap = "l0.virt-not-exposed" };
	struct requirement requirements[] = {
		{ .id = "flag",
		  .group = "cpu",
		  .condition = &flag,
		  .superseded_by = "proof",
		  .superseded_why = "proof passed",
		  .gaps = &gap,
		  .gap_count = 1 },
		{ .id = "proof",
		  .group = "l2",
		  .condition = &proof,
		  .proves = true,
		  .may_skip = true },
	};
	judge_all(requirements, 2, false);
	*verdict = judgment.verdict;
	return judgment.findings[0].outcome;
}

Test(judge, proof_outranks_flags_and_only_a_pass_is_proof)
{
	enum verdict verdict;
	cr_expect_eq(superseded("pass", &verdict), OUTCOME_NOT_APPLICABLE);
	cr_expect_eq(verdict, VERDICT_READY);
	cr_expect_eq(judgment.basis, BASIS_PROVEN);
	cr_expect_eq(judgment.not_proven_count, 0);
	cr_expect_null(judgment.findings[0].gap);
	cr_expect_str_eq(judgment.findings[0].because, "proof passed");
	static const char *const others[] = { "fail", "unknown", "error", "not-checked" };
	for (size_t i = 0; i < 4; i++) {
		cr_expect_eq(superseded(others[i], &verdict), OUTCOME_FAIL, "%s", others[i]);
		cr_expect_eq(verdict, VERDICT_NOT_READY);
		cr_expect_eq(judgment.basis, BASIS_FLAGS);
		cr_expect_str_eq(judgment.findings[0].gap, "l0.virt-not-exposed");
	}
}

Test(judge, what_was_imported_says_so)
{
	struct condition proof = is_true("pass");
	struct requirement requirement = {
		.id = "l2", .group = "l2", .condition = &proof, .proves = true
	};
	judge_all(&requirement, 1, true);
	cr_expect_eq(judgment.basis, BASIS_IMPORTED);
}

Test(judge, untested_groups_are_named_once_whatever_the_severity)
{
	struct condition denied = is_true("unknown");
	struct condition failed = is_true("error");
	struct condition skipped = is_true("not-checked");
	struct condition passed = is_true("pass");
	struct requirement requirements[] = {
		{ .id = "a", .group = "cpu", .condition = &passed },
		{ .id = "b", .group = "slat", .condition = &denied },
		{ .id = "c", .group = "network", .condition = &skipped, .severity = 1 },
		{ .id = "d", .group = "slat", .condition = &failed, .severity = 2 },
	};
	judge_all(requirements, 4, false);
	cr_assert_eq(judgment.not_proven_count, 2);
	cr_expect_str_eq(judgment.not_proven[0], "slat");
	cr_expect_str_eq(judgment.not_proven[1], "network");
}

Test(judge, the_first_gap_whose_condition_holds_is_named)
{
	struct condition wrong = is_true("fail");
	struct condition unsure = is_true("unknown");
	struct condition right = is_true("pass");
	struct gap_choice choices[] = {
		{ "l1.a", &wrong }, { "l1.b", &unsure }, { "l1.c", &right }, { "l1.d", NULL }
	};
	struct requirement requirement = {
		.id = "a", .group = "a", .condition = &wrong, .gaps = choices, .gap_count = 4
	};
	judge_all(&requirement, 1, false);
	cr_expect_str_eq(judgment.findings[0].gap, "l1.c");
	requirement.gap_count = 2;
	judge_all(&requirement, 1, false);
	cr_expect_null(judgment.findings[0].gap);
}

Test(judge, the_reason_is_the_first_that_stands_in_the_way)
{
	struct condition passed = is_true("pass");
	struct condition denied = is_true("unknown");
	struct condition failed = is_true("fail");
	struct gap_choice gap = { .gap = "l0.virt-not-exposed" };
	struct requirement requirements[] = {
		{ .id = "a", .title = "A", .group = "a", .condition = &denied, .may_skip = true },
		{ .id = "b", .title = "B", .group = "b", .condition = &denied },
		{ .id = "c", .title = "C", .group = "c", .condition = &failed, .severity = 1 },
		{ .id = "d", .group = "d", .condition = &failed, .gaps = &gap, .gap_count = 1 },
	};
	judge_all(requirements, 4, false);
	cr_expect_str_eq(judgment_reason(&judgment), knowledge_gap("l0.virt-not-exposed")->title);
	judge_all(requirements, 3, false);
	cr_expect_str_eq(judgment_reason(&judgment), "B");
	requirements[1].condition = &passed;
	judge_all(requirements, 3, false);
	cr_expect_str_eq(judgment_reason(&judgment), "C");
	judge_all(requirements, 2, false);
	cr_expect_null(judgment_reason(&judgment));
}

Test(judge, what_matters_to_another_phase_does_not_apply)
{
	struct condition no = is_true("fail");
	struct requirement requirements[] = {
		{ .id = "a", .group = "a", .condition = &no, .phase = PHASE_INSTALL },
		{ .id = "b", .group = "b", .condition = &no, .phase = PHASE_RUN },
		{ .id = "c", .group = "c", .condition = &no },
	};
	static const enum outcome expected[][3] = {
		[PHASE_BOTH] = { OUTCOME_FAIL, OUTCOME_FAIL, OUTCOME_FAIL },
		[PHASE_INSTALL] = { OUTCOME_FAIL, OUTCOME_NOT_APPLICABLE, OUTCOME_FAIL },
		[PHASE_RUN] = { OUTCOME_NOT_APPLICABLE, OUTCOME_FAIL, OUTCOME_FAIL },
	};
	for (phase = PHASE_BOTH; phase <= PHASE_RUN; phase++) {
		judge_all(requirements, 3, false);
		for (size_t i = 0; i < 3; i++)
			cr_expect_eq(judgment.findings[i].outcome, expected[phase][i], "%zu for %s",
			             i, phase_name(phase));
	}
}

/* Every real target, with what other targets found and on its own: the same to the last finding. */
Test(judge, rows_that_targets_share_are_the_same_for_each)
{
	struct error err = ERROR_INIT;
	struct judging with = { .shared = calloc(knowledge_requirement_count,
		                                 sizeof(struct finding)) };
	const struct judging without = { .shared = NULL };
	for (const struct target *target = knowledge_targets; target->id != NULL; target++) {
		struct judgment alone;
		judgment_clear(&judgment);
		cr_assert_eq(judge(target, facts, &with, &judgment, &err), 0);
		cr_assert_eq(judge(target, facts, &without, &alone, &err), 0);
		cr_expect_eq(judgment.verdict, alone.verdict, "%s", target->id);
		for (size_t i = 0; i < alone.finding_count; i++) {
			cr_expect_eq(judgment.findings[i].outcome, alone.findings[i].outcome,
			             "%s of %s", alone.findings[i].requirement->id, target->id);
			cr_expect_eq(judgment.findings[i].gap, alone.findings[i].gap);
		}
		judgment_clear(&alone);
	}
	free(with.shared);
}

/* A caller may require the network, and nothing else with it. */
Test(judge, the_network_is_required_where_the_caller_says_so)
{
	struct condition no = { .kind = CONDITION_ALWAYS, .literals = &yes, .literal_count = 1 };
	struct condition filtered = { .kind = CONDITION_NOT, .parts = &no, .part_count = 1 };
	const struct requirement requirements[] = {
		{ .id = FINDING_NETWORK,
		  .severity = SEVERITY_RECOMMENDED,
		  .group = "network",
		  .condition = &filtered },
		{ .id = "b",
		  .severity = SEVERITY_RECOMMENDED,
		  .group = "b",
		  .condition = &filtered },
	};
	judge_all(requirements, 2, false);
	cr_expect_eq(judgment.verdict, VERDICT_DEGRADED);
	require_network = true;
	judge_all(requirements, 2, false);
	cr_expect_eq(judgment.verdict, VERDICT_NOT_READY);
	cr_expect_eq(finding_severity(&judgment.findings[0]), SEVERITY_REQUIRED);
	cr_expect_eq(finding_severity(&judgment.findings[1]), SEVERITY_RECOMMENDED);
	judge_all(&requirements[1], 1, false);
	cr_expect_eq(judgment.verdict, VERDICT_DEGRADED);
}
