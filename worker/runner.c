/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See runner.h. */
#include "worker/runner.h"

#include "worker/risky.h"
#include "worker/voice.h"
#include "worker/watch.h"

struct runner {
	struct watch *watch;
	struct machine *machine;
	const struct runner_options *options;
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
	voice_begin(&voice, runner->watch->outbox, probe);
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

void runner_run(struct watch *watch, struct machine *machine, const struct selection *selection,
                const struct runner_options *options)
{
	const struct runner runner = { watch, machine, options };
	for (size_t i = 0; i < selection->count; i++) {
		watch_probe(watch, selection->probes[i]);
		run_probe(&runner, selection->probes[i]);
	}
	watch_probe(watch, NULL);
}
