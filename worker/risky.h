/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A risky probe, with its marker around it; see marker.h for why. */
#ifndef NESTREADY_WORKER_RISKY_H
#define NESTREADY_WORKER_RISKY_H

#include "worker/marker.h"
#include "worker/voice.h"

struct risky {
	struct marker marker;
	bool written;
};

/*
 * Leaves the mark, tells `machine` (a recorder) what was the case, and says the fact
 * PROBE.previous-run-lost-machine where the probe declares it.  False when the probe must not run:
 * `why` then says so, and so do all its facts.
 */
bool risky_begin(struct risky *risky, struct voice *voice, struct machine *machine, bool retry,
                 char *why, size_t size);

/*
 * The same for a recording: what was the case where it was made.  Leaves no
 * mark; a recording that does not say lets the probe run.
 */
bool risky_recall(struct voice *voice, struct machine *machine, char *why, size_t size);

/* The probe came back and the machine with it. */
void risky_end(const struct risky *risky);

/* Takes back the marks of a worker that died, while the machine lives on. */
void risky_settle(struct machine *machine);

#endif
