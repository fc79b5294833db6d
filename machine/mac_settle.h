/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When an experiment knows enough: answers into marks, and silence into a mark only by the numbers.
 */
#ifndef NESTREADY_MACHINE_MAC_SETTLE_H
#define NESTREADY_MACHINE_MAC_SETTLE_H

#include "machine/mac_experiment.h"

/* Marks what the rounds that are over prove to be silent. */
void mac_settle(struct mac_experiment *experiment);

/* At the end: what was silent is unclear where the controls came to be lost too often. */
void mac_unsettle(struct mac_experiment *experiment);

/* Whether nothing that is left to ask could change the verdict. */
bool mac_is_settled(const struct mac_experiment *experiment);

/* Whether the probe has its mark. */
bool mac_has_mark(const struct mac_experiment *experiment, enum mac_probe probe);

/* Whether it is seen, or silent at a loss that still lets it be so. */
bool mac_stays(const struct mac_experiment *experiment, enum mac_probe probe);

#endif
