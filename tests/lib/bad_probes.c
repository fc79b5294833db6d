/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes that misbehave, and some that do not, in place of the real ones: the
 * worker's own main and this registry make the program tests/lib/bad_probes.
 * Each says ID.before, does what it is here for, and says ID.after.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "probes/probe.h"

static void wait_ms(long ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };
	nanosleep(&pause, NULL);
}

/* The wire has a descriptor that a probe is not told: it is the first pipe there is. */
static void write_on_wire(const char *bytes, size_t length)
{
	struct stat status;
	for (int fd = STDERR_FILENO + 1; fd < 64; fd++) {
		if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) &&
		    write(fd, bytes, length) == (ssize_t)length)
			return;
	}
}

static void say_on_wire(const char *line)
{
	write_on_wire(line, strlen(line));
}

static void behave(const struct probe_run *run)
{
	wait_ms(5);
	(void)run;
}

static void loop(const struct probe_run *run)
{
	for (volatile unsigned count = 0;; count++)
		(void)run;
}

/* A sanitizer would take the signal for a bug of ours and report it. */
static void die_by(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

static void segv(const struct probe_run *run)
{
	die_by(SIGSEGV);
	(void)run;
}

static void die_by_abort(const struct probe_run *run)
{
	abort();
	(void)run;
}

/* Dies when the worker has spoken already. */
static void late_segv(const struct probe_run *run)
{
	wait_ms(40);
	die_by(SIGSEGV);
	(void)run;
}

static void leave(const struct probe_run *run)
{
	_exit(0);
	(void)run;
}

static void rubbish(const struct probe_run *run)
{
	say_on_wire("\x01\xff what?\n");
	wait_ms(20);
	(void)run;
}

static void half(const struct probe_run *run)
{
	say_on_wire("{\"probe\":\"half\",\"fact\":\"half.be");
	_exit(0);
	(void)run;
}

static void impostor(const struct probe_run *run)
{
	say_on_wire("{\"probe\":\"fine\",\"fact\":\"fine.before\",\"status\":\"observed\","
	            "\"value\":false}\n");
	wait_ms(20);
	(void)run;
}

static void quitter(const struct probe_run *run)
{
	say_on_wire("{\"done\":1}\n");
	wait_ms(20);
	(void)run;
}

static void extra(const struct probe_run *run)
{
	say_on_wire("{\"probe\":\"extra\",\"fact\":\"extra.before\",\"status\":\"observed\","
	            "\"value\":true,\"command\":\"rm\"}\n");
	wait_ms(20);
	(void)run;
}

/* More facts than any probe has, all of them declared. */
static void flood(const struct probe_run *run)
{
	for (int i = 0; i < 1000000; i++) {
		char key[32];
		snprintf(key, sizeof key, "flood.%d", i);
		fact_bool(run->facts, key, true, NULL);
	}
}

/* A line that never ends. */
static void endless(const struct probe_run *run)
{
	static const char bytes[4096] = { [0 ... 4095] = 'x' };
	for (;;)
		write_on_wire(bytes, sizeof bytes);
	(void)run;
}

static void oversleep(const struct probe_run *run)
{
	wait_ms(5000);
	(void)run;
}

static void deaf(const struct probe_run *run)
{
	signal(SIGTERM, SIG_IGN);
	loop(run);
}

/*
 * Goes on when somebody traces this process: a test that holds it back from its parent, as the
 * kernel holds one in D state.
 */
static void awaits_tracer(const struct probe_run *run)
{
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	for (int tracer = 0; tracer == 0; wait_ms(5)) {
		char line[128];
		FILE *status = fopen("/proc/self/status", "r");
		while (status != NULL && fgets(line, sizeof line, status) != NULL)
			if (sscanf(line, "TracerPid: %d", &tracer) == 1)
				break;
		if (status != NULL)
			fclose(status);
	}
	(void)run;
}

static void undeclared(const struct probe_run *run)
{
	fact_bool(run->facts, "fine.before", false, NULL);
}

static void wide(const struct probe_run *run)
{
	static const char text[100000] = { [0 ... 99998] = 'x' };
	fact_text(run->facts, "wide.text", text, NULL);
}

static void talker(const struct probe_run *run)
{
	for (int i = 0; i < 20000; i++)
		fprintf(stderr, "a library has something to say\n");
	puts("on standard output too");
	fflush(stdout);
	(void)run;
}

static bool poisoned; /* what a probe can do to the process that it shares with others */

static void poisoner(const struct probe_run *run)
{
	poisoned = true;
	(void)run;
}

static void victim(const struct probe_run *run)
{
	wait_ms(20);
	if (poisoned)
		die_by(SIGSEGV);
	(void)run;
}

#define BAD(name, what, limit_ms, ...)                                                             \
	static const struct fact_declaration facts_##name[] = { { #name ".before", "-" },          \
		                                                { #name ".after", "-" },           \
		                                                __VA_ARGS__{ NULL, NULL } };       \
	static void run_##name(const struct probe_run *run)                                        \
	{                                                                                          \
		fact_bool(run->facts, #name ".before", true, NULL);                                \
		what(run);                                                                         \
		fact_bool(run->facts, #name ".after", true, NULL);                                 \
	}                                                                                          \
	static const struct probe probe_##name = { .id = #name,                                    \
		                                   .title = "for tests",                           \
		                                   .deadline_ms = limit_ms,                        \
		                                   .facts = facts_##name,                          \
		                                   .run = run_##name };

BAD(fine, behave, 2000)
BAD(loop, loop, 300)
BAD(segv, segv, 2000)
BAD(abort, die_by_abort, 2000)
BAD(late, late_segv, 2000)
BAD(leave, leave, 2000)
BAD(rubbish, rubbish, 2000)
BAD(half, half, 2000)
BAD(impostor, impostor, 2000)
BAD(quitter, quitter, 2000)
BAD(extra, extra, 2000)
BAD(flood, flood, 5000, { "flood.*", "-" }, )
BAD(endless, endless, 2000)
BAD(oversleep, oversleep, 200)
BAD(deaf, deaf, 200)
BAD(slow, oversleep, 60000)
BAD(traced, awaits_tracer, 60000)
BAD(undeclared, undeclared, 2000)
BAD(wide, wide, 2000, { "wide.text", "-" }, )
BAD(talker, talker, 2000)
BAD(poisoner, poisoner, 2000)
BAD(victim, victim, 2000)
BAD(last, behave, 2000)

const struct probe *const probe_registry[] = {
	&probe_fine,      &probe_traced,  &probe_slow,       &probe_loop,    &probe_segv,
	&probe_abort,     &probe_late,    &probe_leave,      &probe_rubbish, &probe_half,
	&probe_impostor,  &probe_quitter, &probe_extra,      &probe_flood,   &probe_endless,
	&probe_oversleep, &probe_deaf,    &probe_undeclared, &probe_wide,    &probe_talker,
	&probe_poisoner,  &probe_victim,  &probe_last,       NULL,
};
