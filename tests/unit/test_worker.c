/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker by itself: its command line, its selection, and its end without a supervisor. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/process.h"
#include "worker/catalogue.h"
#include "worker/options.h"
#include "worker/runner.h"
#include "worker/selection.h"

/* For what must end: what is tested is why it does, not how busy this machine is. */
#define PATIENCE_MS 30000

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void no_run(const struct probe_run *run)
{
	(void)run;
}

static const struct fact_declaration no_facts[] = { { NULL, NULL } };
static const struct probe probes[] = {
	{ .id = "a", .title = "A", .facts = no_facts, .run = no_run },
	{ .id = "ab", .title = "AB", .flags = PROBE_ACTIVE, .facts = no_facts, .run = no_run },
	{ .id = "c", .title = "C", .flags = PROBE_RISKY, .facts = no_facts, .run = no_run },
};
static const struct probe *const registry[] = { &probes[0], &probes[1], &probes[2], NULL };

static int parse(struct worker_options *options, const char *first, const char *second)
{
	char *argv[] = { (char[]){ "worker" }, (char *)first, (char *)second, NULL };
	struct error err = ERROR_INIT;
	int result = worker_options_parse(options, second == NULL ? 2 : 3, argv, &err);
	cr_assert_eq(err.code, result == 0 ? ERROR_NONE : ERROR_USAGE);
	return result;
}

Test(worker, every_option_sets_its_own)
{
	struct worker_options options;
	cr_assert_eq(parse(&options, "--passive", "--capture"), 0);
	cr_assert(options.settings.passive && options.capture);
	cr_assert_not(options.settings.every_cpu || options.settings.retry_risky ||
	              options.settings.risky_l2 || options.careful || options.list);
	cr_assert_eq(parse(&options, "--only", "a,b"), 0);
	cr_assert_str_eq(options.only, "a,b");
	cr_assert_null(options.skip);
	cr_assert_eq(parse(&options, "--risky-l2", "--every-cpu"), 0);
	cr_assert(options.settings.risky_l2 && options.settings.every_cpu);
	cr_assert_not(options.settings.passive);
	cr_assert_eq(parse(&options, "--challenge", "0123456789abcdef01234567"), 0);
	cr_assert_str_eq(options.settings.challenge, "0123456789abcdef01234567");
}

Test(worker, other_words_are_refused)
{
	static const char *const refused[][2] = {
		{ "--nonsense", NULL },
		{ "-p", NULL },
		{ "--only", NULL },
		{ "word", NULL },
		{ "--passive", "yes" },
		{ "--passive=1", NULL },
		{ "--challenge", "0123456789ABCDEF01234567" },
		{ "--challenge", "0123456789abcdef0123456" },
		{ "--obituary", "a" },
		{ "--reason", "x" },
	};
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct worker_options options;
		cr_assert_eq(parse(&options, refused[i][0], refused[i][1]), -1, "%s",
		             refused[i][0]);
	}
}

Test(worker, a_selection_keeps_the_order_of_the_registry)
{
	static const struct {
		const char *only, *skip, *expected;
	} cases[] = {
		{ NULL, NULL, "a ab c " }, { "c,a", NULL, "a c " }, { "ab", NULL, "ab " },
		{ NULL, "a", "ab c " },    { "a,c", "a", "c " },    { "a", "a", "" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct selection selection;
		char found[32] = "";
		cr_assert_eq(
		        selection_make(&selection, registry, cases[i].only, cases[i].skip, NULL),
		        0);
		for (size_t k = 0; k < selection.count; k++) {
			strcat(found, selection.probes[k]->id);
			strcat(found, " ");
		}
		cr_assert_str_eq(found, cases[i].expected);
		selection_clear(&selection);
	}
}

Test(worker, a_selection_knows_its_probes)
{
	static const char *const refused[] = { "", "b", "a,", ",a", "a,,c", "a b", "abc", "A" };
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct selection selection;
		struct error err = ERROR_INIT;
		cr_assert_eq(selection_make(&selection, registry, refused[i], NULL, &err), -1, "%s",
		             refused[i]);
		cr_assert_eq(err.code, ERROR_USAGE);
		cr_assert_eq(selection_make(&selection, registry, NULL, refused[i], NULL), -1);
	}
}

Test(worker, the_catalogue_tells_flags_apart)
{
	cleanup_text struct text text = TEXT_INIT;
	catalogue_write(&text, registry);
	cr_assert_str_eq(text_string(&text),
	                 "{\"probes\":["
	                 "{\"id\":\"a\",\"title\":\"A\",\"active\":false,\"risky\":false,"
	                 "\"deadline_ms\":0,\"facts\":[]},"
	                 "{\"id\":\"ab\",\"title\":\"AB\",\"active\":true,\"risky\":false,"
	                 "\"deadline_ms\":0,\"facts\":[]},"
	                 "{\"id\":\"c\",\"title\":\"C\",\"active\":false,\"risky\":true,"
	                 "\"deadline_ms\":0,\"facts\":[]}]}\n");
}

/* Asserts nothing: Criterion's assertions are no good in a process that the test forked. */
static bool start_quietly(struct process *process, const char *only)
{
	char path[4200];
	char *const argv[] = { (char[]){ "bad_probes" }, (char[]){ "--only" }, (char *)only, NULL };
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 32);
	if (length <= 0)
		return false;
	path[length] = '\0';
	strcpy(strstr(path, "tests/unit/"), "tests/lib/bad_probes");
	return process_start(process, path, argv, -1, NULL) == 0;
}

static void start(struct process *process, const char *only)
{
	cr_assert(start_quietly(process, only));
}

/* Nobody reads its lines and nobody kills it. */
Test(worker, a_probe_that_hangs_ends_the_worker_without_a_supervisor)
{
	struct process process;
	struct process_end end;
	uint64_t began = process_clock_ms();
	start(&process, "loop");
	cr_assert(process_wait(process.pid, PATIENCE_MS, &end));
	cr_assert_geq(process_clock_ms() - began, 300 + RUNNER_GRACE_MS);
	cr_assert_eq(end.status, ERROR_INTERNAL);
	process_close(&process);
}

Test(worker, a_closed_wire_ends_the_worker)
{
	struct process process;
	struct process_end end;
	start(&process, "fine,traced"); /* by nobody: it would wait for a minute */
	process_close(&process);
	cr_assert(process_wait(process.pid, PATIENCE_MS, &end), "it goes on for nobody");
	cr_assert(end.signal == SIGPIPE || end.status == ERROR_INTERNAL);
}

/* The test takes in the orphan, so that it can see it end. */
Test(worker, it_dies_with_its_supervisor)
{
	int report[2];
	cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	cr_assert_eq(pipe(report), 0);
	pid_t supervisor = fork();
	if (supervisor == 0) {
		struct process process;
		if (!start_quietly(&process, "loop"))
			_exit(1);
		struct pollfd first_line = { .fd = process.out, .events = POLLIN };
		if (poll(&first_line, 1, PATIENCE_MS) != 1)
			_exit(1);
		_exit(write(report[1], &process.pid, sizeof process.pid) < 0);
	}
	close(report[1]);
	pid_t orphan;
	struct process_end end;
	cr_assert_eq(read(report[0], &orphan, sizeof orphan), (ssize_t)sizeof orphan);
	cr_assert(process_wait(supervisor, PATIENCE_MS, &end));
	cr_assert(process_wait(orphan, PATIENCE_MS, &end), "it outlives its supervisor");
	cr_assert_eq(end.signal, SIGKILL);
}
