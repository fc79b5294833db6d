/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows the reports that change something, finds where readiness was lost or gained for good
 * (collector/transition.h), counts that, and tells a webhook.  How far it came is a document of the
 * store, written after the webhook took what was before: so each transition is told at least once,
 * over any restart, and nothing has to be queued that the store does not have anyway.
 */
#ifndef NESTREADY_COLLECTOR_COURIER_H
#define NESTREADY_COLLECTOR_COURIER_H

#include <stdint.h>

#include "base/error.h"
#include "collector/settings.h"

struct courier;

/* For /metrics, since the start. */
struct courier_counts {
	uint64_t lost, gained; /* transitions */
	uint64_t told, failed; /* answers of the webhook */
};

/* Starts a thread with a handle of its own on the store.  0 or -1. */
int courier_start(const struct settings *settings, struct courier **courier, struct error *err);
struct courier_counts courier_counts(struct courier *courier);
/* Waits for what is on its way, at most as long as a webhook may take.  NULL is allowed. */
void courier_stop(struct courier *courier);

#endif
