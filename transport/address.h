/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a report is to go, as it is written on a command line and in the
 * configuration: a scheme, a colon, and what that scheme wants to know.  Here
 * is only how that is written; nothing is opened or looked up.
 */
#ifndef NESTREADY_TRANSPORT_ADDRESS_H
#define NESTREADY_TRANSPORT_ADDRESS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

struct scheme {
	const char *name; /* without the colon */
	const char *form; /* how the whole is typed */
	const char *help;
	bool at_once; /* written by who made the report; else it is spooled and sent */
	/* Whether `rest`, what stands behind the colon, makes sense; NULL: it has to be empty. */
	bool (*check)(const char *rest);
};

extern const struct scheme scheme_table[]; /* ends with a NULL name */

/*
 * The scheme of an address that is well formed, and in *rest what stands
 * behind the colon.  NULL and ERROR_USAGE otherwise.
 */
const struct scheme *address_parse(const char *address, const char **rest, struct error *err);

/*
 * Whether nobody reads along on the way there: TLS, or this very machine.  A token or a code that
 * went in the clear would be anybody's.
 */
bool address_keeps_secrets(const char *address);

/* A line for each form, for help. */
void address_help(struct text *out);

#endif
