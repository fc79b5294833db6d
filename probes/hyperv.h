/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Hyper-V, or a hypervisor with its interface, says of itself and of its host. */
#ifndef NESTREADY_PROBES_HYPERV_H
#define NESTREADY_PROBES_HYPERV_H

#include "probes/hypervisor.h"
#include "probes/probe.h"

/* Emits the facts `hyperv.*` that come from CPUID. */
void hyperv_emit(const struct probe_run *run, const struct hypervisor_scan *scan);

/*
 * Emits `hyperv.kvp.*`, what the host tells every guest through the key-value
 * exchange.  `vmbus` is the answer about the bus: without it there is no exchange.
 */
void hyperv_emit_kvp(const struct probe_run *run, const struct answer *vmbus);

#endif
