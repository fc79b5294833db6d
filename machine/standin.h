/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stand-ins for what identifies a machine.  They are numbered as they come,
 * not hashed: a hash of a MAC address is undone by trying all of them.
 */
#ifndef NESTREADY_MACHINE_STANDIN_H
#define NESTREADY_MACHINE_STANDIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum standin_kind {
	STANDIN_HOST,    /* "a.corp.example": "host-1.example" */
	STANDIN_VM,      /* a VM's name: "vm-1" */
	STANDIN_USER,    /* "user-1" */
	STANDIN_VALUE,   /* any text: "redacted-1" */
	STANDIN_UUID,    /* "00000000-0000-4000-8000-000000000001" */
	STANDIN_SERIAL,  /* "VMware-42 1e": "VMware-00 01" */
	STANDIN_MAC,     /* "52:54:00:ab:cd:ef": "52:54:00:00:00:01" */
	STANDIN_IPV4,    /* "192.0.2.1" */
	STANDIN_IPV6,    /* "2001:db8::1", "fe80::1" */
	STANDIN_HEX,     /* a long run of hex digits: as long, "0...01" */
	STANDIN_NETWORK, /* an IPv4 address in /proc/net/route: "000001F0", 240.1.0.0 */
};

#define STANDIN_KINDS 11

/* What was met so far.  Zeroed to begin with. */
struct standins {
	json_t *numbers[STANDIN_KINDS]; /* original -> number */
	bool failed;                    /* memory ran out */
};

/* Appends the stand-in of an original.  What identifies nobody ("Not Specified") is kept. */
void standin_add(struct standins *standins, enum standin_kind kind, const char *original,
                 size_t length, struct text *out);

/* Whether a UUID is such a stand-in. */
bool standin_is_uuid(const char *text);

void standins_clear(struct standins *standins);

#endif
