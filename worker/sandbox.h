/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker gives up what no probe needs, before it asks the first question:
 * it parses what the machine and its firmware say, mostly as root.
 */
#ifndef NESTREADY_WORKER_SANDBOX_H
#define NESTREADY_WORKER_SANDBOX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * For this thread and all that it will start: no new privileges; of root's
 * capabilities only those of the table in sandbox.c; and the system calls of
 * worker/make_filter.c fail with EPERM, among them exec and IP sockets.  With
 * `frames` root keeps CAP_NET_RAW too, and packet sockets can be made.
 * 0, or -1 when the kernel refused one of the three; the others are in force.
 */
int sandbox_enter(bool frames, struct error *err);

/* Generated at build time by worker/make_filter.c: the second one lets AF_PACKET sockets be made.
 */
extern const struct sock_filter sandbox_filter[];
extern const size_t sandbox_filter_length;
extern const struct sock_filter sandbox_filter_frames[];
extern const size_t sandbox_filter_frames_length;

#endif
