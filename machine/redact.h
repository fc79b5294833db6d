/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes out of a recording what says whose machine it was: names of hosts and
 * VMs, UUIDs, serial numbers, the second half of MAC addresses, IP addresses,
 * users in paths, the environment of process 1.  Each is replaced by another
 * of the same form, equal ones by equal ones, so that evidence stays readable
 * and no finding changes.
 */
#ifndef NESTREADY_MACHINE_REDACT_H
#define NESTREADY_MACHINE_REDACT_H

#include <jansson.h>

#include "base/error.h"

/* Redacts the "answers" of a snapshot in place.  0, or -1 with some of them redacted. */
int redact_answers(json_t *answers, struct error *err);

#endif
