/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever a probe does, it costs that probe's facts and nothing else, within
 * a bounded time.  The worker here is the real one with the probes of
 * tests/lib/bad_probes.c.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/process.h"
#include "agent/supervisor.h"

/* Beside this program: tests/unit/unit, tests/lib/bad_probes. */
static const char *bad_probes(void)
{
	static char path[4200];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 32);
	cr_assert_gt(length, 0);
	path[length] = '\0';
	char *file = strstr(path, "tests/unit/");
	cr_assert_not_null(file, "%s", path);
	strcpy(file, "tests/lib/bad_probes");
	return path;
}

static struct supervision supervise_with(struct supervisor_options options, const char *only)
{
	struct supervision result;
	struct error err = ERROR_INIT;
	options.worker = bad_probes();
	options.only = only;
	cr_assert_eq(supervisor_run(&options, &result, &err), 0, "%s", err.message);
	return result;
}

static struct supervision supervise(const char *only)
{
	return supervise_with((struct supervisor_options)SUPERVISOR_OPTIONS_INIT, only);
}

static const struct probe_outcome *outcome(const struct supervision *result, const char *id)
{
	const struct probe_outcome *found = NULL;
	for (size_t i = 0; i < result->probe_count; i++) {
		if (strcmp(result->probes[i].id, id) != 0)
			continue;
		cr_assert_null(found, "two outcomes of %s", id);
		found = &result->probes[i];
	}
	cr_assert_not_null(found, "no outcome of %s", id);
	return found;
}

static const struct fact *fact_of(const struct supervision *result, const char *id,
                                  const char *name)
{
	char key[64];
	snprintf(key, sizeof key, "%s.%s", id, name);
	const struct fact *fact = fact_set_find(result->facts, key);
	cr_assert_not_null(fact, "no fact %s", key);
	return fact;
}

static void expect_fine(const struct supervision *result, const char *id)
{
	cr_assert_eq(outcome(result, id)->status, STATUS_OBSERVED, "%s: %s", id,
	             outcome(result, id)->why);
	cr_assert(json_is_true(fact_of(result, id, "before")->value), "%s", id);
	cr_assert(json_is_true(fact_of(result, id, "after")->value), "%s", id);
}

static void expect_failed(const struct supervision *result, const char *id, const char *why)
{
	const struct fact *facts[] = { fact_of(result, id, "before"),
		                       fact_of(result, id, "after") };
	cr_assert_eq(outcome(result, id)->status, STATUS_FAILED, "%s", id);
	cr_assert_not_null(strstr(outcome(result, id)->why, why), "%s: %s", id,
	                   outcome(result, id)->why);
	for (size_t i = 0; i < 2; i++) {
		cr_assert_eq(facts[i]->status, STATUS_FAILED, "%s", facts[i]->key);
		cr_assert_not_null(strstr(facts[i]->why, why), "%s: %s", facts[i]->key,
		                   facts[i]->why);
	}
}

/* The bad one between two good ones: only it fails, for that reason. */
static void expect_only_its_own(const char *bad, const char *why)
{
	char only[64];
	snprintf(only, sizeof only, "fine,%s,last", bad);
	uint64_t began = process_clock_ms();
	struct supervision result = supervise(only);
	cr_assert_lt(process_clock_ms() - began, 3000);
	expect_fine(&result, "fine");
	expect_fine(&result, "last");
	expect_failed(&result, bad, why);
	cr_assert_eq(result.probe_count, 3);
	cr_assert_leq(result.workers, 5, "%u workers", result.workers);
	supervision_clear(&result);
}

static bool has_note(const struct supervision *result, const char *part)
{
	for (size_t i = 0; i < result->note_count; i++)
		if (strstr(result->notes[i], part) != NULL)
			return true;
	return false;
}

Test(supervisor, good_probes_need_one_worker)
{
	struct supervision result = supervise("fine,last");
	expect_fine(&result, "fine");
	expect_fine(&result, "last");
	cr_assert_eq(result.workers, 1);
	cr_assert_eq(result.note_count, 0, "%s", result.notes[0]);
	cr_assert_eq(fact_set_count(result.facts), 4);
	cr_assert_geq(outcome(&result, "fine")->duration_us, 5000);
	supervision_clear(&result);
}

Test(supervisor, one_that_loops)
{
	expect_only_its_own("loop", "no answer within 300 ms");
}

Test(supervisor, one_that_sleeps_too_long)
{
	expect_only_its_own("oversleep", "no answer within 200 ms");
}

Test(supervisor, one_that_will_not_be_asked_to_end)
{
	expect_only_its_own("deaf", "no answer within 200 ms");
}

Test(supervisor, one_that_dies_by_signal)
{
	expect_only_its_own("segv", "killed by SIGSEGV");
}

Test(supervisor, one_that_aborts)
{
	expect_only_its_own("abort", "killed by SIGABRT");
}

Test(supervisor, one_that_dies_while_another_is_under_way)
{
	expect_only_its_own("late", "killed by SIGSEGV");
}

Test(supervisor, one_that_takes_the_process_along_quietly)
{
	expect_only_its_own("leave", "exited with status 0");
}

Test(supervisor, one_that_prints_rubbish)
{
	expect_only_its_own("rubbish", "breaks the rules at byte 0");
}

Test(supervisor, one_that_writes_half_a_line_and_goes)
{
	expect_only_its_own("half", "exited with status 0");
}

Test(supervisor, one_that_speaks_for_another)
{
	expect_only_its_own("impostor", "a fact of fine, which is not under way");
}

Test(supervisor, one_that_says_it_is_all_over)
{
	expect_only_its_own("quitter", "done too early");
}

Test(supervisor, one_that_adds_a_member)
{
	expect_only_its_own("extra", "breaks the rules at byte 71");
}

Test(supervisor, one_that_floods_facts)
{
	expect_only_its_own("flood", "more than 4096 facts of flood");
}

Test(supervisor, one_whose_line_never_ends)
{
	expect_only_its_own("endless", "a line that is too long");
}

Test(supervisor, what_was_not_declared_is_not_believed)
{
	struct supervision result = supervise("fine,undeclared");
	expect_fine(&result, "fine");
	cr_assert_eq(outcome(&result, "undeclared")->status, STATUS_FAILED);
	cr_assert_str_eq(outcome(&result, "undeclared")->why, "undeclared fact \"fine.before\"");
	cr_assert(json_is_true(fact_of(&result, "undeclared", "after")->value));
	cr_assert_eq(result.workers, 1);
	supervision_clear(&result);
}

Test(supervisor, a_value_that_does_not_fit_costs_its_fact)
{
	struct supervision result = supervise("wide");
	expect_fine(&result, "wide");
	cr_assert_eq(fact_of(&result, "wide", "text")->status, STATUS_FAILED);
	cr_assert_eq(result.workers, 1);
	supervision_clear(&result);
}

Test(supervisor, what_libraries_print_is_kept_apart_and_bounded)
{
	struct supervision result = supervise("fine,talker,last");
	expect_fine(&result, "fine");
	expect_fine(&result, "talker");
	expect_fine(&result, "last");
	cr_assert_eq(result.workers, 1);
	cr_assert(has_note(&result, "a library has something to say"));
	cr_assert_eq(result.note_count, SUPERVISOR_NOTES);
	supervision_clear(&result);
}

Test(supervisor, nobody_fails_for_what_another_did_to_the_process)
{
	struct supervision result = supervise("poisoner,victim,last");
	expect_fine(&result, "poisoner");
	expect_fine(&result, "victim");
	expect_fine(&result, "last");
	supervision_clear(&result);
}

Test(supervisor, all_of_them_at_once)
{
	struct supervisor_options options = SUPERVISOR_OPTIONS_INIT;
	options.skip = "slow,traced"; /* no bad ones: they have time */
	struct supervision result = supervise_with(options, NULL);
	static const char *const good[] = { "fine", "last", "talker", "poisoner", "victim" };
	static const struct {
		const char *id;
		const char *why;
	} bad[] = {
		{ "loop", "no answer" },       { "segv", "SIGSEGV" },
		{ "abort", "SIGABRT" },        { "late", "SIGSEGV" },
		{ "leave", "status 0" },       { "rubbish", "breaks the rules" },
		{ "half", "status 0" },        { "impostor", "not under way" },
		{ "quitter", "too early" },    { "extra", "breaks the rules at byte 71" },
		{ "flood", "more than 4096" }, { "endless", "too long" },
		{ "oversleep", "no answer" },  { "deaf", "no answer" },
	};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		expect_fine(&result, good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		expect_failed(&result, bad[i].id, bad[i].why);
	cr_assert_eq(result.probe_count, 21);
	supervision_clear(&result);
}

Test(supervisor, the_whole_run_has_an_end)
{
	struct supervisor_options options = SUPERVISOR_OPTIONS_INIT;
	options.total_ms = 3000; /* "slow" sleeps for 5 s, and has a minute */
	struct supervision result = supervise_with(options, "fine,slow,last");
	expect_fine(&result, "fine");
	expect_failed(&result, "slow", "the time for the whole run is up");
	supervision_clear(&result);
}

Test(supervisor, what_the_caller_skips_stays_skipped_after_an_accident)
{
	struct supervisor_options options = SUPERVISOR_OPTIONS_INIT;
	options.skip = "fine";
	struct supervision result = supervise_with(options, "fine,segv,last");
	cr_assert_null(fact_set_find(result.facts, "fine.before"));
	expect_failed(&result, "segv", "SIGSEGV");
	expect_fine(&result, "last");
	supervision_clear(&result);
}

/* Before that it is vforked, and its parent waits for it with all threads. */
static bool has_become_a_worker(pid_t child)
{
	char path[64];
	char name[16] = "";
	snprintf(path, sizeof path, "/proc/%d/comm", (int)child);
	FILE *comm = fopen(path, "r");
	bool worker =
	        comm != NULL && fscanf(comm, "%15s", name) == 1 && strcmp(name, "bad_probes") == 0;
	if (comm != NULL)
		fclose(comm);
	return worker;
}

/* A tracer that never waits keeps a dead process from its parent, like a call that hangs. */
static pid_t hold_back_first_child(pid_t parent)
{
	pid_t tracer = fork();
	if (tracer != 0)
		return tracer;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1); /* a test that fails ends before it kills its tracer */
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
	for (;;) {
		int child = 0;
		FILE *children = fopen(path, "r");
		while (children != NULL && fscanf(children, "%d", &child) == 1)
			if (has_become_a_worker(child) &&
			    ptrace(PTRACE_SEIZE, child, NULL, NULL) == 0)
				pause();
		if (children != NULL)
			fclose(children);
		struct timespec wait = { 0, 10000000 };
		nanosleep(&wait, NULL);
	}
}

Test(supervisor, a_worker_that_cannot_die_is_left_behind_and_named)
{
	pid_t tracer = hold_back_first_child(getpid());
	struct supervision result = supervise("fine,traced,deaf,last");
	cr_assert(has_note(&result, "does not die"), "%s", result.notes[0]);
	expect_fine(&result, "fine");
	expect_failed(&result, "deaf", "no answer within 200 ms");
	expect_fine(&result, "last");
	supervision_clear(&result);
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	cr_assert_gt(waitpid(-1, NULL, 0), 0, "it was waited for, though it could not die");
}

/* From here on the kernel does as one without seccomp. */
static void take_seccomp_away(void)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof steps / sizeof steps[0], steps };
	cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

Test(supervisor, a_kernel_without_seccomp_is_good_enough_and_named)
{
	take_seccomp_away();
	struct supervision result = supervise("fine,segv,last");
	expect_fine(&result, "fine");
	expect_failed(&result, "segv", "SIGSEGV");
	expect_fine(&result, "last");
	cr_assert(has_note(&result, "not sandboxed: loading the system call filter"), "%s",
	          result.notes[0]);
	supervision_clear(&result);
}

Test(supervisor, refused_input_is_an_error_in_the_workers_words)
{
	struct supervisor_options options = SUPERVISOR_OPTIONS_INIT;
	struct supervision result;
	struct error err = ERROR_INIT;
	options.worker = bad_probes();
	options.only = "nonsense";
	cr_assert_eq(supervisor_run(&options, &result, &err), -1);
	cr_assert_eq(err.code, ERROR_USAGE);
	cr_assert_str_eq(err.message, "unknown probe \"nonsense\"");
	supervision_clear(&result);
}

Test(supervisor, no_worker_is_no_input)
{
	struct supervisor_options options = SUPERVISOR_OPTIONS_INIT;
	struct supervision result;
	struct error err = ERROR_INIT;
	options.worker = "/nonexistent/nestready-probe";
	cr_assert_eq(supervisor_run(&options, &result, &err), -1);
	cr_assert_eq(err.code, ERROR_NO_INPUT);
	cr_assert_not_null(strstr(err.message, "/nonexistent/nestready-probe"));
	supervision_clear(&result);
}

Test(supervisor, a_snapshot_survives_an_accident)
{
	FILE *file = tmpfile();
	fputs("{\"schema\": \"nestready.snapshot/1\", \"answers\": {}}", file);
	fflush(file);
	struct supervisor_options options = SUPERVISOR_OPTIONS_INIT;
	options.snapshot_fd = fileno(file);
	struct supervision result = supervise_with(options, "fine,segv,last");
	expect_fine(&result, "fine");
	expect_failed(&result, "segv", "SIGSEGV");
	expect_fine(&result, "last");
	supervision_clear(&result);
	fclose(file);
}

Test(supervisor, the_worker_says_what_it_knows)
{
	struct supervisor_options options = SUPERVISOR_OPTIONS_INIT;
	struct error err = ERROR_INIT;
	options.worker = bad_probes();
	json_t *list = supervisor_list(&options, &err);
	cr_assert_not_null(list, "%s", err.message);
	const json_t *probes = json_object_get(list, "probes");
	cr_assert_eq(json_array_size(probes), 23);
	const json_t *first = json_array_get(probes, 0);
	cr_assert_str_eq(json_string_value(json_object_get(first, "id")), "fine");
	cr_assert_eq(json_integer_value(json_object_get(first, "deadline_ms")), 2000);
	cr_assert_eq(json_array_size(json_object_get(first, "facts")), 2);
	json_decref(list);
}
