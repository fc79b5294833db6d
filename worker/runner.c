/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See runner.h.  A lane is a thread that takes one probe after the other from the list. */
#include "worker/runner.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "worker/risky.h"
#include "worker/voice.h"

#define LANES   2  /* as many as there are CPUs in the smallest useful guest */
#define TICK_MS 20 /* lines wait no longer than this; a whole check takes 2 to 4 */

struct lane {
	uv_work_t work;
	struct runner *runner;
	_Atomic(const struct probe *) probe; /* under way; NULL: none */
	_Atomic uint64_t began;              /* uv_hrtime */
};

struct runner {
	struct outbox *outbox;
	struct machine *machine;
	const struct selection *selection;
	const struct runner_options *options;
	atomic_size_t next; /* index of the first probe that no lane has taken */
	struct lane lanes[LANES];
};

/* A risky probe: on this machine with its mark around it, in a recording as it was there. */
static void run_risky(const struct runner *runner, struct voice *voice, const struct probe_run *run)
{
	struct risky risky;
	char why[128];
	bool live = runner->options->live;
	bool may = live ? risky_begin(&risky, voice, runner->machine, run->settings->retry_risky,
	                              why, sizeof why)
	                : risky_recall(voice, runner->machine, why, sizeof why);
	if (!may) {
		voice_end(voice, STATUS_SKIPPED, why);
		return;
	}
	voice->probe->run(run);
	if (live)
		risky_end(&risky);
	voice_end(voice, STATUS_OBSERVED, NULL);
}

static bool is_risky(const struct probe_run *run, const struct probe *probe)
{
	return (probe->flags & PROBE_RISKY) != 0 && (probe->risks == NULL || probe->risks(run));
}

static void run_probe(const struct runner *runner, const struct probe *probe)
{
	struct voice voice;
	struct probe_run run = { runner->machine, &voice.sink, runner->options->settings };
	voice_begin(&voice, runner->outbox, probe);
	if ((probe->flags & PROBE_ACTIVE) != 0 && run.settings->passive) {
		voice_nothing(&voice, STATUS_SKIPPED, "passive run");
		voice_end(&voice, STATUS_SKIPPED, "passive run");
	} else if (is_risky(&run, probe)) {
		run_risky(runner, &voice, &run);
	} else {
		probe->run(&run);
		voice_end(&voice, STATUS_OBSERVED, NULL);
	}
}

static void lane_work(uv_work_t *work)
{
	struct lane *lane = work->data;
	const struct selection *selection = lane->runner->selection;
	size_t index;
	while ((index = atomic_fetch_add(&lane->runner->next, 1)) < selection->count) {
		atomic_store(&lane->began, uv_hrtime());
		atomic_store(&lane->probe, selection->probes[index]);
		run_probe(lane->runner, selection->probes[index]);
		atomic_store(&lane->probe, NULL);
	}
}

static void lane_done(uv_work_t *work, int status)
{
	/* Nothing to do: the loop ends by itself when no lane is left. */
	(void)work;
	(void)status;
}

/* A thread cannot be stopped, only the process. */
static void check_deadline(const struct lane *lane)
{
	const struct probe *probe = atomic_load(&lane->probe);
	if (probe == NULL)
		return;
	uint64_t limit_ms = (uint64_t)probe->deadline_ms + RUNNER_GRACE_MS;
	if (uv_hrtime() < atomic_load(&lane->began) + limit_ms * 1000000)
		return;
	fprintf(stderr, "nestready-probe: %s did not end within %u ms\n", probe->id,
	        probe->deadline_ms);
	_exit(ERROR_INTERNAL);
}

static void on_tick(uv_timer_t *timer)
{
	const struct runner *runner = timer->data;
	for (size_t i = 0; i < LANES; i++)
		check_deadline(&runner->lanes[i]);
	outbox_flush(runner->outbox);
}

int runner_run(struct outbox *outbox, struct machine *machine, const struct selection *selection,
               const struct runner_options *options, struct error *err)
{
	struct runner runner = {
		.outbox = outbox,
		.machine = machine,
		.selection = selection,
		.options = options,
	};
	uv_loop_t loop;
	uv_timer_t tick;
	int failed = uv_loop_init(&loop);
	if (failed != 0)
		return error_set(err, ERROR_INTERNAL, -failed, "event loop");
	uv_timer_init(&loop, &tick);
	tick.data = &runner;
	uv_timer_start(&tick, on_tick, TICK_MS, TICK_MS);
	uv_unref((uv_handle_t *)&tick);
	for (size_t i = 0; i < (options->careful ? 1 : LANES); i++) {
		struct lane *lane = &runner.lanes[i];
		lane->runner = &runner;
		lane->work.data = lane;
		uv_queue_work(&loop, &lane->work, lane_work, lane_done);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	return 0;
}
