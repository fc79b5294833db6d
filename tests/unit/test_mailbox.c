/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report in pieces, and the line that tells of them. */
#include <criterion/criterion.h>

#include "transport/mailbox.h"

#define ID "01970000-0000-7000-8000-000000000001"

Test(mailbox, pieces_and_their_line)
{
	struct mailbox box;
	struct error err = ERROR_INIT;
	cleanup_text struct text report = TEXT_INIT, piece = TEXT_INIT;
	text_add(&report, "nestready");
	cr_assert_eq(mailbox_fill(ID, &report, 4, 3, &box, &err), 0);
	/* Python's zlib.crc32(b"nestready") */
	cr_expect_str_eq(box.line, "NR1 " ID " 3 9 49271794");
	for (size_t n = 1; n <= box.count; n++) {
		mailbox_add_piece(&box, n, &piece);
		text_add(&piece, ";");
	}
	cr_expect_str_eq(text_string(&piece), "bmVzdA==;cmVhZA==;eQ==;");
	cr_expect_eq(mailbox_fill(ID, &report, 4, 2, &box, &err), -1);
	cr_expect_str_eq(err.message, "9 bytes are too many: it holds 2 pieces of 4");
}
