/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The collector at work.  Three threads: the loop, which speaks HTTP and checks
 * what comes in; the writer, which alone changes the store, in groups; the
 * reader, which answers questions.  They share nothing but the jobs that they
 * hand to each other.
 */
#ifndef NESTREADY_COLLECTOR_SERVER_H
#define NESTREADY_COLLECTOR_SERVER_H

#include <microhttpd.h>
#include <uv.h>

#include "collector/clients.h"
#include "collector/courier.h"
#include "collector/doorman.h"
#include "collector/lab_cache.h"
#include "collector/lab_renewal.h"
#include "collector/lane.h"
#include "collector/settings.h"
#include "collector/store.h"

/* For /metrics; all of the loop. */
struct tally {
	uint64_t reports_new, reports_same, reports_other;
	uint64_t reports_refused;                      /* no report, too large, not allowed */
	uint64_t reports_delayed;                      /* told to come again */
	uint64_t heartbeats_known, heartbeats_unknown; /* of reports that are the newest; or not */
	uint64_t expired;                              /* connections that took too long */
};

struct server {
	const struct settings *settings;
	uv_loop_t *loop;
	struct MHD_Daemon *daemon;
	uv_poll_t readable;
	uv_timer_t due;    /* libmicrohttpd's own */
	uv_timer_t second; /* deadlines, tokens */
	uv_signal_t end[2];
	struct clients clients;
	struct lane *writer, *reader;
	struct courier *courier;
	struct store *write_store, *read_store; /* each its lane's */
	struct lab_cache labs;                  /* the writer's */
	struct lab_renewal renewal;
	struct doorman doorman;
	bool broken;         /* the last commit failed */
	uint64_t complained; /* uv_now of the last complaint about the store; 0: none yet */
	uint64_t body_bytes; /* held for reports that are on their way */
	struct tally tally;
	struct listener *events; /* those who listen */
	unsigned beat;           /* seconds since they last heard something */
	bool ending;
};

/* Runs until SIGTERM or SIGINT.  0; or -1 and *err. */
int server_run(const struct settings *settings, struct error *err);

/* A connection was resumed: soon, together with others, it goes on. */
void server_stir(struct server *server);

/* Milliseconds since 1970. */
int64_t server_now(void);

#endif
