/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spool, emptied: for each destination one attempt at a time, the oldest
 * report first, and after a failure a pause and the next report, so that one
 * that cannot be delivered does not hold up the others.
 */
#ifndef NESTREADY_SENDER_QUEUE_H
#define NESTREADY_SENDER_QUEUE_H

#include <stdbool.h>
#include <uv.h>

#include "base/error.h"
#include "transport/config.h"
#include "transport/http_loop.h"
#include "transport/spool.h"

struct destination;

struct queue {
	uv_loop_t *loop;
	uv_timer_t timer;
	struct spool *spool;
	const struct config *config;
	bool once; /* try each report once, and end */
	struct http_loop http;
	struct destination *destinations;
	struct spool_entry *entries; /* as last listed */
	size_t entry_count;
	size_t left;   /* reports that wait */
	size_t failed; /* attempts that did not deliver */
	struct error err;
};

/*
 * Runs the loop until nothing is left to do.  0: everything was delivered;
 * 1 (`once`): something is left; -1: the spool cannot be worked on.
 */
int queue_run(struct queue *queue, struct error *err);

#endif
