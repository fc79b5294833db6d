/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 subnets out of the kernel's table of routes and out of libvirt's file of a network. */
#ifndef NESTREADY_PROBES_SUBNETS_H
#define NESTREADY_PROBES_SUBNETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct subnet {
	char device[16];        /* IFNAMSIZ */
	uint32_t address, mask; /* of the network, in the order of bytes of this machine */
	bool gateway;           /* it is behind a router; else on the device itself */
};

/* Takes the next IPv4 route off the text of /proc/net/route; false when none is left. */
bool subnets_next_route(const char **rest, struct subnet *route);

/* The first <ip> with an IPv4 address of a libvirt network, with its bridge; false without. */
bool subnets_libvirt(const char *xml, struct subnet *subnet);

/* Whether an address is in both. */
bool subnets_overlap(const struct subnet *one, const struct subnet *other);

/* "virbr0 192.168.122.0/24" */
#define SUBNET_TEXT 40
void subnet_text(const struct subnet *subnet, char text[SUBNET_TEXT]);

#endif
