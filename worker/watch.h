/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second thread that keeps watch while the first one runs probes: lines that
 * wait leave in time, and a probe that outlives its deadline ends the process.
 */
#ifndef NESTREADY_WORKER_WATCH_H
#define NESTREADY_WORKER_WATCH_H

#include <stdbool.h>
#include <uv.h>

#include "probes/probe.h"
#include "worker/outbox.h"

struct watch {
	struct outbox *outbox;
	uv_thread_t thread;
	uv_mutex_t lock; /* of what follows */
	uv_cond_t over;
	bool is_over;
	const struct probe *probe; /* under way; NULL: none */
	uint64_t began;            /* uv_hrtime */
};

/* 0, or -1 and nothing to end. */
int watch_begin(struct watch *watch, struct outbox *outbox, struct error *err);

/* Which probe is under way from now on; NULL: none. */
void watch_probe(struct watch *watch, const struct probe *probe);

void watch_end(struct watch *watch);

#endif
