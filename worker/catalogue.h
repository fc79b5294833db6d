/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the probes say about themselves. */
#ifndef NESTREADY_WORKER_CATALOGUE_H
#define NESTREADY_WORKER_CATALOGUE_H

#include "base/text.h"
#include "probes/probe.h"

/*
 * Appends one JSON object and a newline:
 *   {"probes": [{"id", "title", "active": bool, "risky": bool, "deadline_ms",
 *                "facts": [{"key", "help"}]}]}
 */
void catalogue_write(struct text *out, const struct probe *const *registry);

#endif
