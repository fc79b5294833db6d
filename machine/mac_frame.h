/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames of the MAC experiment, written and read: Ethernet with ARP, ICMP
 * echo, neighbour discovery and DHCP.  No I/O; what is read are outside bytes.
 */
#ifndef NESTREADY_MACHINE_MAC_FRAME_H
#define NESTREADY_MACHINE_MAC_FRAME_H

#include "machine/mac.h"

struct mac {
	uint8_t byte[6];
};

/* IPv4 in the first four bytes, the others 0. */
struct mac_ip {
	uint8_t byte[16];
};

/* Who speaks. */
struct mac_self {
	enum mac_family family;
	struct mac real;
	struct mac forged;   /* F */
	struct mac unseen;   /* F2 */
	struct mac_ip own;   /* in IPv6 the link-local address */
	struct mac_ip spare; /* all 0: none */
	uint16_t token;      /* of this run's pings and DHCP messages */
	uint16_t vlan;       /* to be asked in, too; 0: none */
};

/* Longest frame: DHCPDISCOVER, 14 + 20 + 8 + 300. */
#define MAC_FRAME_MAX 352

bool mac_equal(const struct mac *a, const struct mac *b);
bool mac_ip_equal(const struct mac_ip *a, const struct mac_ip *b);
bool mac_ip_none(const struct mac_ip *ip);

/* The link-local address that RFC 4291 (appendix A) makes of a MAC. */
void mac_link_local(const struct mac *mac, struct mac_ip *ip);

/* An address that nobody can have: for MAC_ANYTHING. */
void mac_nobodys_address(const struct mac_self *self, struct mac_ip *ip);

/*
 * Writes the frame of a probe that asks for `target`; `to` is the MAC of the
 * target, or of the router before it, and needed by pings only.  `round` (0 to
 * 255) comes back with the answer of a ping.  Returns its length.
 */
size_t mac_frame_write(const struct mac_self *self, enum mac_probe probe,
                       const struct mac_ip *target, const struct mac *to, unsigned round,
                       uint8_t frame[MAC_FRAME_MAX]);

/* Where an answer landed: its Ethernet destination. */
enum mac_landing { LANDED_REAL, LANDED_FORGED, LANDED_UNSEEN, LANDED_ON_ALL, LANDED_ELSEWHERE };

struct mac_answer {
	/*
	 * Of which probe.  MAC_EGRESS cannot be told from MAC_ANONYMOUS and is read
	 * as that; nor MAC_ANYTHING from MAC_ALIVE, but by `who`.
	 */
	enum mac_probe probe;
	enum mac_landing landing;
	struct mac_ip who; /* says that it has this address */
	struct mac from;   /* and this MAC */
	unsigned round;    /* pings only */
};

/* False when the frame answers nothing of ours. */
bool mac_frame_read(const struct mac_self *self, const uint8_t *frame, size_t length,
                    struct mac_answer *answer);

/* Whether it is a frame that we sent ourselves. */
bool mac_frame_is_ours(const struct mac_self *self, const uint8_t *frame, size_t length);

#endif
