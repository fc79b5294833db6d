/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports on a line that carries other text too and may lose some of it: a
 * serial port with the kernel's messages on it, a socket whose reader came
 * late.  A report becomes lines, its frames, each with its own checksum:
 *
 *     NR1 ID SEQ/TOTAL CRC32 BASE64        a frame, from 1 on
 *     NR1 ID ack                           the answer of who has them all for good
 *
 * The checksum is that of "ID SEQ/TOTAL " and the bytes that the base64 stands
 * for.  Each frame but the last holds FRAMING_CHUNK bytes.  Frames may come in
 * any order and more than once: sending a report again fills what was lost.
 * Pure: bytes in, events out.
 */
#ifndef NESTREADY_TRANSPORT_FRAMING_H
#define NESTREADY_TRANSPORT_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define FRAMING_ID_SIZE   37 /* a UUID and a NUL */
#define FRAMING_CHUNK     768
#define FRAMING_BYTES_MAX (4u << 20) /* of a report: what a spool takes */
#define FRAMING_TOTAL_MAX ((FRAMING_BYTES_MAX + FRAMING_CHUNK - 1) / FRAMING_CHUNK)

/* The longest frame without its newline: the mark, the id, SEQ/TOTAL, the checksum, 4 blanks. */
#define FRAMING_LINE_MAX (3 + 36 + 9 + 8 + 4 + (FRAMING_CHUNK + 2) / 3 * 4)

/* Reports that a decoder puts together side by side; for one more the oldest is given up. */
#define FRAMING_OPEN_MAX 8

/* How many frames a report of so many bytes has; 0 when it has too many bytes, or none. */
size_t framing_total(size_t length);

/* Adds the frame `seq`, from 1 to framing_total(length), with its newline. */
void framing_add_frame(const char *id, const void *report, size_t length, size_t seq,
                       struct text *out);

/* Adds the answer, with its newline. */
void framing_add_ack(const char *id, struct text *out);

/* What a decoder tells.  Any of them may be NULL. */
struct framing_events {
	/* Whether a report needs no more frames, as it came before. */
	bool (*known)(void *context, const char *id);
	/* All of a report; with `bytes` NULL: the last frame of one that was known came again. */
	void (*report)(void *context, const char *id, const char *bytes, size_t length);
	void (*acknowledged)(void *context, const char *id);
	/* A frame that is none, or one report too many: one printable line for people. */
	void (*damaged)(void *context, const char *what);
};

/* A report that is not whole yet. */
struct framing_open {
	char id[FRAMING_ID_SIZE]; /* "" when the place is free */
	size_t total, have;       /* frames */
	size_t length;            /* of all, once the last frame is here */
	bool *seen;
	char *bytes;
	uint64_t touched;
};

struct framing_decoder {
	const struct framing_events *events;
	void *context;
	char line[FRAMING_LINE_MAX + 1];
	size_t length;
	bool overlong; /* the line is longer, the rest of it is not looked at */
	uint64_t clock;
	bool no_memory; /* a report was lost for lack of memory */
	struct framing_open open[FRAMING_OPEN_MAX];
};

void framing_init(struct framing_decoder *decoder, const struct framing_events *events,
                  void *context);

/* Takes whatever came; the events are called from within. */
void framing_feed(struct framing_decoder *decoder, const char *bytes, size_t length);

/* Names by `damaged` each report that is not whole, and its first missing frame; how many. */
size_t framing_end(struct framing_decoder *decoder);

/* Frees what it holds. */
void framing_clear(struct framing_decoder *decoder);

#endif
