/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network in memory for the MAC experiment: a switch port with a policy, and
 * a gateway behind it.  Time is made up, so that seconds cost nothing, and
 * every frame that is sent is held against the limits.
 */
#ifndef NESTREADY_TESTS_LIB_MAC_NETWORK_H
#define NESTREADY_TESTS_LIB_MAC_NETWORK_H

#include "machine/mac_experiment.h"
#include "tests/lib/mac_bursts.h"

struct mac_network {
	bool ipv6;
	/* the port */
	bool drops_forged;    /* source other than the guest's */
	bool no_flooding;     /* unknown destinations are not delivered */
	bool no_learning;     /* no destination but the guest's is delivered */
	bool shuts;           /* the first forged frame shuts it for good ... */
	uint64_t shuts_after; /* ... so much later */
	bool checks_sender;   /* drops ARP whose sender is not the guest's own address */
	bool takes_tags_off; /* the gateway's, too: a question in the VLAN is answered outside of it
	                      */
	struct mac_losses losses;
	/* the gateway */
	bool absent;
	bool no_echo;
	bool ignores_nobody; /* answers no sender 0.0.0.0 */
	bool broadcasts;     /* its answers */
	bool by_source;      /* answers to the Ethernet source */
	bool twice;
	uint64_t rtt;
	struct mac_limit asked; /* of its answers to ARP or neighbour discovery */
	struct mac_limit pinged;
	bool proxy;    /* the port answers ARP for the gateway itself, even for dropped frames */
	bool anything; /* and for every other address */
	/* this guest */
	bool send_fails;      /* of forged frames */
	uint64_t kernel_asks; /* for its gateway, after so many microseconds, and is answered */
};

/* What came of it, besides the observation. */
struct mac_trace {
	uint64_t took;         /* microseconds */
	unsigned worst_second; /* limited frames in any second, at most */
	unsigned frames;
	unsigned forged_after_shut; /* forged frames later than a second after the port shut */
};

/* The guest, its made-up MACs and its gateway. */
void mac_network_config(const struct mac_network *network, struct mac_config *config);

/* Runs an experiment to its end. */
void mac_network_run(const struct mac_network *network, const struct mac_config *config,
                     struct mac_observation *observation, struct mac_trace *trace);

/* Holds what it came to against the limits. */
void mac_network_check(const char *name, const struct mac_trace *trace,
                       const struct mac_observation *observation);

#endif
