/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the experiment of mac_pair.h between two interfaces. */
#ifndef NESTREADY_MACHINE_LIVE_PAIR_H
#define NESTREADY_MACHINE_LIVE_PAIR_H

#include "machine/mac_frame.h"

/* 0, or an errno.  Takes a second as a rule, and 7 where nothing gets out any more. */
int live_pair(const struct mac_self *self, unsigned index, const struct mac *other_mac,
              unsigned other_index, bool tagged, struct mac_observation *observation);

#endif
