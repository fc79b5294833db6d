/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may: the token of a request against the scope of its route. */
#ifndef NESTREADY_COLLECTOR_ACCESS_H
#define NESTREADY_COLLECTOR_ACCESS_H

#include "collector/exchange.h"

/*
 * True when the request may go on; exchange->lab and ->name are then what its token, ->token, is
 * bound to.  False with an answer otherwise, or asleep until somebody looked for its token.
 */
bool access_check(struct exchange *exchange);

/* Whether an address is of this machine only. */
bool access_is_loopback(const struct sockaddr *address);

#endif
