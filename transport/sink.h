/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One way for a report to leave: one file each, which defines a table of
 * functions.  A sink makes one attempt at a time for each destination, waits
 * for nothing but on the loop, and says in the end what came of it.
 */
#ifndef NESTREADY_TRANSPORT_SINK_H
#define NESTREADY_TRANSPORT_SINK_H

#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "base/text.h"
#include "transport/config.h"

struct http_loop;

enum outcome {
	OUTCOME_ACKNOWLEDGED, /* the other side has it for good and named its id */
	OUTCOME_LATER,        /* not this time */
	OUTCOME_REFUSED,      /* the other side will never take this report */
};

/* One attempt.  Owned by who starts it, and untouched until `done` was called. */
struct attempt {
	uv_loop_t *loop;
	struct http_loop *http; /* for the sinks of curl, which share it */
	const char *rest;       /* of the address, behind its scheme */
	const char *address;
	const struct config_report *config; /* NULL: nothing was configured for this address */
	const char *id;
	const struct text *report;
	/* 0 at the first attempt at a report; then what the sink left there at the last one. */
	size_t progress;
	/* Left there by the sink: of a heartbeat (transport/beat.h) the report itself was sent. */
	bool whole;
	/*
	 * Called once, from the loop, and never from within `start`.  `why` is for people;
	 * NULL when acknowledged.  `after_seconds`: not before that, 0 when nothing was said.
	 */
	void (*done)(struct attempt *attempt, enum outcome outcome, const char *why,
	             unsigned after_seconds);
	void *owner;
};

struct sink {
	const char *scheme;
	/* Begins an attempt.  0; or -1: `done` will not be called, *err says why not now. */
	int (*start)(struct attempt *attempt, struct error *err);
};

/* The sink of a scheme; NULL when nothing sends there. */
const struct sink *sink_find(const char *scheme);

#endif
