/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of schemes, and how strictly each is read. */
#include "transport/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/spool.h"

/* What neither a URL nor a name of a channel may have in it. */
static bool printable(const char *rest)
{
	for (const char *c = rest; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~')
			return false;
	}
	return rest[0] != '\0';
}

static bool check_path(const char *rest)
{
	return rest[0] != '\0';
}

/* A user and password in a URL end up in logs and process lists; tokens come from files. */
static bool check_http(const char *rest)
{
	return printable(rest) && strncmp(rest, "//", 2) == 0 && strchr("/?#:", rest[2]) == NULL &&
	       memchr(rest + 2, '@', strcspn(rest + 2, "/")) == NULL && strpbrk(rest, "?#") == NULL;
}

static bool number(const char *digits, char end, const char **after, unsigned *value)
{
	char *stop;
	if (*digits < '0' || *digits > '9')
		return false;
	unsigned long long read = strtoull(digits, &stop, 10);
	if (*stop != end || read > UINT32_MAX)
		return false;
	*value = (unsigned)read;
	*after = stop + 1;
	return true;
}

bool address_vsock(const char *rest, unsigned *cid, unsigned *port)
{
	const char *after;
	return number(rest, ':', &after, cid) && number(after, '\0', &after, port);
}

static bool check_vsock(const char *rest)
{
	unsigned cid, port;
	return address_vsock(rest, &cid, &port);
}

bool address_line(const char *rest, char *name, size_t size, bool *acknowledged)
{
	size_t length = strcspn(rest, "?");
	*acknowledged = rest[length] == '\0';
	if (length == 0 || length >= size || !printable(rest) ||
	    (!*acknowledged && strcmp(rest + length, "?ack=none") != 0))
		return false;
	memcpy(name, rest, length);
	name[length] = '\0';
	return true;
}

/* The name of a port of virtio-serial becomes part of a path. */
static bool check_port(const char *rest)
{
	char name[256];
	bool acknowledged;
	return address_line(rest, name, sizeof name, &acknowledged) && strchr(name, '/') == NULL &&
	       name[0] != '.';
}

static bool check_device(const char *rest)
{
	char name[256];
	bool acknowledged;
	return address_line(rest, name, sizeof name, &acknowledged) && name[0] == '/';
}

const struct scheme scheme_table[] = {
	{ "file", "file:PATH", "a file, replaced whole; in PATH/ it is ID.json", true, check_path },
	{ "stdout", "stdout:", "standard output, as one line of JSON", true, NULL },
	{ "https", "https://HOST", "a collector", false, check_http },
	{ "http", "http://HOST", "a collector, in the clear", false, check_http },
	{ "vsock", "vsock:CID:PORT", "a program on the host (virtio, Hyper-V); the host is 2",
	  false, check_vsock },
	{ "virtio-serial", "virtio-serial:NAME", "a port of virtio-serial", false, check_port },
	{ "serial", "serial:DEVICE", "a serial line", false, check_device },
	{ NULL, NULL, NULL, false, NULL },
};

const struct scheme *address_parse(const char *address, const char **rest, struct error *err)
{
	size_t length = strcspn(address, ":");
	const struct scheme *scheme = scheme_table;
	while (scheme->name != NULL &&
	       (strlen(scheme->name) != length || strncmp(scheme->name, address, length) != 0))
		scheme++;
	if (scheme->name == NULL || address[length] != ':') {
		error_set(err, ERROR_USAGE, 0, "'%.60s' is no place for a report: %s", address,
		          "`nestready help check` lists them");
		return NULL;
	}
	*rest = address + length + 1;
	if (strlen(address) <= SPOOL_DESTINATION_MAX && strchr(address, '\n') == NULL &&
	    (scheme->check == NULL ? **rest == '\0' : scheme->check(*rest)))
		return scheme;
	error_set(err, ERROR_USAGE, 0, "'%.80s' is not written as %s", address, scheme->form);
	return NULL;
}

void address_help(struct text *out)
{
	text_add(out, "Places for --report:\n");
	for (const struct scheme *scheme = scheme_table; scheme->name != NULL; scheme++)
		text_printf(out, "  %-20s %s\n", scheme->form, scheme->help);
}
