/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bearer tokens (RFC 6750): read from a file each time, so that one can be replaced in use. */
#ifndef NESTREADY_TRANSPORT_TOKEN_H
#define NESTREADY_TRANSPORT_TOKEN_H

#include "base/error.h"
#include "base/text.h"

/*
 * The header's line with the token in the first line of a file.  0; or -1:
 * there is none, it is no token, or the address would carry it in the clear
 * over a network.
 */
int token_header(const char *address, const char *file, struct text *line, struct error *err);

#endif
