/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of schemes, and how strictly each is read. */
#include "transport/address.h"

#include <string.h>

#include "transport/number.h"
#include "transport/spool.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
/* Of 512 bytes that Hyper-V has for a key, the least of the three. */
#define KEY_MAX 200

/* A URL has neither blanks nor anything beyond ASCII. */
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

static bool check_vsock(const char *rest)
{
	uint32_t cid, port;
	return number_read_pair(rest, &cid, &port);
}

static bool check_device(const char *rest)
{
	return rest[0] == '/' && printable(rest);
}

/* A name, and no path: it may become part of one. */
static bool check_name(const char *rest)
{
	return printable(rest) && rest[0] != '.' && strchr(rest, '/') == NULL;
}

/* What guestinfo and Hyper-V call a key, with room for the number of a piece. */
static bool check_key(const char *rest)
{
	size_t length = strspn(rest, LETTERS "._-");
	return length > 0 && length <= KEY_MAX && rest[length] == '\0' && rest[0] != '.' &&
	       rest[length - 1] != '.';
}

/* In xenstore's letters; relative to this guest's own part unless it begins with a slash. */
static bool check_xenstore(const char *rest)
{
	size_t length = strspn(rest, LETTERS "_-@/");
	return length > 0 && length <= KEY_MAX && rest[length] == '\0' && rest[length - 1] != '/' &&
	       strstr(rest, "//") == NULL;
}

static bool check_auto(const char *rest)
{
	return rest[0] == '\0' || (strncmp(rest, "https:", 6) == 0 && check_http(rest + 6)) ||
	       (strncmp(rest, "http:", 5) == 0 && check_http(rest + 5));
}

const struct scheme scheme_table[] = {
	{ "file", "file:PATH", "a file, replaced whole; in PATH/ it is ID.json", true, check_path },
	{ "stdout", "stdout:", "standard output, as one line of JSON", true, NULL },
	{ "https", "https://HOST", "a collector", false, check_http },
	{ "http", "http://HOST", "a collector, in the clear", false, check_http },
	{ "vsock", "vsock:CID:PORT", "`nestready recv` on the host (CID 2)", false, check_vsock },
	{ "virtio-serial", "virtio-serial:NAME", "the same, over a port of that name", false,
	  check_name },
	{ "serial", "serial:DEVICE", "the same, over a serial port", false, check_device },
	{ "guestinfo", "guestinfo:KEY", "variables of this guest of VMware", false, check_key },
	{ "kvp", "kvp:KEY", "key-value pairs of this guest of Hyper-V", false, check_key },
	{ "xenstore", "xenstore:PATH", "this domain's part of Xen's store", false, check_xenstore },
	{ "auto", "auto:[URL]", "URL where there is a network, else what this guest has", false,
	  check_auto },
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

bool address_keeps_secrets(const char *address)
{
	static const char *const hosts[] = { "http://localhost", "http://127.0.0.1",
		                             "http://[::1]" };
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		size_t length = strlen(hosts[i]);
		if (strncmp(address, hosts[i], length) == 0 && strchr(address, '@') == NULL &&
		    (address[length] == '\0' || strchr(":/", address[length]) != NULL))
			return true;
	}
	return strncmp(address, "https://", 8) == 0;
}

void address_help(struct text *out)
{
	text_add(out, "Places for --report:\n");
	for (const struct scheme *scheme = scheme_table; scheme->name != NULL; scheme++)
		text_printf(out, "  %-20s %s\n", scheme->form, scheme->help);
}
