/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes over a line that anybody may write to.  Events keep their bounds
 * and are printable, what was sent well arrives after whatever was there
 * before it, and a report that is let through is one line of plain ASCII.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "report/arrived.h"
#include "transport/framing.h"

#define ID "01970000-0000-7000-8000-000000000001"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_line(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		require(*at >= ' ' && *at <= '~');
}

static void check_report(const char *bytes, size_t length, const char *id)
{
	cleanup_text struct text line = TEXT_INIT;
	struct error err = ERROR_INIT;
	int status = arrived_read(bytes, length, id, &line, &err);
	require(status == 0 ? err.code == ERROR_NONE : err.code == ERROR_BAD_INPUT);
	require_line(err.message);
	if (status != 0)
		return;
	require(line.length > 1 && line.data[line.length - 1] == '\n');
	line.data[line.length - 1] = '\0';
	require(strlen(line.data) == line.length - 1);
	require_line(line.data);
}

/* How often the report that was sent last arrived. */
struct seen {
	size_t arrived;
	const char *bytes;
	size_t length;
};

static bool known(void *context, const char *id)
{
	(void)context;
	return id[FRAMING_ID_SIZE - 2] == 'f';
}

static void on_report(void *context, const char *id, const char *bytes, size_t length)
{
	struct seen *seen = context;
	require(strlen(id) == FRAMING_ID_SIZE - 1);
	require_line(id);
	if (bytes == NULL)
		return;
	require(length >= 1 && length <= FRAMING_TOTAL_MAX * FRAMING_CHUNK);
	check_report(bytes, length, id);
	if (strcmp(id, ID) == 0 && seen->length == length &&
	    memcmp(bytes, seen->bytes, length) == 0)
		seen->arrived++;
}

static void on_ack(void *context, const char *id)
{
	(void)context;
	require(strlen(id) == FRAMING_ID_SIZE - 1);
}

static void on_damaged(void *context, const char *what)
{
	(void)context;
	require(strlen(what) > 0);
	require_line(what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct framing_events events = { known, on_report, on_ack, on_damaged };
	struct seen seen = { .bytes = (const char *)data, .length = size };
	struct framing_decoder decoder;
	cleanup_text struct text sent = TEXT_INIT;
	framing_init(&decoder, &events, &seen);
	framing_feed(&decoder, (const char *)data, size);
	check_report((const char *)data, size, ID);
	/* Twice, as a frame of the first sending may have met one of another report of that id. */
	for (size_t i = 0; i < 2 * framing_total(size); i++)
		framing_add_frame(ID, data, size, i % framing_total(size) + 1, &sent);
	framing_feed(&decoder, "\n", 1);
	size_t before = seen.arrived;
	framing_feed(&decoder, text_string(&sent), sent.length);
	require(decoder.no_memory || sent.failed || size == 0 || seen.arrived > before);
	require(framing_end(&decoder) <= FRAMING_OPEN_MAX);
	framing_clear(&decoder);
	return 0;
}
