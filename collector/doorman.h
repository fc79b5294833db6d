/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tokens that a running collector knows.  Other processes make and revoke
 * them, so it looks every second, and once more for a token that it does not
 * know: that may have been made this moment.  Whoever sent it waits for the look;
 * many wait for the same one, so that guessing costs no more than that.
 */
#ifndef NESTREADY_COLLECTOR_DOORMAN_H
#define NESTREADY_COLLECTOR_DOORMAN_H

#include <stdbool.h>
#include <uv.h>

#include "collector/keyring.h"
#include "collector/lane.h"

struct exchange;
struct server;

struct doorman {
	struct server *server;
	struct keyring keyring;
	bool open; /* no tokens: whoever reaches it may do all */

	uv_timer_t next;      /* when to look for those who wait */
	uint64_t looked;      /* uv_now of the last look */
	struct lane_job look; /* the reader's, while `looking` */
	struct keyring found;
	bool looking, failed;
	struct exchange *waiting; /* for the next look */
	struct exchange *served;  /* by the one under way */
};

/* Reads the tokens for the first time. */
int doorman_begin(struct doorman *doorman, struct server *server, struct error *err);

/* Looks whether tokens came or went. */
void doorman_look(struct doorman *doorman);

/* Puts the exchange to sleep until somebody looked: exchange->doubt says how that went. */
void doorman_doubt(struct doorman *doorman, struct exchange *exchange);

/* Nobody waits any more; when the reader's lane has stopped. */
void doorman_end(struct doorman *doorman);

#endif
