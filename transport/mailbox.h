/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A report in a store of named values that the host can read: guestinfo, the
 * key-value pairs of Hyper-V, xenstore.  Such values are short, so the report
 * is cut into pieces in base64, numbered from 1, and a first line tells of them:
 *
 *     NR1 ID PIECES BYTES CRC32
 *
 * The line is written last and taken away first, so that who finds it finds
 * all pieces; the checksum, of the report's bytes, says whether that is so.
 */
#ifndef NESTREADY_TRANSPORT_MAILBOX_H
#define NESTREADY_TRANSPORT_MAILBOX_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct mailbox {
	const struct text *report;
	size_t piece; /* bytes of the report in each piece but the last */
	size_t count; /* pieces */
	char line[100];
};

/* Cuts a report.  0; or -1 when it has more than `most` pieces. */
int mailbox_fill(const char *id, const struct text *report, size_t piece, size_t most,
                 struct mailbox *box, struct error *err);

/* Adds the piece `n`, from 1 on, in base64. */
void mailbox_add_piece(const struct mailbox *box, size_t n, struct text *out);

#endif
