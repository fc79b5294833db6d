/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a transfer of libcurl reaches an HTTP server, and whom it trusts; the same for all of ours.
 */
#ifndef NESTREADY_TRANSPORT_REACH_H
#define NESTREADY_TRANSPORT_REACH_H

#include <curl/curl.h>

#include "transport/config.h"

/* `config` may be NULL: nothing was configured for this address. */
void reach_set(CURL *easy, const struct config_report *config);

#endif
