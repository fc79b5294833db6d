/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two made-up MACs of an interface: the same in every run, and nobody else's. */
#ifndef NESTREADY_MACHINE_MAC_FORGE_H
#define NESTREADY_MACHINE_MAC_FORGE_H

#include "machine/mac_frame.h"

/*
 * Locally administered, unicast.  `machine_id` is the text of /etc/machine-id
 * or ""; it is the key of a keyed hash and cannot be worked out from the MAC.
 */
void mac_forge(const char *machine_id, const struct mac *real, struct mac *forged,
               struct mac *unseen);

#endif
