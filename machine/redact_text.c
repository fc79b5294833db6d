/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each form is a function that says how many bytes of it stand at a place; 0 when none. */
#include "machine/redact_text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* A text and a place in it. */
struct place {
	const char *start, *at, *end;
};

/* The byte `offset` from the place; 0 beyond the text. */
static unsigned char byte(const struct place *place, ptrdiff_t offset)
{
	if (offset < place->start - place->at || offset >= place->end - place->at)
		return 0;
	return (unsigned char)place->at[offset];
}

/* Whether `length` bytes here, not after a letter or digit, are a word of their own. */
static bool alone(const struct place *place, size_t length, const char *joining)
{
	unsigned char before = byte(place, -1);
	unsigned char after = byte(place, (ptrdiff_t)length);
	return !isalnum(after) && (before == 0 || strchr(joining, before) == NULL) &&
	       (after == 0 || strchr(joining, after) == NULL);
}

static size_t hex_digits(const struct place *place, size_t limit)
{
	size_t length = 0;
	while (length < limit && isxdigit(byte(place, (ptrdiff_t)length)))
		length++;
	return length;
}

static size_t match_uuid(const struct place *place)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };
	struct place group = *place;
	for (size_t i = 0; i < 5; i++) {
		if (hex_digits(&group, groups[i]) != groups[i])
			return 0;
		group.at += groups[i];
		if (i < 4 && byte(&group, 0) != '-')
			return 0;
		group.at += i < 4;
	}
	return alone(place, 36, "-") ? 36 : 0;
}

static size_t match_mac(const struct place *place)
{
	struct place pair = *place;
	unsigned char separator = byte(place, 2);
	if (separator != ':' && separator != '-')
		return 0;
	for (int i = 0; i < 6; i++, pair.at += 3)
		if (hex_digits(&pair, 2) != 2 || (i < 5 && byte(&pair, 2) != separator))
			return 0;
	return alone(place, 17, ":-") ? 17 : 0;
}

/* Whether the C library reads the run of characters here as an address of the family. */
static size_t match_address(const struct place *place, int family, const char *characters)
{
	char address[INET6_ADDRSTRLEN] = "";
	unsigned char binary[16];
	size_t left = (size_t)(place->end - place->at);
	memcpy(address, place->at, left < sizeof address ? left : sizeof address - 1);
	size_t length = strspn(address, characters);
	address[length] = '\0';
	return inet_pton(family, address, binary) == 1 ? length : 0;
}

static size_t match_ipv4(const struct place *place)
{
	size_t length = match_address(place, AF_INET, "0123456789.");
	return length != 0 && alone(place, length, ".-_") ? length : 0;
}

/* "::" and "::1" are nobody's. */
static size_t match_ipv6(const struct place *place)
{
	size_t length = match_address(place, AF_INET6, "0123456789abcdefABCDEF:");
	return length > 3 && alone(place, length, ":.") ? length : 0;
}

/* Machine and container ids. */
static size_t match_hex(const struct place *place)
{
	size_t length = hex_digits(place, SIZE_MAX);
	return length >= 32 && alone(place, length, "") ? length : 0;
}

/* A user's name, right after "/home/". */
static size_t match_user(const struct place *place)
{
	static const char home[] = "/home/";
	size_t length = 0;
	if (place->at - place->start < (ptrdiff_t)strlen(home) ||
	    memcmp(place->at - strlen(home), home, strlen(home)) != 0)
		return 0;
	for (unsigned char c; (c = byte(place, (ptrdiff_t)length)) != 0; length++)
		if (strchr("/:,;\"' \t\n", c) != NULL)
			break;
	return length;
}

static const struct form {
	size_t (*match)(const struct place *place);
	enum standin_kind kind;
	unsigned unless; /* flags */
} forms[] = {
	{ match_user, STANDIN_USER, 0 },
	{ match_uuid, STANDIN_UUID, REDACT_NOT_UUID },
	{ match_mac, STANDIN_MAC, 0 },
	{ match_ipv6, STANDIN_IPV6, 0 },
	{ match_ipv4, STANDIN_IPV4, REDACT_NOT_IPV4 },
	{ match_hex, STANDIN_HEX, 0 },
};

/* The form that stands here, and its length; NULL when none does.  None does within a word. */
static const struct form *match(const struct place *place, unsigned flags, size_t *length)
{
	if (isalnum(byte(place, -1)))
		return NULL;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		*length = (forms[i].unless & flags) != 0 ? 0 : forms[i].match(place);
		if (*length != 0)
			return &forms[i];
	}
	return NULL;
}

void redact_text(struct standins *standins, unsigned flags, const char *bytes, size_t length,
                 struct text *out)
{
	struct place place = { bytes, bytes, bytes + length };
	while (place.at < place.end) {
		size_t found = 1;
		const struct form *form = match(&place, flags, &found);
		if (form != NULL)
			standin_add(standins, form->kind, place.at, found, out);
		else
			text_add_bytes(out, place.at, found = 1);
		place.at += found;
	}
}
