/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MAC experiment between two interfaces of this guest on one segment, for
 * networks where nobody else answers: one of them is tested, the other one sees
 * what gets out of its port and sends what should get in.  The same for frames
 * with a VLAN tag, of which only a listener of our own can say that they do not
 * pass.  A state machine like mac_experiment.h: no I/O and no clock.
 *
 * Marks of the observation: MAC_ALIVE for frames under the real MACs, both ways;
 * MAC_EGRESS, MAC_INGRESS and MAC_NESTED as there; or MAC_VLAN alone.
 */
#ifndef NESTREADY_MACHINE_MAC_PAIR_H
#define NESTREADY_MACHINE_MAC_PAIR_H

#include "machine/mac_frame.h"

#define MAC_PAIR_TYPE   0x88b5 /* IEEE 802: local experimental Ethertype 1, which nobody answers */
#define MAC_PAIR_LENGTH 60     /* the shortest that Ethernet has, without its checksum */
#define MAC_PAIR_MAX    64     /* with a tag */
#define MAC_PAIR_ROUNDS 20

enum mac_pair_kind {
	MAC_PAIR_LEAVES,     /* from F, to all: the other one hears it */
	MAC_PAIR_ARRIVES,    /* from the other one, to F2 */
	MAC_PAIR_RETURNS,    /* from the other one, to F, which a switch may have learned */
	MAC_PAIR_TAGGED_OUT, /* from the real MAC, to all, with the VLAN's tag */
	MAC_PAIR_TAGGED_IN,  /* from the other one, likewise */
	MAC_PAIR_OUT,        /* the same as LEAVES from the real MAC: a control, sent twice */
	MAC_PAIR_OUT_AGAIN,
	MAC_PAIR_IN, /* the same as ARRIVES to the real MAC: likewise */
	MAC_PAIR_IN_AGAIN,
};

#define MAC_PAIR_KINDS 9

struct mac_pair {
	struct mac_self self; /* the tested one */
	struct mac other;
	bool tagged;                    /* it is about the tag of self.vlan, not about MACs */
	uint64_t sent[MAC_PAIR_ROUNDS]; /* microseconds, when a round began */
	unsigned asked[MAC_PAIR_ROUNDS];
	unsigned seen[MAC_PAIR_ROUNDS];
	unsigned rounds;
	unsigned next; /* kind to be sent in the last round */
	unsigned frames;
	unsigned forged;
	unsigned forged_in; /* the round of the first one from F */
	bool done;
};

void mac_pair_begin(struct mac_pair *pair, const struct mac_self *self, const struct mac *other,
                    bool tagged);

/* The frame to be sent now, its length, and by which of the two; 0: wait until mac_pair_wake. */
size_t mac_pair_next(struct mac_pair *pair, uint64_t now, uint8_t frame[MAC_PAIR_MAX],
                     bool *by_other);
uint64_t mac_pair_wake(const struct mac_pair *pair);

/* A frame came in at the tested interface, or at the other one; of that VLAN, 0: of none. */
void mac_pair_receive(struct mac_pair *pair, bool at_other, unsigned vlan, const uint8_t *frame,
                      size_t length);

void mac_pair_end(const struct mac_pair *pair, uint64_t now, struct mac_observation *observation);

#endif
