/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See framing.h.  What goes out is simple; what comes in is anybody's. */
#include "transport/framing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/crc32.h"

#define MARK "NR1 "
#define ACK  "ack"

/* A frame as it was read. */
struct frame {
	char id[FRAMING_ID_SIZE];
	size_t seq, total;
	uint32_t checksum;
	const char *base64;
};

size_t framing_total(size_t length)
{
	return length > FRAMING_BYTES_MAX ? 0 : (length + FRAMING_CHUNK - 1) / FRAMING_CHUNK;
}

/* False on lack of memory. */
static bool checksum_of(const char *id, size_t seq, size_t total, const void *bytes, size_t length,
                        uint32_t *checksum)
{
	cleanup_text struct text whole = TEXT_INIT;
	text_printf(&whole, "%s %zu/%zu ", id, seq, total);
	text_add_bytes(&whole, bytes, length);
	*checksum = crc32_of(text_string(&whole), whole.length);
	return !whole.failed;
}

void framing_add_frame(const char *id, const void *report, size_t length, size_t seq,
                       struct text *out)
{
	size_t start = (seq - 1) * FRAMING_CHUNK, left = length - start;
	size_t count = left < FRAMING_CHUNK ? left : FRAMING_CHUNK;
	const char *bytes = (const char *)report + start;
	size_t total = framing_total(length);
	uint32_t checksum;
	cleanup_free char *base64 = base64_encode(bytes, count);
	if (base64 == NULL || !checksum_of(id, seq, total, bytes, count, &checksum))
		out->failed = true;
	else
		text_printf(out, MARK "%s %zu/%zu %08" PRIx32 " %s\n", id, seq, total, checksum,
		            base64);
}

void framing_add_ack(const char *id, struct text *out)
{
	text_printf(out, MARK "%s " ACK "\n", id);
}

void framing_init(struct framing_decoder *decoder, const struct framing_events *events,
                  void *context)
{
	*decoder = (struct framing_decoder){ .events = events, .context = context };
}

/* What is quoted here was checked before: nothing of the line itself is repeated. */
static void complain(struct framing_decoder *decoder, const char *id, const char *what)
{
	char line[160];
	if (decoder->events->damaged == NULL)
		return;
	snprintf(line, sizeof line, "%s%s%s", id, id[0] == '\0' ? "" : ": ", what);
	decoder->events->damaged(decoder->context, line);
}

static void release(struct framing_open *open)
{
	free(open->seen);
	free(open->bytes);
	*open = (struct framing_open){ 0 };
}

/* Says what a report lacks, and gives it up. */
static void give_up(struct framing_decoder *decoder, struct framing_open *open)
{
	char what[80];
	size_t missing = 0;
	while (missing < open->total && open->seen[missing])
		missing++;
	snprintf(what, sizeof what, "%zu of %zu frames are missing, the first is %zu",
	         open->total - open->have, open->total, missing + 1);
	complain(decoder, open->id, what);
	release(open);
}

static struct framing_open *find_open(struct framing_decoder *decoder, const char *id)
{
	for (size_t i = 0; i < FRAMING_OPEN_MAX; i++) {
		if (strcmp(decoder->open[i].id, id) == 0)
			return &decoder->open[i];
	}
	return NULL;
}

/* A place for a new report.  NULL on lack of memory. */
static struct framing_open *begin(struct framing_decoder *decoder, const struct frame *frame)
{
	struct framing_open *open = &decoder->open[0];
	for (size_t i = 0; i < FRAMING_OPEN_MAX; i++) {
		if (decoder->open[i].touched < open->touched)
			open = &decoder->open[i];
	}
	if (open->id[0] != '\0')
		give_up(decoder, open);
	*open = (struct framing_open){ .total = frame->total,
		                       .seen = calloc(frame->total, sizeof *open->seen),
		                       .bytes = malloc(frame->total * FRAMING_CHUNK) };
	if (open->seen == NULL || open->bytes == NULL) {
		decoder->no_memory = true;
		release(open);
		return NULL;
	}
	memcpy(open->id, frame->id, sizeof open->id);
	return open;
}

/* Puts a frame's bytes where they belong; true when the report is whole. */
static bool place(struct framing_open *open, const struct frame *frame, const void *bytes,
                  size_t count)
{
	if (!open->seen[frame->seq - 1]) {
		memcpy(open->bytes + (frame->seq - 1) * FRAMING_CHUNK, bytes, count);
		open->seen[frame->seq - 1] = true;
		open->have++;
	}
	if (frame->seq == open->total)
		open->length = (open->total - 1) * FRAMING_CHUNK + count;
	return open->have == open->total;
}

/* Whether a frame that came before came with other bytes. */
static bool differs(const struct framing_open *open, const struct frame *frame, const void *bytes,
                    size_t count)
{
	size_t start = (frame->seq - 1) * FRAMING_CHUNK;
	if (open->total != frame->total)
		return true;
	if (!open->seen[frame->seq - 1])
		return false;
	return (frame->seq == open->total && open->length != start + count) ||
	       memcmp(open->bytes + start, bytes, count) != 0;
}

static void take_bytes(struct framing_decoder *decoder, const struct frame *frame,
                       const void *bytes, size_t count)
{
	const struct framing_events *events = decoder->events;
	if (events->known != NULL && events->known(decoder->context, frame->id)) {
		if (frame->seq == frame->total && events->report != NULL)
			events->report(decoder->context, frame->id, NULL, 0);
		return;
	}
	struct framing_open *open = find_open(decoder, frame->id);
	if (open != NULL && differs(open, frame, bytes, count)) {
		complain(decoder, frame->id, "its frames are those of two reports");
		release(open);
		open = NULL;
	}
	if (open == NULL)
		open = begin(decoder, frame);
	if (open == NULL)
		return;
	open->touched = ++decoder->clock;
	if (!place(open, frame, bytes, count))
		return;
	if (events->report != NULL)
		events->report(decoder->context, frame->id, open->bytes, open->length);
	release(open);
}

/* Decodes and checks what a frame holds. */
static void take_frame(struct framing_decoder *decoder, const struct frame *frame)
{
	char what[80];
	cleanup_free unsigned char *bytes = NULL;
	size_t count = 0;
	uint32_t checksum = ~frame->checksum;
	int status = base64_decode(frame->base64, strlen(frame->base64), &bytes, &count);
	bool sized = frame->seq == frame->total ? count >= 1 && count <= FRAMING_CHUNK
	                                        : count == FRAMING_CHUNK;
	if (status == 0 && sized)
		checksum_of(frame->id, frame->seq, frame->total, bytes, count, &checksum);
	if (checksum == frame->checksum) {
		take_bytes(decoder, frame, bytes, count);
		return;
	}
	snprintf(what, sizeof what, "frame %zu of %zu is damaged", frame->seq, frame->total);
	complain(decoder, frame->id, what);
}

/* The form of an id, RFC 9562, in lower case. */
static bool read_id(const char *text, char id[FRAMING_ID_SIZE])
{
	for (size_t i = 0; i < FRAMING_ID_SIZE - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (text[i] == '\0' || strchr(dash ? "-" : "0123456789abcdef", text[i]) == NULL)
			return false;
	}
	memcpy(id, text, FRAMING_ID_SIZE - 1);
	id[FRAMING_ID_SIZE - 1] = '\0';
	return text[FRAMING_ID_SIZE - 1] == ' ';
}

/* A number without sign or leading zero that `end` follows; NULL when there is none. */
static const char *read_count(const char *text, char end, size_t *count)
{
	*count = 0;
	for (const char *at = text; *at >= '0' && *at <= '9' && at - text < 5; at++) {
		*count = *count * 10 + (size_t)(*at - '0');
		if (at[1] == end)
			return *text == '0' ? NULL : at + 2;
	}
	return NULL;
}

static const char *read_checksum(const char *text, uint32_t *checksum)
{
	*checksum = 0;
	for (size_t i = 0; i < 8; i++) {
		const char *digit = text[i] == '\0' ? NULL : strchr("0123456789abcdef", text[i]);
		if (digit == NULL)
			return NULL;
		*checksum = *checksum << 4 |
		            (uint32_t)(*digit <= '9' ? *digit - '0' : *digit - 'a' + 10);
	}
	return text[8] == ' ' ? text + 9 : NULL;
}

static bool read_numbers(const char *text, struct frame *frame)
{
	const char *at = read_count(text, '/', &frame->seq);
	if (at != NULL)
		at = read_count(at, ' ', &frame->total);
	if (at != NULL)
		at = read_checksum(at, &frame->checksum);
	frame->base64 = at;
	return at != NULL && frame->seq <= frame->total && frame->total <= FRAMING_TOTAL_MAX;
}

static void take_line(struct framing_decoder *decoder)
{
	struct frame frame;
	const char *line = decoder->line;
	decoder->line[decoder->length] = '\0';
	bool whole = strlen(line) == decoder->length && !decoder->overlong;
	if (strncmp(line, MARK, strlen(MARK)) != 0)
		return;
	if (!whole || !read_id(line + strlen(MARK), frame.id)) {
		complain(decoder, "", "a frame is damaged, nobody knows whose");
		return;
	}
	const char *rest = line + strlen(MARK) + FRAMING_ID_SIZE;
	if (strcmp(rest, ACK) == 0) {
		if (decoder->events->acknowledged != NULL)
			decoder->events->acknowledged(decoder->context, frame.id);
	} else if (read_numbers(rest, &frame)) {
		take_frame(decoder, &frame);
	} else {
		complain(decoder, frame.id, "a frame is damaged");
	}
}

void framing_feed(struct framing_decoder *decoder, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\n' || bytes[i] == '\r') {
			take_line(decoder);
			decoder->length = 0;
			decoder->overlong = false;
		} else if (decoder->length < FRAMING_LINE_MAX) {
			decoder->line[decoder->length++] = bytes[i];
		} else {
			decoder->overlong = true;
		}
	}
}

size_t framing_end(struct framing_decoder *decoder)
{
	size_t count = 0;
	for (size_t i = 0; i < FRAMING_OPEN_MAX; i++) {
		if (decoder->open[i].id[0] == '\0')
			continue;
		give_up(decoder, &decoder->open[i]);
		count++;
	}
	return count;
}

void framing_clear(struct framing_decoder *decoder)
{
	for (size_t i = 0; i < FRAMING_OPEN_MAX; i++)
		release(&decoder->open[i]);
}
