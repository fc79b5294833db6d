/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guestinfo:KEY: the report as variables of a VMware guest, through
 * vmware-rpctool of open-vm-tools.  That takes one argument, the whole request,
 * prints what the host said, and exits with 1 when the host refused
 * (open-vm-tools/rpctool/rpctool.c).  Never run against the vendor's product.
 */
#include "transport/mail_tool.h"

#define TOOL   "vmware-rpctool"
#define PREFIX "guestinfo."

/* 60,000 letters: a request is at most 64 KiB (GUESTMSG_MAX_IN_SIZE of guest_msg_def.h). */
#define PIECE 45000
/* The variables of a guest share 1 MiB (tools.setInfo.sizeLimit). */
#define PIECES_MAX 14

/* The line is taken away, the pieces are set, then the line; and what is there is asked for. */
static bool step(const struct mailbox *box, const char *key, size_t n, struct text *words)
{
	if (n > box->count + 2)
		return false;
	mail_tool_add_word(words, TOOL);
	if (n == box->count + 2) {
		text_printf(words, "info-get " PREFIX "%s", key);
	} else if (n == 0 || n == box->count + 1) {
		text_printf(words, "info-set " PREFIX "%s %s", key, n == 0 ? "-" : box->line);
	} else {
		text_printf(words, "info-set " PREFIX "%s.%zu ", key, n);
		mailbox_add_piece(box, n, words);
	}
	text_add_bytes(words, "", 1);
	return true;
}

static const struct mail_tool tool = { .piece = PIECE, .most = PIECES_MAX, .step = step };

static int start(struct attempt *attempt, struct error *err)
{
	return mail_tool_start(attempt, &tool, err);
}

const struct sink sink_guestinfo = { .scheme = "guestinfo", .start = start };
