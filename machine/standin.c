/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a stand-in of each kind is written; see standin.h. */
#include "machine/standin.h"

#include <ctype.h>
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

/* From 1 in the order of appearance, letters' case aside. */
static unsigned number_of(struct standins *standins, enum standin_kind kind, const char *original,
                          size_t length)
{
	cleanup_free char *key = malloc(length + 1);
	json_t **numbers = &standins->numbers[kind];
	if (*numbers == NULL)
		*numbers = json_object();
	if (key == NULL || *numbers == NULL) {
		standins->failed = true;
		return 0;
	}
	for (size_t i = 0; i < length; i++)
		key[i] = (char)tolower((unsigned char)original[i]);
	key[length] = '\0';
	const json_t *known = json_object_get(*numbers, key);
	if (known != NULL)
		return (unsigned)json_integer_value(known);
	size_t number = json_object_size(*numbers) + 1;
	if (json_object_set_new_nocheck(*numbers, key, json_integer((json_int_t)number)) != 0)
		standins->failed = true;
	return (unsigned)number;
}

static bool begins_with(const char *text, size_t length, const char *prefix)
{
	return length >= strlen(prefix) && strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* Beginnings that say which platform made a number: evidence, and no identity. */
static size_t kept_prefix(const char *const *prefixes, const char *text, size_t length)
{
	for (; *prefixes != NULL; prefixes++)
		if (begins_with(text, length, *prefixes))
			return strlen(*prefixes);
	return 0;
}

static void add_host(struct standins *standins, const char *original, size_t length,
                     struct text *out)
{
	const char *dot = memchr(original, '.', length);
	size_t first = dot == NULL ? length : (size_t)(dot - original);
	text_printf(out, "host-%u%s", number_of(standins, STANDIN_HOST, original, first),
	            dot == NULL ? "" : ".example");
}

/* UUIDs of one digit only, as firmware without a UUID has it, stay. */
static bool is_blank_uuid(const char *original, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (original[i] != '-' && original[i] != original[0])
			return false;
	return true;
}

#define UUID_PREFIX "00000000-0000-4000-8000-"

static void add_uuid(struct standins *standins, const char *original, size_t length,
                     struct text *out)
{
	/* EC2's begin with "ec2", VMware's with "VM" in hex. */
	static const char *const prefixes[] = { "ec2", "564d", NULL };
	char uuid[48];
	if (is_blank_uuid(original, length)) {
		text_add_bytes(out, original, length);
		return;
	}
	snprintf(uuid, sizeof uuid, UUID_PREFIX "%012x",
	         number_of(standins, STANDIN_UUID, original, length));
	memcpy(uuid, original, kept_prefix(prefixes, original, length));
	text_add(out, uuid);
}

/* What firmware and platforms write where a serial number or asset tag would be. */
static bool is_no_serial(const char *original, size_t length)
{
	static const char *const known[] = {
		"",
		"0",
		"none",
		"not specified",
		"not available",
		"default string",
		"to be filled by o.e.m.",
		"system serial number",
		"chassis serial number",
		"no asset tag",
		"asset tag",
		"7783-7084-3265-9085-8269-3286-77" /* Azure */,
		"amazon ec2",
		"huaweicloud",
		"opentelekomcloud",
		"sap ccloud vm",
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strlen(known[i]) == length && strncasecmp(original, known[i], length) == 0)
			return true;
	return false;
}

/* Every letter and digit becomes 0, and the number is written over the last of them. */
static void add_serial(struct standins *standins, const char *original, size_t length,
                       struct text *out)
{
	static const char *const prefixes[] = { "VMware-", "GoogleCloud-", "ec2", "i-", NULL };
	size_t start = out->length;
	text_add_bytes(out, original, length);
	if (is_no_serial(original, length) || out->failed)
		return;
	unsigned number = number_of(standins, STANDIN_SERIAL, original, length);
	char *first = out->data + start + kept_prefix(prefixes, original, length);
	for (char *at = out->data + out->length; at-- > first;) {
		if (!isalnum((unsigned char)*at) && (unsigned char)*at < 0x80)
			continue;
		*at = (char)('0' + number % 10);
		number /= 10;
	}
}

/* Keeps the first three bytes, which name the maker: for a VM, the platform. */
static void add_mac(struct standins *standins, const char *original, size_t length,
                    struct text *out)
{
	static const char *const nobody[] = { "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff" };
	for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++) {
		if (strncasecmp(original, nobody[i], length) == 0) {
			text_add_bytes(out, original, length);
			return;
		}
	}
	unsigned number = number_of(standins, STANDIN_MAC, original, length);
	char separator = original[2];
	text_printf(out, "%.9s%02x%c%02x%c%02x", original, number >> 16 & 0xff, separator,
	            number >> 8 & 0xff, separator, number & 0xff);
}

/* Addresses for documentation: RFC 5737 has three networks, RFC 3849 one. */
static void add_ipv4(struct standins *standins, const char *original, size_t length,
                     struct text *out)
{
	static const char *const networks[] = { "192.0.2", "198.51.100", "203.0.113" };
	if (begins_with(original, length, "127.") || begins_with(original, length, "0.0.0.0") ||
	    begins_with(original, length, "255.")) {
		text_add_bytes(out, original, length);
		return;
	}
	unsigned index = number_of(standins, STANDIN_IPV4, original, length) - 1;
	text_printf(out, "%s.%u", networks[index / 254 % 3], index % 254 + 1);
}

static void add_ipv6(struct standins *standins, const char *original, size_t length,
                     struct text *out)
{
	unsigned number = number_of(standins, STANDIN_IPV6, original, length);
	text_printf(out, "%s::%x", begins_with(original, length, "fe80:") ? "fe80" : "2001:db8",
	            number);
}

static void add_hex(struct standins *standins, const char *original, size_t length,
                    struct text *out)
{
	unsigned number = number_of(standins, STANDIN_HEX, original, length);
	text_printf(out, "%0*x", (int)length, number);
}

/* Each a /16 of its own, of those that RFC 1112 reserves: what did not overlap still does not. */
static void add_network(struct standins *standins, const char *original, size_t length,
                        struct text *out)
{
	unsigned number = number_of(standins, STANDIN_NETWORK, original, length);
	text_printf(out, "%08X", htobe32(UINT32_C(0xf0000000) | (number & 0xfff) << 16));
}

void standin_add(struct standins *standins, enum standin_kind kind, const char *original,
                 size_t length, struct text *out)
{
	static void (*const add[STANDIN_KINDS])(struct standins *, const char *, size_t,
	                                        struct text *) = {
		[STANDIN_HOST] = add_host,     [STANDIN_UUID] = add_uuid,
		[STANDIN_SERIAL] = add_serial, [STANDIN_MAC] = add_mac,
		[STANDIN_IPV4] = add_ipv4,     [STANDIN_IPV6] = add_ipv6,
		[STANDIN_HEX] = add_hex,       [STANDIN_NETWORK] = add_network,
	};
	static const char *const words[STANDIN_KINDS] = {
		[STANDIN_VM] = "vm",
		[STANDIN_USER] = "user",
		[STANDIN_VALUE] = "redacted",
	};
	if (length == 0)
		return;
	if (add[kind] != NULL)
		add[kind](standins, original, length, out);
	else
		text_printf(out, "%s-%u", words[kind], number_of(standins, kind, original, length));
}

bool standin_is_uuid(const char *text)
{
	return strncmp(text, UUID_PREFIX, strlen(UUID_PREFIX)) == 0;
}

void standins_clear(struct standins *standins)
{
	for (int i = 0; i < STANDIN_KINDS; i++)
		json_decref(standins->numbers[i]);
	*standins = (struct standins){ .failed = false };
}
