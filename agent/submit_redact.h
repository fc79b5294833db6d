/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes out of a report what says whose machine it was, as a capture does:
 * names, serial numbers, addresses.  What has to tell two machines apart, and
 * nothing more, becomes a digest: the system UUID.
 */
#ifndef NESTREADY_AGENT_SUBMIT_REDACT_H
#define NESTREADY_AGENT_SUBMIT_REDACT_H

#include <jansson.h>

#include "base/error.h"

/* In place.  0; or -1 with some of it redacted. */
int submit_redact(json_t *report, struct error *err);

#endif
