/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every probe on every recorded machine, with every single question failing
 * once, and with all of them failing.  What could not be asked is never known:
 * neither a value nor an absence may come of a refusal.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>

#include "tests/lib/fake_machine.h"
#include "tests/lib/fault_machine.h"

static const int errnos[] = { ENOENT, EACCES, EIO };

/* Runs the probe on the machine with a fault; how many questions it asked. */
static size_t run_with(const struct probe *probe, struct machine *machine,
                       const struct fault *fault)
{
	struct machine *faulty = fault_machine_new(machine, fault);
	fact_set_free(run_probe_on(probe, faulty, NULL));
	size_t asked = fault_machine_asked(faulty);
	machine_close(faulty);
	return asked;
}

static void fail_each_question(const struct probe *probe, struct machine *machine)
{
	size_t asked = run_with(probe, machine, &(struct fault){ .nth = 0 });
	for (size_t e = 0; e < sizeof errnos / sizeof errnos[0]; e++)
		for (size_t n = 1; n <= asked; n++)
			run_with(probe, machine,
			         &(struct fault){ .nth = n, .sys_errno = errnos[e] });
}

struct machine_file {
	char name[256];
};

static void free_files(struct criterion_test_params *params)
{
	cr_free(params->params);
}

/* A test a machine: they run side by side, and each has its own time limit. */
ParameterizedTestParameters(faults, any_question_may_fail)
{
	glob_t found;
	cr_assert_eq(glob(SOURCE_DIR "/tests/snapshots/*.json", 0, NULL, &found), 0);
	size_t count = found.gl_pathc;
	struct machine_file *files = cr_calloc(count, sizeof *files);
	for (size_t i = 0; i < count; i++)
		snprintf(files[i].name, sizeof files[i].name, "%s", found.gl_pathv[i]);
	globfree(&found);
	return cr_make_param_array(struct machine_file, files, count, free_files);
}

ParameterizedTest(struct machine_file *file, faults, any_question_may_fail)
{
	struct fake_machine *fake = fake_machine_new();
	fake_load(fake, file->name);
	for (size_t p = 0; probe_registry[p] != NULL; p++)
		fail_each_question(probe_registry[p], fake_machine(fake));
	fake_machine_free(fake);
}

/* With nothing but that answer, no fact may be of the kinds that are known. */
static void expect_nothing_known(int sys_errno)
{
	struct fake_machine *fake = fake_machine_new();
	struct machine *faulty = fault_machine_new(
	        fake_machine(fake),
	        &(struct fault){ .nth = 1, .repeat = SIZE_MAX, .sys_errno = sys_errno });
	for (size_t p = 0; probe_registry[p] != NULL; p++) {
		struct fact_set *facts = run_probe_on(probe_registry[p], faulty, NULL);
		for (size_t i = 0; i < fact_set_count(facts); i++) {
			const struct fact *fact = fact_set_at(facts, i);
			cr_expect(fact->status != STATUS_OBSERVED && fact->status != STATUS_ABSENT,
			          "%s is %s on a machine that answers nothing", fact->key,
			          status_name(fact->status));
		}
		fact_set_free(facts);
	}
	machine_close(faulty);
	fake_machine_free(fake);
}

Test(faults, what_is_denied_is_never_known)
{
	expect_nothing_known(EACCES);
}

/* Not EIO, which of a register says that there is a device to fault. */
Test(faults, what_fails_is_never_known)
{
	expect_nothing_known(ENOMEM);
}

/* Nothing recorded is like nothing asked. */
Test(faults, what_is_not_recorded_is_never_known)
{
	struct fake_machine *fake = fake_machine_new();
	fake_open_world(fake);
	for (size_t p = 0; probe_registry[p] != NULL; p++) {
		struct fact_set *facts = run_probe(probe_registry[p], fake, NULL);
		for (size_t i = 0; i < fact_set_count(facts); i++)
			cr_expect_eq(fact_set_at(facts, i)->status, STATUS_SKIPPED, "%s is %s",
			             fact_set_at(facts, i)->key,
			             status_name(fact_set_at(facts, i)->status));
		fact_set_free(facts);
	}
	fake_machine_free(fake);
}
