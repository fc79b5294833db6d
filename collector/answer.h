/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is answered to a request, before HTTP knows of it; so that any thread can write it. */
#ifndef NESTREADY_COLLECTOR_ANSWER_H
#define NESTREADY_COLLECTOR_ANSWER_H

#include <jansson.h>

#include "base/text.h"

struct answer {
	unsigned status;  /* of HTTP; 0: none yet */
	const char *type; /* Content-Type */
	struct text text;
	unsigned retry_after; /* seconds; 0: not said */
	const char *allow;    /* methods, for 405 */
	bool close;           /* the connection */
};

/* Becomes a problem body (RFC 9457): `name` goes into its type, `detail` may be NULL. */
void answer_problem(struct answer *answer, unsigned status, const char *name, const char *title,
                    const char *detail);

/* Becomes 200 with this value, which is taken over; lack of memory becomes a problem. */
void answer_json(struct answer *answer, json_t *json);

/* A string value of bytes that may be no UTF-8, or NULL for JSON's null. */
json_t *answer_string(const char *text);

#endif
