/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports on a line that carries other text and loses some of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "transport/framing.h"

#define ID    "01970000-0000-7000-8000-000000000001"
#define OTHER "01970000-0000-7000-8000-000000000002"

/* What a decoder told. */
struct told {
	struct text reports; /* ID and length of each */
	struct text last;    /* its bytes */
	struct text acks;
	struct text damaged;
	bool known;
};

static bool known(void *context, const char *id)
{
	const struct told *told = context;
	return told->known && strcmp(id, ID) == 0;
}

static void on_report(void *context, const char *id, const char *bytes, size_t length)
{
	struct told *told = context;
	text_printf(&told->reports, "%s%s %zu;", id, bytes == NULL ? " again" : "", length);
	text_clear(&told->last);
	if (bytes != NULL)
		text_add_bytes(&told->last, bytes, length);
}

static void on_ack(void *context, const char *id)
{
	text_printf(&((struct told *)context)->acks, "%s;", id);
}

static void on_damaged(void *context, const char *what)
{
	text_printf(&((struct told *)context)->damaged, "%s;", what);
}

static const struct framing_events events = { known, on_report, on_ack, on_damaged };

static struct framing_decoder decoder;
static struct told told;
static char report[FRAMING_CHUNK * 3 + 100];

static void set_up(void)
{
	for (size_t i = 0; i < sizeof report; i++)
		report[i] = (char)(i * 7 + i / 251);
	framing_init(&decoder, &events, &told);
}

static void tear_down(void)
{
	framing_clear(&decoder);
	text_clear(&told.reports);
	text_clear(&told.last);
	text_clear(&told.acks);
	text_clear(&told.damaged);
}

TestSuite(framing, .init = set_up, .fini = tear_down);

static void feed(const char *text)
{
	framing_feed(&decoder, text, strlen(text));
}

static void feed_frame(const char *id, size_t seq)
{
	cleanup_text struct text line = TEXT_INIT;
	framing_add_frame(id, report, sizeof report, seq, &line);
	feed(text_string(&line));
}

Test(framing, the_format_is_what_is_documented)
{
	cleanup_text struct text line = TEXT_INIT;
	framing_add_frame(ID, "{}", 2, 1, &line);
	framing_add_ack(ID, &line);
	/* The checksum is Python's zlib.crc32(b"ID 1/1 {}"). */
	cr_expect_str_eq(text_string(&line), "NR1 " ID " 1/1 c0d41763 e30=\nNR1 " ID " ack\n");
	cr_expect_eq(framing_total(0), 0);
	cr_expect_eq(framing_total(FRAMING_CHUNK), 1);
	cr_expect_eq(framing_total(FRAMING_CHUNK + 1), 2);
	cr_expect_eq(framing_total(FRAMING_BYTES_MAX), FRAMING_TOTAL_MAX);
	cr_expect_eq(framing_total(FRAMING_BYTES_MAX + 1), 0);
}

Test(framing, the_longest_frame_fits_its_bound)
{
	static char most[FRAMING_BYTES_MAX];
	cleanup_text struct text line = TEXT_INIT;
	framing_add_frame(ID, most, sizeof most, FRAMING_TOTAL_MAX - 1, &line);
	cr_expect_eq(line.length, FRAMING_LINE_MAX + 1);
	feed(text_string(&line));
	cr_expect_eq(framing_end(&decoder), 1);
	cr_expect_str_eq(text_string(&told.damaged),
	                 ID ": 5461 of 5462 frames are missing, the first is 1;");
}

Test(framing, a_report_comes_whole_whatever_the_pieces)
{
	cleanup_text struct text all = TEXT_INIT;
	for (size_t seq = 1; seq <= 4; seq++)
		framing_add_frame(ID, report, sizeof report, seq, &all);
	for (size_t i = 0; i < all.length; i++)
		framing_feed(&decoder, all.data + i, 1);
	cr_expect_str_eq(text_string(&told.reports), ID " 2404;");
	cr_expect_arr_eq(text_string(&told.last), report, sizeof report);
	cr_expect_str_eq(text_string(&told.damaged), "");
	cr_expect_eq(framing_end(&decoder), 0);
}

Test(framing, other_text_and_both_kinds_of_line_ends_are_skipped)
{
	feed("login: \033[2J[    1.234] NR2 x\r\nNR1\n NR1 x\n");
	feed_frame(ID, 2);
	feed("\r\n\n");
	feed_frame(ID, 4);
	feed_frame(ID, 1);
	feed("garbage without an end NR1 \n");
	feed_frame(ID, 3);
	cr_expect_str_eq(text_string(&told.reports), ID " 2404;");
	cr_expect_str_eq(text_string(&told.damaged), "");
}

Test(framing, who_starts_in_the_middle_completes_with_the_next_sending)
{
	feed("Zm9v\n");
	feed_frame(ID, 3);
	feed_frame(ID, 4);
	cr_expect_str_eq(text_string(&told.reports), "");
	feed_frame(ID, 1);
	feed_frame(ID, 2);
	cr_expect_str_eq(text_string(&told.reports), ID " 2404;");
}

Test(framing, two_reports_may_be_mixed)
{
	for (size_t seq = 1; seq <= 4; seq++) {
		feed_frame(ID, seq);
		feed_frame(OTHER, 5 - seq);
	}
	cr_expect_str_eq(text_string(&told.reports), ID " 2404;" OTHER " 2404;");
}

Test(framing, what_is_damaged_or_lost_is_named)
{
	cleanup_text struct text line = TEXT_INIT;
	framing_add_frame(ID, report, sizeof report, 2, &line);
	line.data[line.length - 10] ^= 1;
	feed(text_string(&line));
	feed_frame(ID, 3);
	cr_expect_str_eq(text_string(&told.damaged), ID ": frame 2 of 4 is damaged;");
	text_clear(&told.damaged);
	cr_expect_eq(framing_end(&decoder), 1);
	cr_expect_str_eq(text_string(&told.damaged),
	                 ID ": 3 of 4 frames are missing, the first is 1;");
	cr_expect_str_eq(text_string(&told.reports), "");
}

Test(framing, what_is_no_frame_is_damaged_and_nothing_of_it_is_repeated)
{
	static const char *const rows[] = {
		"NR1 \033[2J x\n",
		"NR1 01970000-0000-7000-8000-00000000000G 1/1 c0d41763 e30=\n",
		"NR1 " ID "\n",
		"NR1 " ID " nack\n",
		"NR1 " ID " 0/1 c0d41763 e30=\n",
		"NR1 " ID " 2/1 c0d41763 e30=\n",
		"NR1 " ID " 01/1 c0d41763 e30=\n",
		"NR1 " ID " 1/5463 c0d41763 e30=\n",
		"NR1 " ID " 1/99999999999999999999 c0d41763 e30=\n",
		"NR1 " ID " 1/1 C0D41763 e30=\n",
		"NR1 " ID " 1/1 c0d4176 e30=\n",
		"NR1 " ID " 1/1 c0d41763 e30\n",
		"NR1 " ID " 1/1 c0d41763 \n",
		"NR1 " ID " 1/1 00000000 \n",
		"NR1 " ID " 1/1 c0d41763 e30= \n",
		"NR1 " ID " 1/2 c0d41763 e30=\n",
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		feed(rows[i]);
		cr_expect_str_eq(text_string(&told.reports), "", "%s", rows[i]);
		cr_expect_eq(strchr(text_string(&told.damaged), ';'),
		             told.damaged.data + told.damaged.length - 1, "%s", rows[i]);
		cr_expect_null(strchr(text_string(&told.damaged), '\033'));
		text_clear(&told.damaged);
	}
	feed("NR1 " ID " 1/1 c0d41763 e30=\n");
	cr_expect_str_eq(text_string(&told.reports), ID " 2;");
}

Test(framing, a_line_that_never_ends_costs_no_memory)
{
	char run[4096];
	memset(run, 'A', sizeof run);
	feed("NR1 ");
	for (int i = 0; i < 1000; i++)
		framing_feed(&decoder, run, sizeof run);
	feed("\nNR1 " ID " ack\n");
	cr_expect_str_eq(text_string(&told.damaged), "a frame is damaged, nobody knows whose;");
	cr_expect_str_eq(text_string(&told.acks), ID ";");
}

Test(framing, of_too_many_reports_the_oldest_is_given_up)
{
	for (int i = 0; i < FRAMING_OPEN_MAX; i++) {
		char id[FRAMING_ID_SIZE];
		snprintf(id, sizeof id, "01970000-0000-7000-8000-0000000001%02d", i);
		feed_frame(id, 1);
	}
	feed_frame(ID, 1);
	cr_expect_str_eq(text_string(&told.damaged), "01970000-0000-7000-8000-000000000100: "
	                                             "3 of 4 frames are missing, the first is 2;");
	cr_expect_eq(framing_end(&decoder), FRAMING_OPEN_MAX);
}

Test(framing, one_id_never_stands_for_a_mixture)
{
	feed_frame(ID, 1);
	feed("NR1 " ID " 1/1 c0d41763 e30=\n");
	cr_expect_str_eq(text_string(&told.damaged), ID ": its frames are those of two reports;");
	cr_expect_str_eq(text_string(&told.reports), ID " 2;");
}

Test(framing, a_known_report_is_answered_again_at_its_last_frame)
{
	told.known = true;
	for (size_t seq = 1; seq <= 4; seq++)
		feed_frame(ID, seq);
	cr_expect_str_eq(text_string(&told.reports), ID " again 0;");
	cr_expect_eq(framing_end(&decoder), 0);
}
