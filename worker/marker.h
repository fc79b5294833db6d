/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dangerous question leaves a mark first.  Before a risky probe runs for the
 * first time on a kernel and platform, a marker with this boot's id is on
 * disk.  A marker that an earlier boot left behind means that the machine did
 * not survive the question.  Once it was survived, a record of that takes the
 * marker's place and nothing is written again for that kernel and platform:
 * only the first run pays for the syncs.
 *
 * One small file per probe, kernel and platform.  Files are replaced by rename
 * and synced together with their directory, so they are never half written by
 * us; one that is damaged all the same is reported as that.
 */
#ifndef NESTREADY_WORKER_MARKER_H
#define NESTREADY_WORKER_MARKER_H

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"

enum marker_state {
	MARKER_WRITTEN,     /* run it: the marker is on disk */
	MARKER_SURVIVED,    /* run it: it was survived here before, nothing was written */
	MARKER_UNAVAILABLE, /* run it, and say that no marker could be kept: *err has the reason */
	MARKER_LOST,        /* skip it: an earlier boot did not survive it */
	MARKER_DAMAGED,     /* skip it: there is a marker, and it cannot be read: *err */
};

/* What a marker is about: one line each, copied by marker_init. */
struct marker_key {
	const char *probe;    /* id */
	const char *kernel;   /* release */
	const char *platform; /* anything that names the platform: "KVMKVMKVM QEMU" */
	const char *boot_id;  /* /proc/sys/kernel/random/boot_id, without a newline */
};

struct marker {
	char directory[PATH_MAX];
	char name[80];
	char probe[32];
	char kernel[128];
	char platform[128];
	char boot_id[40];
};

/*
 * `directory` NULL means the state directory: STATEDIR for root, else
 * $XDG_STATE_HOME/nestready or ~/.local/state/nestready.
 */
void marker_init(struct marker *marker, const char *directory, const struct marker_key *key);

/*
 * To be called before the probe runs.  A marker of this very boot means only
 * that a process died, and counts as written.  `retry` runs the probe in spite
 * of what an earlier boot left.  *err is set for UNAVAILABLE and DAMAGED only.
 */
enum marker_state marker_before(const struct marker *marker, bool retry, struct error *err);

/* To be called when the probe has ended, however it ended, after WRITTEN.  0 or -1. */
int marker_survived(const struct marker *marker, struct error *err);

/*
 * To be called when a worker died and the machine lives on: removes every
 * marker of this boot, which the next boot would mistake for a lost machine.
 * A directory that does not exist is fine.  0 or -1.
 */
int marker_settle(const char *directory, const char *boot_id, struct error *err);

#endif
