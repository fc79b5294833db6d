/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the worker, which alone touches the machine, and holds it to its
 * deadlines: a probe that hangs, dies or talks rubbish costs its own facts
 * (`failed`, with the reason) and nothing else, and a verdict never waits for
 * a process that cannot die.
 *
 * The first worker gathers what its probes say and is trusted to end well.
 * After any accident the rest runs in careful workers, which announce each
 * probe before it starts.  A probe that was under way when a careful
 * worker came to grief is tried once more, alone in a worker of its own; if
 * that one fails too, the probe is the culprit.  A probe that outlives its
 * deadline is the culprit at once.
 */
#ifndef NESTREADY_AGENT_SUPERVISOR_H
#define NESTREADY_AGENT_SUPERVISOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "report/fact.h"
#include "report/report.h"

#define SUPERVISOR_NICS 8

struct supervisor_options {
	const char *worker; /* path of the program; NULL: the one that fits */
	const char *only;   /* probe ids with commas between; NULL: all */
	const char *skip;   /* likewise; NULL: none */
	bool passive;
	bool every_cpu;
	bool retry_risky;
	bool risky_l2;
	const char *challenge; /* nonces of the L2; NULL: random ones */
	bool network;          /* look at the interfaces, and ... */
	bool mac_test;         /* send frames over them */
	bool mac_dhcp;         /* this and the next three: see the worker's options */
	const char *mac_echo;
	const char *mac_spare;
	const char *mac_vlan;
	const char *nics[SUPERVISOR_NICS];  /* names; NULL: those that lead out */
	void (*progress)(const char *line); /* told what is being tried; or NULL */
	bool capture;                       /* collect what was asked and answered */
	/*
	 * A snapshot to answer from, or -1 for this machine.  Read by the
	 * worker from its start; one that cannot be rewound (a pipe) is good
	 * for a single worker, so accidents in it cannot be cleared up.
	 */
	int snapshot_fd;
	unsigned total_ms; /* for everything; 0 means SUPERVISOR_TOTAL_MS */
};

#define SUPERVISOR_OPTIONS_INIT                                                                    \
	{                                                                                          \
		.snapshot_fd = -1                                                                  \
	}

#define SUPERVISOR_TOTAL_MS 120000
#define SUPERVISOR_START_MS 10000 /* for a worker that has nothing under way to say something */
#define SUPERVISOR_DIE_MS   500   /* for a killed worker to be gone; then it is abandoned */
#define SUPERVISOR_WORKERS  64    /* started at most in one run */
#define SUPERVISOR_NOTES    8

/* What came of it.  Initialise with {0}; clear with supervision_clear. */
struct supervision {
	struct fact_set *facts;
	struct probe_outcome *probes; /* in the order in which they ended */
	size_t probe_count;
	json_t *answers; /* while capturing: an object, KEY to ANSWER; else NULL */
	char notes[SUPERVISOR_NOTES]
	          [160]; /* for people: what the worker said on stderr, accidents */
	size_t note_count;
	unsigned workers; /* processes that were started */
	pid_t leaving;    /* a worker that has said all and may still be on its way out; 0: none */
};

/*
 * Runs the probes.  0 when the run came to its end, whatever its probes did:
 * what is missing is in the facts.  -1 with the worker's own words when it
 * refused its input (a bad snapshot, an unknown probe), and when there is no
 * worker or it cannot be started (ERROR_NO_INPUT).
 */
int supervisor_run(const struct supervisor_options *options, struct supervision *result,
                   struct error *err);

/* Frees, and reaps the last worker if it is gone; one that is still leaving is left to init. */
void supervision_clear(struct supervision *result);

/*
 * The worker, or the one for a run with a look at the network: beside this very
 * program (an uninstalled build), else the installed one.  0, or -1 when neither
 * is there: *err names the last path.
 */
int supervisor_find_worker(bool network, char *path, size_t size, struct error *err);

/* What the worker knows: the JSON of `nestready-probe --list`.  A new reference, or NULL. */
json_t *supervisor_list(const struct supervisor_options *options, struct error *err);

#endif
