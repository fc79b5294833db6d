/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of the controls is lost, and what that lets a silence mean.
 *
 * Each round asks controls of two kinds, by ARP (or neighbour discovery) and by
 * ping.  The frames of one kind in a round are one control, up to three of them
 * once something was lost; it is lost when none of them is answered.
 */
#ifndef NESTREADY_MACHINE_MAC_LOSS_H
#define NESTREADY_MACHINE_MAC_LOSS_H

#include "machine/mac_experiment.h"

/* Of rounds that are over. */
struct mac_loss {
	unsigned asked; /* frames of controls */
	unsigned answered;
	unsigned controls;
	unsigned kept;
};

/* Of one kind alone. */
void mac_measure_loss(const struct mac_experiment *experiment, bool pings, struct mac_loss *loss);

/* That by which silences of one kind are judged. */
struct mac_loss mac_loss_of(const struct mac_experiment *experiment, bool pings);

/* Whether a frame of a control was lost so far: rounds then have more of them. */
bool mac_loses(const struct mac_experiment *experiment);

/* More than a quarter of the controls is lost: nothing of the port is to be called silent. */
bool mac_is_above_limit(const struct mac_loss *loss);

/* How sure that is to be. */
enum mac_doubt {
	MAC_USUAL,
	MAC_ALONE, /* all else that was seen says the opposite, or nothing else can be */
	MAC_LAST,  /* no more can be asked, and less has to do */
};

/* Whether so many questions without an answer are no chance, at this loss. */
bool mac_is_believable(unsigned questions, const struct mac_loss *loss, enum mac_doubt doubt);

/* Frames by ARP that were answered as controls of that round. */
unsigned mac_round_heard(const struct mac_round *round);

/* Whether any was, of any round. */
bool mac_any_heard(const struct mac_experiment *experiment);

/* Whether any control of that round was answered. */
bool mac_round_survived(const struct mac_round *round);

/*
 * More answers than questions, kind by kind; and none where it is one or a few
 * among many answers of one kind: the kernel asks for its gateway itself now and
 * then (RFC 4861, 7.3), and is answered like our frames from the real MAC.
 */
unsigned mac_count_duplicates(const struct mac_experiment *experiment);

#endif
