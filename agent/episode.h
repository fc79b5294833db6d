/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of one worker, from its start to the moment when it no longer matters. */
#ifndef NESTREADY_AGENT_EPISODE_H
#define NESTREADY_AGENT_EPISODE_H

#include "agent/intake.h"

struct episode_options {
	const char *path;
	char *const *argv;
	int input;                          /* the worker's standard input; -1: /dev/null */
	void (*progress)(const char *line); /* see struct supervisor_options */
	uint64_t give_up_ms;                /* on the clock: the whole run has to be over */
};

struct episode {
	struct intake intake;
	char trouble[96];          /* "" when it ended well; else what happened, in a few words */
	bool out_of_time;          /* the trouble is that give_up_ms has come */
	const struct flight *late; /* the trouble is that this one passed its deadline; or NULL */
	int refused;               /* exit status of a worker that would not begin; 0: it began */
	char said[1024];           /* the beginning of its standard error */
	size_t said_length;
};

/*
 * Runs a worker and takes in what it says.  Whoever is still in
 * intake.flights when it ends badly was under way.  A worker that ends well is
 * left to go (result->leaving).  0; -1 when it cannot be started.
 */
int episode_run(struct episode *episode, const struct episode_options *options, bool capture,
                struct supervision *result, struct error *err);

/* Waits at most so long for the worker that is leaving, if there is one, so that it is no zombie.
 */
void supervision_reap(struct supervision *result, unsigned wait_ms);

#endif
