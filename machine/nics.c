/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See nics.h.  Lines:
 *
 *   nic INDEX NAME MASTER MTU FLAGS KIND DRIVER MAC PERMANENT      ("-": none)
 *   foreign INDEX COUNT                                            (unless 0)
 *   own|gateway|neighbour INDEX RANK ADDRESS                       ("-": a route without a gateway)
 */
#include "machine/nics.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const place_words[] = {
	[NIC_OWN] = "own",
	[NIC_GATEWAY] = "gateway",
	[NIC_NEIGHBOUR] = "neighbour",
};

#define PLACES (sizeof place_words / sizeof place_words[0])

static const char *word_of(const char *text)
{
	return text[0] == '\0' ? "-" : text;
}

void nics_write(const struct nics *nics, struct text *out)
{
	for (size_t i = 0; i < nics->count; i++) {
		const struct nic *nic = &nics->nic[i];
		text_printf(out, "nic %u %s %u %u 0x%x %s %s %s %s\n", nic->index, nic->name,
		            nic->master, nic->mtu, nic->flags, word_of(nic->kind),
		            word_of(nic->driver), word_of(nic->mac), word_of(nic->permanent));
		if (nic->foreign > 0)
			text_printf(out, "foreign %u %" PRIu64 "\n", nic->index, nic->foreign);
	}
	for (size_t i = 0; i < nics->place_count; i++) {
		const struct nic_place *place = &nics->place[i];
		text_printf(out, "%s %u %u %s\n", place_words[place->kind], place->index,
		            place->rank, place->address);
	}
}

static void blank_dash(char *text)
{
	if (strcmp(text, "-") == 0)
		text[0] = '\0';
}

static bool read_nic(const char *line, struct nics *nics)
{
	struct nic nic = { .index = 0 };
	if (sscanf(line, "nic %9u %15s %9u %9u %8x %15s %31s %17s %17s", &nic.index, nic.name,
	           &nic.master, &nic.mtu, &nic.flags, nic.kind, nic.driver, nic.mac,
	           nic.permanent) != 9)
		return false;
	blank_dash(nic.kind);
	blank_dash(nic.driver);
	blank_dash(nic.mac);
	blank_dash(nic.permanent);
	if (nics->count < NICS_MAX)
		nics->nic[nics->count++] = nic;
	return true;
}

/* Of the interface of the line before. */
static bool read_foreign(const char *line, struct nics *nics)
{
	unsigned index;
	uint64_t count;
	struct nic *nic = nics->count == 0 ? NULL : &nics->nic[nics->count - 1];
	if (sscanf(line, "foreign %9u %18" SCNu64, &index, &count) != 2)
		return false;
	if (nic != NULL && nic->index == index)
		nic->foreign = count;
	return true;
}

static bool read_place(const char *line, struct nics *nics)
{
	struct nic_place place = { .kind = NIC_OWN };
	char word[12];
	if (sscanf(line, "%11s %9u %9u %45s", word, &place.index, &place.rank, place.address) != 4)
		return false;
	for (size_t i = 0; i < PLACES; i++) {
		if (strcmp(word, place_words[i]) != 0)
			continue;
		place.kind = (enum nic_place_kind)i;
		if (nics->place_count < NIC_PLACES_MAX)
			nics->place[nics->place_count++] = place;
		return true;
	}
	return false;
}

static bool read_line(const char *line, struct nics *nics)
{
	if (strncmp(line, "nic ", 4) == 0)
		return read_nic(line, nics);
	if (strncmp(line, "foreign ", 8) == 0)
		return read_foreign(line, nics);
	return read_place(line, nics);
}

int nics_read(const char *text, size_t length, struct nics *nics, struct error *err)
{
	const char *end = text + length;
	nics->count = nics->place_count = 0;
	for (unsigned number = 1; text < end; number++) {
		char line[256];
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t size = newline == NULL ? (size_t)(end - text) : (size_t)(newline - text);
		bool good = size < sizeof line;
		if (good) {
			memcpy(line, text, size);
			line[size] = '\0';
			good = read_line(line, nics);
		}
		if (!good)
			return error_set(err, ERROR_BAD_INPUT, 0,
			                 "interfaces, line %u: expected an interface or an address",
			                 number);
		text = newline == NULL ? end : newline + 1;
	}
	return 0;
}

const struct nic *nics_find(const struct nics *nics, const char *name)
{
	for (size_t i = 0; i < nics->count; i++)
		if (strcmp(nics->nic[i].name, name) == 0)
			return &nics->nic[i];
	return NULL;
}

static const struct nic *find_index(const struct nics *nics, unsigned index)
{
	for (size_t i = 0; i < nics->count; i++)
		if (nics->nic[i].index == index)
			return &nics->nic[i];
	return NULL;
}

static bool is_kind(const struct nic *nic, const char *kind)
{
	return nic != NULL && strcmp(nic->kind, kind) == 0;
}

static size_t add(const struct nic **list, size_t count, size_t max, const struct nic *nic)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == nic)
			return count;
	if (count < max)
		list[count++] = nic;
	return count;
}

/* The bridge's way out: its ports of hardware; of what else is no VM's when it has none. */
static size_t add_ports(const struct nics *nics, const struct nic *bridge, const struct nic **list,
                        size_t count, size_t max)
{
	static const char *const kinds[] = { "", "bond", "team", "vlan", "veth" };
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		size_t before = count;
		for (size_t i = 0; i < nics->count; i++)
			if (nics->nic[i].master == bridge->index &&
			    strcmp(nics->nic[i].driver, "tun") != 0 &&
			    is_kind(&nics->nic[i], kinds[k]))
				count = add(list, count, max, &nics->nic[i]);
		if (count > before)
			break;
	}
	return count;
}

/* The gateway after `last` in the order of rank, then place; NULL when there is none. */
static const struct nic_place *next_gateway(const struct nics *nics, const struct nic_place *last)
{
	const struct nic_place *next = NULL;
	for (size_t i = 0; i < nics->place_count; i++) {
		const struct nic_place *place = &nics->place[i];
		bool after = last == NULL || place->rank > last->rank ||
		             (place->rank == last->rank && place > last);
		if (place->kind == NIC_GATEWAY && after &&
		    (next == NULL || place->rank < next->rank))
			next = place;
	}
	return next;
}

size_t nics_candidates(const struct nics *nics, const struct nic **list, size_t max)
{
	size_t count = 0;
	const struct nic_place *gateway = NULL;
	while ((gateway = next_gateway(nics, gateway)) != NULL) {
		const struct nic *nic = find_index(nics, gateway->index);
		bool nobody = strcmp(gateway->address, NIC_NOBODY) == 0;
		if (nobody && nic != NULL && (nic->flags & NIC_ETHERNET) == 0)
			continue; /* a tunnel */
		if (is_kind(nic, "bridge"))
			count = add_ports(nics, nic, list, count, max);
		else if (nic != NULL && (nic->flags & NIC_LOOPBACK) == 0)
			count = add(list, count, max, nic);
	}
	return count;
}

const char *nic_unfit(const struct nics *nics, const struct nic *nic)
{
	const struct nic *master = find_index(nics, nic->master);
	if ((nic->flags & NIC_ETHERNET) == 0 || nic->mac[0] == '\0')
		return "it is no Ethernet interface";
	if ((nic->flags & NIC_WIFI) != 0)
		return "Wi-Fi carries frames of one MAC only";
	if (is_kind(nic, "bridge"))
		return "it is a bridge: test its port";
	if (is_kind(master, "bond") || is_kind(master, "team"))
		return "it is part of a bond: test that";
	if (is_kind(nic, "ipvlan") || strcmp(nic->driver, "tun") == 0)
		return "it leads to no switch";
	return NULL;
}

/*
 * Drivers of Linux 6.12 that drive nothing else; cards that share one driver
 * between the function and the whole (mlx5_core) cannot be told from inside.
 */
static const struct {
	const char *driver;
	const char *what;
} guarded[] = {
	{ "ena", "the network of AWS delivers to known MACs only" },
	{ "gve", "the network of Google Cloud delivers to known addresses only" },
	{ "mana", "the network of Azure delivers to known MACs only" },
	{ "ixgbevf", "an SR-IOV function: its card filters MACs" },
	{ "igbvf", "an SR-IOV function: its card filters MACs" },
	{ "iavf", "an SR-IOV function: its card filters MACs" },
	{ "i40evf", "an SR-IOV function: its card filters MACs" },
	{ "fm10k", "an SR-IOV function: its card filters MACs" },
	{ "cxgb4vf", "an SR-IOV function: its card filters MACs" },
};

const char *nic_guarded(const struct nic *nic)
{
	for (size_t i = 0; i < sizeof guarded / sizeof guarded[0]; i++)
		if (strcmp(nic->driver, guarded[i].driver) == 0)
			return guarded[i].what;
	return NULL;
}

static bool is_ipv6(const char *address)
{
	return strchr(address, ':') != NULL;
}

static void add_responder(struct nic_path *path, const char *address)
{
	if (strcmp(address, NIC_NOBODY) == 0)
		return;
	for (size_t i = 0; i < path->responder_count; i++)
		if (strcmp(path->responder[i], address) == 0)
			return;
	if (path->responder_count < NIC_RESPONDERS)
		path->responder[path->responder_count++] = address;
}

/* In IPv6 the link-local address speaks: every interface has it, and it needs no router. */
static bool may_speak(const char *address)
{
	return !is_ipv6(address) || strncmp(address, "fe80:", 5) == 0;
}

/* Its bytes; how many, 0 when it is no address. */
static size_t read_address(const char *text, uint8_t bytes[16])
{
	if (inet_pton(AF_INET, text, bytes) == 1)
		return 4;
	return inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;
}

/* Whether the two are of one network, by the first one's prefix. */
static bool is_near(const struct nic_place *own, const char *address)
{
	uint8_t a[16];
	uint8_t b[16];
	size_t length = read_address(own->address, a);
	if (length == 0 || read_address(address, b) != length)
		return false;
	for (unsigned bit = 0; bit < own->rank && bit < 8 * length; bit++)
		if (((a[bit / 8] ^ b[bit / 8]) & 0x80 >> bit % 8) != 0)
			return false;
	return true;
}

bool nics_has_address(const struct nics *nics, const char *address)
{
	uint8_t a[16];
	uint8_t b[16];
	size_t length = read_address(address, a);
	for (size_t i = 0; length > 0 && i < nics->place_count; i++)
		if (nics->place[i].kind != NIC_NEIGHBOUR &&
		    read_address(nics->place[i].address, b) == length && memcmp(a, b, length) == 0)
			return true;
	return false;
}

/* The place at or after `i` of that kind, interface and family; NULL when there is none. */
static const struct nic_place *find_place(const struct nics *nics, size_t *i,
                                          enum nic_place_kind kind, unsigned index, bool ipv6)
{
	for (; *i < nics->place_count; ++*i) {
		const struct nic_place *place = &nics->place[*i];
		if (place->kind == kind && place->index == index && is_ipv6(place->address) == ipv6)
			return place;
	}
	return NULL;
}

/* Of several own addresses the one of the responder's network: many answer no other. */
void nic_find_path(const struct nics *nics, const struct nic *nic, bool ipv6, struct nic_path *path)
{
	const struct nic *master = find_index(nics, nic->master);
	unsigned index = is_kind(master, "bridge") ? master->index : nic->index;
	const struct nic_place *place;
	bool near = false;
	*path = (struct nic_path){ .own = NULL };
	for (size_t i = 0; (place = find_place(nics, &i, NIC_GATEWAY, index, ipv6)) != NULL; i++)
		add_responder(path, place->address);
	for (size_t i = 0; (place = find_place(nics, &i, NIC_NEIGHBOUR, index, ipv6)) != NULL; i++)
		add_responder(path, place->address);
	for (size_t i = 0; (place = find_place(nics, &i, NIC_OWN, index, ipv6)) != NULL; i++) {
		if (near || !may_speak(place->address))
			continue;
		near = path->responder_count > 0 && is_near(place, path->responder[0]);
		if (near || path->own == NULL)
			path->own = place->address;
	}
}
