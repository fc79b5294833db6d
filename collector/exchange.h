/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request and its answer.  It arrives in pieces, may wait for a thread
 * while its connection sleeps, and ends with an answer.
 */
#ifndef NESTREADY_COLLECTOR_EXCHANGE_H
#define NESTREADY_COLLECTOR_EXCHANGE_H

#include "collector/answer.h"
#include "collector/heartbeat.h"
#include "collector/server.h"

#define EXCHANGE_PARAMETER_SIZE 64

struct exchange;

/* A row of the table of routes: either of the two functions, or both NULL for a constant text. */
struct route {
	const char *method;
	const char *pattern; /* {} stands for one part of the path */
	unsigned scope;      /* of enum scope; SCOPE_NONE: for everybody */
	/* On the loop, when the request is whole: answers, or gives its job to a lane. */
	void (*handle)(struct exchange *exchange);
	/*
	 * On the reader's thread, or on the writer's with a method that changes something: fills
	 * exchange->answer, or fails.
	 */
	int (*query)(struct exchange *exchange, struct store *store, struct error *err);
};

/* A token that is not known: somebody looks whether it was made this moment. */
enum doubt {
	DOUBT_NONE,
	DOUBT_OVER,   /* somebody looked */
	DOUBT_FAILED, /* nobody could look */
};

struct exchange {
	struct server *server;
	struct MHD_Connection *connection;
	const struct route *route;
	char parameter[EXCHANGE_PARAMETER_SIZE]; /* what {} stood for */
	char second[EXCHANGE_PARAMETER_SIZE];    /* what a second {} stood for */
	char token[KEYRING_ID_SIZE];             /* whose it is; "" for nobody's */
	char lab[INTAKE_NAME_MAX + 1];           /* of the token; "" */
	char name[INTAKE_NAME_MAX + 1];
	struct text body;
	bool asleep; /* the connection is suspended */
	enum doubt doubt;
	struct exchange *next_doubted;
	bool old_sums; /* the reader found sums of this lab that are to be renewed */
	struct answer answer;
	struct MHD_Response *response; /* instead of an answer's text */

	struct lane_job job;
	struct intake intake; /* a report that waits */
	struct store_receipt receipt;
	struct heartbeat heartbeat; /* likewise */
	bool failed;                /* the lane's: see err */
	struct error err;
};

/* The callbacks of libmicrohttpd; their context is the server. */
enum MHD_Result exchange_on_request(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *upload, size_t *upload_size, void **exchange);
void exchange_on_completed(void *context, struct MHD_Connection *connection, void **exchange,
                           enum MHD_RequestTerminationCode why);

/*
 * Gives the exchange's job to a lane, `done` follows on the loop, and puts the connection to
 * sleep.  When the lane is full, the answer says when to come again.
 */
void exchange_put(struct exchange *exchange, struct lane *lane, void (*done)(struct lane_job *));
struct exchange *exchange_of(struct lane_job *job);

/* The connection waits. */
void exchange_sleep(struct exchange *exchange);

/* The connection goes on; for the end of `done`. */
void exchange_wake(struct exchange *exchange);

/* Answers by what went wrong in a store, and says it on standard error. */
void exchange_fail(struct exchange *exchange, const struct error *err);

/* The end of a job that changed the store: the answer is `acknowledge`'s, or what went wrong. */
void exchange_committed(struct lane_job *job, void (*acknowledge)(struct exchange *exchange));

/* The value of ?NAME=, NULL when it is not there. */
const char *exchange_argument(const struct exchange *exchange, const char *name);

#endif
