/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xenstore:PATH: the report in this domain's part of xenstore, through
 * xenstore-write, which writes all it is given in one transaction, and
 * xenstore-read (Xen's tools/xenstore/xenstore_client.c).
 */
#include "transport/mail_tool.h"

/* 1,500 letters: xenstored takes 2,048 bytes of a guest in a node, all told. */
#define PIECE 1125
/* The names of the pieces stand in their parent, which has as much room; and 1,000 nodes are all.
 */
#define PIECES_MAX 300

static bool step(const struct mailbox *box, const char *path, size_t n, struct text *words)
{
	if (n > 1)
		return false;
	mail_tool_add_word(words, n == 0 ? "xenstore-write" : "xenstore-read");
	mail_tool_add_word(words, path);
	if (n == 1)
		return true;
	mail_tool_add_word(words, box->line);
	for (size_t piece = 1; piece <= box->count; piece++) {
		text_printf(words, "%s/%zu", path, piece);
		text_add_bytes(words, "", 1);
		mailbox_add_piece(box, piece, words);
		text_add_bytes(words, "", 1);
	}
	return true;
}

static const struct mail_tool tool = { .piece = PIECE, .most = PIECES_MAX, .step = step };

static int start(struct attempt *attempt, struct error *err)
{
	return mail_tool_start(attempt, &tool, err);
}

const struct sink sink_xenstore = { .scheme = "xenstore", .start = start };
