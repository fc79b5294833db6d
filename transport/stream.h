/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One attempt at sending a report as frames (framing.h) over a descriptor that
 * somebody may read: it never waits but on the loop, has a deadline, and ends
 * at once when nobody is there.  What the sinks of such channels share.
 */
#ifndef NESTREADY_TRANSPORT_STREAM_H
#define NESTREADY_TRANSPORT_STREAM_H

#include "base/error.h"
#include "transport/sink.h"

enum stream_kind {
	STREAM_TTY,    /* set raw, and back in the end; what was not sent is dropped */
	STREAM_PORT,   /* a device that says by POLLHUP that nobody reads */
	STREAM_SOCKET, /* being connected; only its reader can acknowledge */
};

/*
 * Takes the descriptor over, which must not block, also on failure.  The
 * attempt's `progress` is how many frames went out in vain before, and where
 * this one begins.  0; or -1, and `done` is not called.
 */
int stream_start(struct attempt *attempt, int fd, enum stream_kind kind, struct error *err);

#endif
