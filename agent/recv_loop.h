/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waits for bytes of one source, or of all who connect to it, and takes them
 * apart into reports.  What becomes of a report is the caller's business.
 */
#ifndef NESTREADY_AGENT_RECV_LOOP_H
#define NESTREADY_AGENT_RECV_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct recv_loop {
	const char *from;
	bool follow;
	/*
	 * Takes a report that is whole.  True: it is safe, is acknowledged, and is not
	 * given again.
	 */
	bool (*take)(struct recv_loop *loop, const char *id, const char *bytes, size_t length);
	void *context;
	size_t incomplete; /* reports that did not become whole */
};

/* Until the source ends, or with `follow` a signal to end comes.  0 or -1. */
int recv_loop_run(struct recv_loop *loop, struct error *err);

#endif
