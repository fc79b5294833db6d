/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the next round of an experiment is made of: what is worth asking again, and its controls. */
#ifndef NESTREADY_MACHINE_MAC_COMPOSE_H
#define NESTREADY_MACHINE_MAC_COMPOSE_H

#include "machine/mac_experiment.h"

/* A set of probes: bit 1 << probe. */
unsigned mac_compose(const struct mac_experiment *experiment);

/*
 * The frames of such a round, in their order; how many.
 *
 * Where nothing was lost the controls go last: one that is answered proves that
 * the port survived what came before.  Losses come many in a row, and some
 * gateways answer one question at a time.  So where something was lost, the
 * controls stand between the others, the frames are to be sent one after the
 * other (mac_is_spread), and each round begins one frame further on: otherwise
 * the same question would stand each time where nothing passes, behind controls
 * that do.
 */
size_t mac_order(const struct mac_experiment *experiment, unsigned probes,
                 enum mac_probe queue[MAC_QUEUE]);

/* Whether the frames of a round are sent one after the other. */
bool mac_is_spread(const struct mac_experiment *experiment);

/* Whether the VLAN is still to be asked in. */
bool mac_wants_vlan(const struct mac_experiment *experiment);

#endif
