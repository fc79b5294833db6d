/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the test of MAC filtering saw, in lines for people: the evidence of its word. */
#ifndef NESTREADY_PROBES_MAC_DESCRIBE_H
#define NESTREADY_PROBES_MAC_DESCRIBE_H

#include <jansson.h>

#include "machine/mac.h"
#include "machine/nics.h"

/* All of them add to the list `evidence`. */
void mac_describe_line(json_t *evidence, const char *line);
void mac_describe(const struct mac_observation *observation, json_t *evidence);

/* What another interface on the same segment saw. */
void mac_describe_pair(const char *other, const struct mac_observation *observation,
                       json_t *evidence);

/* What was there before any frame; nothing when nothing was. */
void mac_describe_foreign(const struct nic *nic, json_t *evidence);

#endif
