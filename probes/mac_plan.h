/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Over which interfaces the MAC test is to send, to whom and how much: known before any frame. */
#ifndef NESTREADY_PROBES_MAC_PLAN_H
#define NESTREADY_PROBES_MAC_PLAN_H

#include "machine/nics.h"
#include "probes/mac_verdict.h"
#include "probes/probe.h"

#define MAC_PLAN_NICS 8 /* at most */

/* The interfaces that were named, else those that lead out.  False: one is not there. */
bool mac_plan_choose(const struct probe_run *run, const struct nics *nics, const struct nic **list,
                     size_t *count, char *why, size_t size);

/* What keeps frames from being sent over it, and its word; NULL when nothing does. */
const char *mac_plan_objection(const struct probe_run *run, const struct nics *nics,
                               const struct nic *nic, struct mac_verdict *verdict);

/* The facts that say it, for who is asked before anything is sent. */
void mac_plan_emit(const struct probe_run *run, const struct nics *nics,
                   const struct nic *const *list, size_t count);

#endif
