/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network interfaces of a machine as one table: what rtnetlink says of
 * them, the text in which the machine answers QUESTION_NICS, and which of them
 * VMs of this guest would use.  Pure; the live machine fills it.
 */
#ifndef NESTREADY_MACHINE_NICS_H
#define NESTREADY_MACHINE_NICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

#define NIC_NAME    16 /* IFNAMSIZ */
#define NIC_MAC     18 /* "52:54:00:12:34:56" */
#define NIC_ADDRESS 46 /* INET6_ADDRSTRLEN */

enum nic_flag {
	NIC_ETHERNET = 1 << 0,
	NIC_UP = 1 << 1,
	NIC_CARRIER = 1 << 2,
	NIC_WIFI = 1 << 3,
	NIC_LOOPBACK = 1 << 4,
};

struct nic {
	unsigned index;
	unsigned master; /* index of its bridge or bond; 0: none */
	unsigned mtu;
	unsigned flags;
	uint64_t foreign; /* IP frames to other MACs that came in; 0 also where nobody counts */
	char name[NIC_NAME];
	char kind[NIC_NAME];     /* "bridge", "veth" ...; "" for a device of hardware */
	char driver[32];         /* by ethtool; "" unknown */
	char mac[NIC_MAC];       /* "" when it has none of six bytes */
	char permanent[NIC_MAC]; /* likewise */
};

#define NIC_NOBODY "-"

enum nic_place_kind { NIC_OWN, NIC_GATEWAY, NIC_NEIGHBOUR };

/* An address of, or behind, an interface. */
struct nic_place {
	enum nic_place_kind kind;
	unsigned index; /* of the interface */
	unsigned rank;  /* metric of a gateway's route; length of an own address's prefix */
	char address[NIC_ADDRESS]; /* NIC_NOBODY: a default route without a gateway */
};

/* More than that is left out: a hypervisor may have hundreds of taps. */
#define NICS_MAX       128
#define NIC_PLACES_MAX 256
#define NIC_PLACES_ONE                                                                             \
	32 /* of one kind, one interface: kube-proxy gives one thousands of addresses */

struct nics {
	struct nic nic[NICS_MAX];
	size_t count;
	struct nic_place place[NIC_PLACES_MAX];
	size_t place_count;
};

/* A line each.  Appends. */
void nics_write(const struct nics *nics, struct text *out);

/* Reads it back.  0, or -1: *err names the line. */
int nics_read(const char *text, size_t length, struct nics *nics, struct error *err);

/* NULL when there is none. */
const struct nic *nics_find(const struct nics *nics, const char *name);

/* Whether it has that address, or a gateway of its does.  False of what is no address. */
bool nics_has_address(const struct nics *nics, const char *address);

/*
 * The interfaces over which this guest's default routes lead, best first; in
 * place of a bridge its ports.  Returns how many, at most `max`.
 */
size_t nics_candidates(const struct nics *nics, const struct nic **list, size_t max);

/* Why frames on it tell nothing; NULL when they do. */
const char *nic_unfit(const struct nics *nics, const struct nic *nic);

/* A function of a card (SR-IOV), or the card of a cloud, by its driver; NULL when it is neither. */
const char *nic_guarded(const struct nic *nic);

#define NIC_RESPONDERS 4

/* Who speaks over an interface and to whom: the addresses are those of its bridge, if it is a port.
 */
struct nic_path {
	const char *own; /* NULL: none */
	const char *responder[NIC_RESPONDERS];
	size_t responder_count;
};

void nic_find_path(const struct nics *nics, const struct nic *nic, bool ipv6,
                   struct nic_path *path);

#endif
