/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread with a bounded queue: what must wait for a disk waits there, and the
 * loop hears of it when it is done.  What queued up while the thread worked is
 * handed to it at once: so commits are grouped, and nobody waits for a group to
 * fill.
 */
#ifndef NESTREADY_COLLECTOR_LANE_H
#define NESTREADY_COLLECTOR_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"

#define LANE_BATCH_MAX 256

struct lane_job {
	struct lane_job *next;
	void (*work)(struct lane_job *job); /* on the thread, where a lane has no common work */
	void (*done)(struct lane_job *job); /* on the loop; the job is the caller's again */
};

struct lane_work {
	/* On the lane's thread; 1 to batch_max jobs. */
	void (*run)(void *context, struct lane_job *const *jobs, size_t count);
	void *context;
	size_t batch_max; /* at most LANE_BATCH_MAX */
	size_t queue_max;
};

struct lane;

int lane_start(uv_loop_t *loop, const struct lane_work *work, struct lane **lane,
               struct error *err);

/* False when the queue is full; then nothing was done. */
bool lane_put(struct lane *lane, struct lane_job *job);

/* Jobs that wait for the thread; 0 for NULL. */
size_t lane_length(struct lane *lane);

/* The upper bounds by which batches are counted; what took longer is in none of them. */
#define LANE_TIMES 9
extern const unsigned lane_times_ms[LANE_TIMES];

/* How long the thread was busy with batches since it began. */
struct lane_counts {
	uint64_t batches, ns;
	uint64_t within[LANE_TIMES]; /* batches that took no longer than that, shorter ones too */
};

struct lane_counts lane_counts(struct lane *lane);

/* Finishes what is queued, all `done` included, and frees the lane once the loop ran on.  NULL is
 * allowed. */
void lane_stop(struct lane *lane);

#endif
