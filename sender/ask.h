/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request of `nestready submit`, which waits for it and links no TLS
 * itself.  What is secret comes on standard input, so that no list of processes
 * shows it:
 *
 *     METHOD\n
 *     TOKEN\n      may be empty
 *     body
 *
 * The answer goes to standard output: its status, a newline, its body.
 */
#ifndef NESTREADY_SENDER_ASK_H
#define NESTREADY_SENDER_ASK_H

#include "base/error.h"
#include "transport/config.h"

/*
 * 0 when there was an answer, whichever; or -1: ERROR_UNAVAILABLE when there was none.  What the
 * configuration says of the longest address that the URL begins with holds; `ca_file` may be NULL.
 */
int ask(const char *url, const struct config *config, const char *ca_file, struct error *err);

#endif
