/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of MAC filtering take turns, a second apart: a switch that counts ARP
 * counts what the port sends, and not who of this guest sent it.  Each test
 * keeps to the limit by itself (machine/mac_experiment.h).
 */
#ifndef NESTREADY_AGENT_MAC_TURN_H
#define NESTREADY_AGENT_MAC_TURN_H

/*
 * Waits for the tests of others, and for the second after the last one.  What
 * mac_turn_end takes; -1 where no turn can be kept, as without root.
 */
int mac_turn_begin(void);

void mac_turn_end(int turn);

#endif
