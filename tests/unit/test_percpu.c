/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many CPUs make one fact: the most common answer, and the others as exceptions. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "probes/percpu.h"
#include "report/wire.h"
#include "tests/lib/fake_machine.h"

struct keeper {
	struct fact_sink sink;
	struct fact_set *set;
};

static void keep(struct fact_sink *sink, const struct fact *fact)
{
	cr_assert_eq(fact_set_add(((struct keeper *)sink)->set, fact), 0);
}

/* Emits the fact into a set of its own. */
static struct fact_set *emit(struct percpu *fact)
{
	struct keeper keeper = { { keep }, fact_set_new() };
	percpu_emit(fact, &keeper.sink);
	cr_assert_eq(fact_set_count(keeper.set), 1);
	return keeper.set;
}

Test(percpu, alike_cpus_are_one_value)
{
	struct percpu fact;
	percpu_begin(&fact, "r", PERCPU_HEX, "MSR");
	for (uint32_t cpu = 0; cpu < 512; cpu++)
		percpu_add(&fact, cpu, STATUS_OBSERVED, 5, NULL);
	struct fact_set *facts = emit(&fact);
	expect_hex(facts, "r", 5);
	expect_source(facts, "r", "MSR");
	cr_assert_null(fact_set_find(facts, "r")->exceptions);
	fact_set_free(facts);
}

Test(percpu, the_most_common_answer_speaks_and_the_others_are_exceptions)
{
	struct percpu fact;
	percpu_begin(&fact, "b", PERCPU_BOOL, "CPUID");
	percpu_add(&fact, 0, STATUS_OBSERVED, 0, NULL);
	percpu_add(&fact, 1, STATUS_OBSERVED, 1, NULL);
	percpu_add(&fact, 2, STATUS_OBSERVED, 1, NULL);
	percpu_add(&fact, 3, STATUS_OBSERVED, 0, NULL);
	percpu_add(&fact, 4, STATUS_OBSERVED, 0, NULL);
	percpu_add(&fact, 6, STATUS_FAILED, 99, "Input/output error");
	percpu_add(&fact, 7, STATUS_OBSERVED, 1, NULL);
	percpu_add(&fact, 8, STATUS_OBSERVED, 1, NULL);
	struct fact_set *facts = emit(&fact);
	expect_bool(facts, "b", true);
	expect_exceptions(facts, "b",
	                  "[{'cpus': '0,3-4', 'status': 'observed', 'value': false},"
	                  " {'cpus': '6', 'status': 'failed', 'why': 'Input/output error'}]");
	fact_set_free(facts);
}

Test(percpu, the_first_of_equally_common_answers_speaks)
{
	struct percpu fact;
	percpu_begin(&fact, "i", PERCPU_INT, "CPUID");
	percpu_add(&fact, 0, STATUS_DENIED, 0, "Permission denied");
	percpu_add(&fact, 1, STATUS_OBSERVED, 7, NULL);
	struct fact_set *facts = emit(&fact);
	expect_status(facts, "i", STATUS_DENIED);
	expect_why(facts, "i", "Permission denied");
	expect_exceptions(facts, "i", "[{'cpus': '1', 'status': 'observed', 'value': 7}]");
	fact_set_free(facts);
}

Test(percpu, no_cpu_is_no_answer)
{
	struct percpu fact;
	percpu_begin(&fact, "x", PERCPU_BOOL, "CPUID");
	struct fact_set *facts = emit(&fact);
	expect_status(facts, "x", STATUS_SKIPPED);
	fact_set_free(facts);
}

Test(percpu, cpus_that_all_differ_still_fit_a_line)
{
	struct percpu fact;
	percpu_begin(&fact, "msr.longest-name-of-a-register", PERCPU_HEX, "MSR 0x0000048b");
	char why[200];
	memset(why, '"', sizeof why - 1);
	why[sizeof why - 1] = '\0';
	for (uint32_t cpu = 0; cpu < 8192; cpu++) {
		memcpy(why, &(char[]){ (char)('a' + cpu % 26), (char)('a' + cpu / 26 % 26) }, 2);
		percpu_add(&fact, cpu, STATUS_DENIED, cpu, why);
	}
	struct fact_set *facts = emit(&fact);
	const struct fact *found = fact_set_find(facts, "msr.longest-name-of-a-register");
	cr_assert_eq(json_array_size(found->exceptions), PERCPU_GROUPS - 1);
	cr_assert_eq(found->status, STATUS_FAILED);
	cr_assert_str_eq(found->why, "more than 63 different answers");
	json_t *json = fact_to_json(found);
	cr_assert_lt(json_dumpb(json, NULL, 0, JSON_COMPACT), WIRE_LINE_MAX - 1024);
	json_decref(json);
	fact_set_free(facts);
}

Test(percpu, why_is_the_text_of_the_errno_and_names_no_cpu)
{
	struct answer answer = ANSWER_INIT;
	char why[112];
	answer_set_errno(&answer, EPERM, "/dev/cpu/3/msr");
	percpu_why(&answer, why, sizeof why);
	cr_assert_str_eq(why, "Operation not permitted");
	answer_set_status(&answer, STATUS_SKIPPED, "not recorded");
	percpu_why(&answer, why, sizeof why);
	cr_assert_str_eq(why, "not recorded");
}
