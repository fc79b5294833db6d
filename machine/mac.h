/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the MAC experiment saw, as the machine answers it and as a recording
 * keeps it: marks of what was asked and answered, never a verdict.  What they
 * mean is decided in probes/mac_verdict.c, so that a recording can be judged
 * again by a later version.
 *
 * Two made-up MACs are in play.  F may be the source of a frame; F2 never is,
 * so that no switch can have learned it.  DESIGN of the experiment: doc/mac-test.md.
 */
#ifndef NESTREADY_MACHINE_MAC_H
#define NESTREADY_MACHINE_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum mac_family { MAC_IPV4, MAC_IPV6 };

/* Most that is sent: of one family, and between two interfaces (machine/mac_pair.h). */
#define MAC_FRAMES      160
#define MAC_PAIR_FRAMES 140

/*
 * What is sent.  A question is ARP in IPv4 and a neighbour solicitation in
 * IPv6; "anonymous" is the sender 0.0.0.0 (RFC 5227), and in IPv6 a link-local
 * address that is made of the MAC.
 */
enum mac_probe {
	MAC_ALIVE,       /* real MAC, own address: the responder lives */
	MAC_ANONYMOUS,   /* real MAC, nobody's address: it answers that too */
	MAC_INGRESS,     /* from the real MAC, answer to F2: unicast to an unknown MAC comes in */
	MAC_EGRESS,      /* from F, answer to the real MAC: a forged source goes out */
	MAC_NESTED,      /* from F, answer to F: what a VM of this guest would do */
	MAC_ECHO,        /* ping from the real MAC */
	MAC_FORGED_ECHO, /* ping from F, answered to the real MAC */
	MAC_ANYTHING,    /* asks for an address that nobody can have: who answers, lies */
	MAC_SPARE_TAKEN, /* asks for the spare address: an answer means that somebody has it */
	MAC_SPARE,       /* from F as the owner of the spare address */
	MAC_DHCP,        /* from F: DHCPDISCOVER */
	MAC_VLAN,        /* as MAC_ANONYMOUS, with a VLAN tag */
};

#define MAC_PROBES 12

enum mac_mark {
	MAC_UNASKED,
	MAC_SEEN,    /* the answer landed where it proves something */
	MAC_SILENT,  /* proved by answered controls and measured loss */
	MAC_UNCLEAR, /* asked, not seen, and not enough to call it silent */
};

const char *mac_probe_name(enum mac_probe probe);
const char *mac_mark_name(enum mac_mark mark);

#define MAC_ADDRESS_TEXT 46 /* INET6_ADDRSTRLEN */

struct mac_observation {
	enum mac_family family;
	char responder[MAC_ADDRESS_TEXT]; /* "" when none answered */
	enum mac_mark mark[MAC_PROBES];
	unsigned rtt_us;        /* of the responder, longest seen when it was found */
	unsigned rounds;        /* sent */
	unsigned lost_permille; /* frames of controls without an answer, of those in time */
	unsigned frames;        /* sent in all */
	unsigned limited;       /* of them under the limit a second: all but pings */
	unsigned forged;        /* of them with F as the Ethernet source */
	unsigned duplicates;    /* answers that came twice */
	unsigned reflected;     /* own frames that came back */
	bool blocked;           /* controls died for good after a forged frame */
	bool not_sent;          /* the system refused, or did not count, frames from F only */
	bool broadcasts;        /* the responder answers by broadcast: ingress cannot be told */
	bool by_source;         /* it answers to the Ethernet source: MAC_INGRESS tells nothing */
	bool spare_in_use;      /* somebody answered for the spare address: it was not used */
};

/* One line a member.  Appends. */
void mac_observation_write(const struct mac_observation *observation, struct text *out);

/* Reads it back; 0, or -1: *err names the line. */
int mac_observation_read(const char *text, size_t length, struct mac_observation *observation,
                         struct error *err);

#endif
