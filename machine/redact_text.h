/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identifiers that are told by their form, wherever they stand in a text. */
#ifndef NESTREADY_MACHINE_REDACT_TEXT_H
#define NESTREADY_MACHINE_REDACT_TEXT_H

#include "machine/standin.h"

/* Forms that mean something else in some answers. */
enum redact_flag {
	REDACT_NOT_IPV4 = 1 << 0, /* versions of four numbers look like addresses */
	REDACT_NOT_UUID = 1 << 1, /* VMBus and EFI name classes of things by UUIDs */
};

/* Appends the bytes to `out` with all identifiers in them replaced. */
void redact_text(struct standins *standins, unsigned flags, const char *bytes, size_t length,
                 struct text *out);

#endif
