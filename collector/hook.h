/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One POST to a webhook, signed.  Blocks; for a thread that may. */
#ifndef NESTREADY_COLLECTOR_HOOK_H
#define NESTREADY_COLLECTOR_HOOK_H

#include "base/error.h"
#include "base/text.h"

struct hook {
	const char *url;
	struct text secret; /* empty: nothing is signed */
};

/* Reads the secret from a file, without the end of its line.  NULL: none.  0 or -1. */
int hook_open(const char *url, const char *secret_file, struct hook *hook, struct error *err);
void hook_close(struct hook *hook);

/*
 * Sends a body of JSON under an id that is the same whenever it is sent again.  0: the other side
 * answered 2xx; -1: it has to be tried again.
 */
int hook_send(const struct hook *hook, const char *id, const struct text *body, struct error *err);

#endif
