/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker gives up what no probe needs, before it asks the first question:
 * it parses what the machine and its firmware say, mostly as root.
 */
#ifndef NESTREADY_WORKER_SANDBOX_H
#define NESTREADY_WORKER_SANDBOX_H

#include <linux/filter.h>
#include <stddef.h>

#include "base/error.h"

/*
 * For this thread and all that it will start: no new privileges; of root's
 * capabilities only those of the table in sandbox.c; and the system calls of
 * worker/make_filter.c fail with EPERM, among them exec and IP sockets.
 * 0, or -1 when the kernel refused one of the three; the others are in force.
 */
int sandbox_enter(struct error *err);

/* Generated at build time by worker/make_filter.c. */
extern const struct sock_filter sandbox_filter[];
extern const size_t sandbox_filter_length;

#endif
