/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker's mouth: probes put lines in, whole lines come out.  A write
 * wakes the supervisor and costs both a switch, so lines wait for
 * outbox_flush; a whole check is a write or two.
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
};

/* `fd` stays the caller's.  0, or -1 and nothing to close. */
int outbox_init(struct outbox *outbox, int fd, bool at_once, struct error *err);

/* Gives the text to append one or more whole lines to, until outbox_commit.  From any thread. */
struct text *outbox_lock(struct outbox *outbox);
void outbox_commit(struct outbox *outbox);

/* Writes what is pending.  A lost line ends the process.  From any thread. */
void outbox_flush(struct outbox *outbox);

/* Flushes and frees.  Nobody may use the outbox from another thread any more. */
void outbox_close(struct outbox *outbox);

#endif
