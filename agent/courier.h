/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests whose answers somebody waits for: each by one run of nestready-send,
 * since this program opens no connection of its own.
 */
#ifndef NESTREADY_AGENT_COURIER_H
#define NESTREADY_AGENT_COURIER_H

#include <jansson.h>

#include "base/error.h"

struct courier {
	const char *url;     /* of the collector, without a slash at the end */
	const char *ca_file; /* or NULL; an absolute path */
};

struct courier_answer {
	unsigned status; /* of HTTP */
	json_t *body;    /* NULL when it was no JSON; to be freed */
};

/*
 * Asks for a path; `token` may be "".  `body` NULL makes it a GET, else it is a POST of JSON.  0
 * when there was an answer; or -1: ERROR_UNAVAILABLE when nobody answered.
 */
int courier_ask(const struct courier *courier, const char *path, const char *token,
                const char *body, size_t length, struct courier_answer *answer, struct error *err);

/* What a problem body (RFC 9457) says, for people; "" when it says nothing. */
void courier_problem(const struct courier_answer *answer, char *text, size_t size);

#endif
