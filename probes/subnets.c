/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See subnets.h.  libvirt writes its files itself and always alike, so no parser of XML is needed.
 */
#include "probes/subnets.h"

#include <stdio.h>
#include <string.h>

#include "probes/lines.h"

#define ADDRESS_SIZE 16 /* "255.255.255.255" */

/* net/ipv4/fib_trie.c, fib_route_seq_show: a row of words and hex; RTF_UP and RTF_GATEWAY. */
#define ROUTE_UP      0x1
#define ROUTE_GATEWAY 0x2

/* 127 bytes and a newline a row (the same function). */
#define ROW_MAX 200

static bool read_route(const struct line *line, struct subnet *route)
{
	char row[ROW_MAX];
	unsigned address, flags, mask;
	if (line->length >= sizeof row)
		return false;
	memcpy(row, line->start, line->length);
	row[line->length] = '\0';
	if (sscanf(row, "%15s %8x %*8x %4x %*d %*d %*d %8x", route->device, &address, &flags,
	           &mask) != 4 ||
	    (flags & ROUTE_UP) == 0)
		return false;
	/* in the order of the network, read as numbers of this machine, which is x86 */
	route->address = __builtin_bswap32(address);
	route->mask = __builtin_bswap32(mask);
	route->gateway = (flags & ROUTE_GATEWAY) != 0;
	return true;
}

bool subnets_next_route(const char **rest, struct subnet *route)
{
	struct line line;
	while (lines_next(rest, &line))
		if (read_route(&line, route))
			return true;
	return false;
}

/* The value of NAME='...' or NAME="..." before the element ends; false when it does not fit. */
static bool attribute(const char *element, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);
	size_t end = strcspn(element, ">");
	for (const char *at = element; at + length + 2 < element + end; at++) {
		if (*at != ' ' || strncmp(at + 1, name, length) != 0 || at[length + 1] != '=')
			continue;
		const char quote[] = { at[length + 2], '\0' };
		const char *start = at + length + 3;
		if (quote[0] != '\'' && quote[0] != '"')
			return false;
		size_t found = strcspn(start, quote);
		if (found >= size || start + found > element + end)
			return false;
		memcpy(value, start, found);
		value[found] = '\0';
		return true;
	}
	return false;
}

static bool read_address(const char *text, uint32_t *address)
{
	unsigned byte[4];
	char rest;
	if (sscanf(text, "%3u.%3u.%3u.%3u%c", &byte[0], &byte[1], &byte[2], &byte[3], &rest) != 4)
		return false;
	*address = 0;
	for (int i = 0; i < 4; i++) {
		if (byte[i] > 255)
			return false;
		*address = *address << 8 | byte[i];
	}
	return true;
}

static bool read_mask(const char *element, uint32_t *mask)
{
	char text[ADDRESS_SIZE];
	unsigned prefix;
	if (attribute(element, "netmask", text, sizeof text))
		return read_address(text, mask);
	if (!attribute(element, "prefix", text, sizeof text) || sscanf(text, "%2u", &prefix) != 1 ||
	    prefix > 32)
		return false;
	*mask = prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
	return true;
}

bool subnets_libvirt(const char *xml, struct subnet *subnet)
{
	char text[ADDRESS_SIZE];
	const char *bridge = strstr(xml, "<bridge ");
	*subnet = (struct subnet){ .device = "" };
	if (bridge == NULL || !attribute(bridge + 7, "name", subnet->device, sizeof subnet->device))
		return false;
	for (const char *ip = xml; (ip = strstr(ip, "<ip ")) != NULL; ip++) {
		if (!attribute(ip + 3, "address", text, sizeof text) ||
		    !read_address(text, &subnet->address) || !read_mask(ip + 3, &subnet->mask))
			continue;
		subnet->address &= subnet->mask;
		return true;
	}
	return false;
}

bool subnets_overlap(const struct subnet *one, const struct subnet *other)
{
	uint32_t both = one->mask & other->mask;
	return (one->address & both) == (other->address & both);
}

void subnet_text(const struct subnet *subnet, char text[SUBNET_TEXT])
{
	uint32_t address = subnet->address;
	int prefix = 0;
	while (prefix < 32 && (subnet->mask << prefix & UINT32_C(0x80000000)) != 0)
		prefix++;
	snprintf(text, SUBNET_TEXT, "%s %u.%u.%u.%u/%d", subnet->device, address >> 24,
	         address >> 16 & 0xff, address >> 8 & 0xff, address & 0xff, prefix);
}
