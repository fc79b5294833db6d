/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mailbox.h. */
#include "transport/mailbox.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/crc32.h"

int mailbox_fill(const char *id, const struct text *report, size_t piece, size_t most,
                 struct mailbox *box, struct error *err)
{
	*box = (struct mailbox){ .report = report,
		                 .piece = piece,
		                 .count = (report->length + piece - 1) / piece };
	if (box->count > most)
		return error_set(err, ERROR_UNAVAILABLE, 0,
		                 "%zu bytes are too many: it holds %zu pieces of %zu",
		                 report->length, most, piece);
	snprintf(box->line, sizeof box->line, "NR1 %s %zu %zu %08" PRIx32, id, box->count,
	         report->length, crc32_of(text_string(report), report->length));
	return 0;
}

void mailbox_add_piece(const struct mailbox *box, size_t n, struct text *out)
{
	size_t start = (n - 1) * box->piece, left = box->report->length - start;
	cleanup_free char *base64 = base64_encode(text_string(box->report) + start,
	                                          left < box->piece ? left : box->piece);
	if (base64 == NULL)
		out->failed = true;
	else
		text_add(out, base64);
}
