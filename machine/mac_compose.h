/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the next round of an experiment is made of: what is worth asking again, and its controls. */
#ifndef NESTREADY_MACHINE_MAC_COMPOSE_H
#define NESTREADY_MACHINE_MAC_COMPOSE_H

#include "machine/mac_experiment.h"

/* A set of probes: bit 1 << probe. */
unsigned mac_compose(const struct mac_experiment *experiment);

/* Whether the VLAN is still to be asked in. */
bool mac_wants_vlan(const struct mac_experiment *experiment);

#endif
