/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs probes one after the other on the calling thread, under watch (watch.h).
 * Probes work for microseconds and hardly ever wait: two at a time were no faster,
 * and slower by a third on a busy machine, where every hand-over is a wait in a queue.
 */
#ifndef NESTREADY_WORKER_RUNNER_H
#define NESTREADY_WORKER_RUNNER_H

#include "worker/selection.h"
#include "worker/watch.h"

struct runner_options {
	const struct probe_settings *settings;
	bool live; /* the machine is this one: risky probes leave a mark first */
};

/*
 * Runs the selected probes and says on the watch's outbox how they fare.  The process ends on the
 * spot when a probe outlives its deadline by RUNNER_GRACE_MS: a thread cannot be stopped, and the
 * supervisor that should have ended us is not there.
 */
void runner_run(struct watch *watch, struct machine *machine, const struct selection *selection,
                const struct runner_options *options);

#define RUNNER_GRACE_MS 1000

#endif
