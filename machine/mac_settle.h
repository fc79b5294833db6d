/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When an experiment knows enough: answers into marks, and silence into a mark only by the numbers.
 */
#ifndef NESTREADY_MACHINE_MAC_SETTLE_H
#define NESTREADY_MACHINE_MAC_SETTLE_H

#include "machine/mac_experiment.h"

/* Takes in an answer to one of our questions. */
void mac_take_answer(struct mac_experiment *experiment, const struct mac_answer *answer);

/* Marks what the rounds that are over prove to be silent. */
void mac_settle(struct mac_experiment *experiment);

/* At the end: what was silent is unclear where the controls came to be lost too often. */
void mac_unsettle(struct mac_experiment *experiment);

/* Whether nothing that is left to ask could change the verdict. */
bool mac_is_settled(const struct mac_experiment *experiment);

/* Whether the probe has its mark. */
bool mac_has_mark(const struct mac_experiment *experiment, enum mac_probe probe);

/* Whether any control of that round was answered. */
bool mac_round_survived(const struct mac_round *round);

/*
 * Of rounds that are over: frames of controls and those that were answered; and
 * controls, each of which is one frame or the pings of a round, and those that
 * were answered at all.
 */
struct mac_loss {
	unsigned asked;
	unsigned answered;
	unsigned controls;
	unsigned kept;
};

/* Whether so many questions without an answer are a silence, at this loss of controls. */
bool mac_is_believable(unsigned questions, const struct mac_loss *loss);

void mac_measure_loss(const struct mac_experiment *experiment, bool pings, struct mac_loss *loss);

#endif
