/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker's mouth: probes on several threads put lines in, whole lines come
 * out.  A write wakes the supervisor, so lines that are made within a
 * millisecond of each other leave together; a whole check is a few writes.
 */
#ifndef NESTREADY_WORKER_OUTBOX_H
#define NESTREADY_WORKER_OUTBOX_H

#include <stdbool.h>
#include <uv.h>

#include "base/error.h"
#include "base/text.h"

struct outbox {
	int fd;
	bool at_once; /* every line leaves before outbox_commit returns */
	uv_mutex_t lock;
	struct text pending;
	bool announced;  /* the loop knows that something is pending */
	uv_async_t wake; /* something is pending */
	uv_timer_t flush;
};

/* `fd` stays the caller's.  Does not keep the loop alive.  0, or -1 and nothing to close. */
int outbox_init(struct outbox *outbox, uv_loop_t *loop, int fd, bool at_once, struct error *err);

/* Gives the text to append one or more whole lines to, until outbox_commit.  From any thread. */
struct text *outbox_lock(struct outbox *outbox);
void outbox_commit(struct outbox *outbox);

/*
 * Writes what is left and frees; the loop has to run once more.  Nobody may
 * use the outbox from another thread any more.
 */
void outbox_close(struct outbox *outbox);

#endif
