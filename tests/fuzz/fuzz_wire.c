/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever the reader accepts, the writer writes in a way that reads the same. */
#include <stdlib.h>
#include <string.h>

#include "report/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(const struct wire_line *line, struct text *out)
{
	switch (line->kind) {
	case WIRE_BEGIN:
		wire_begin(out, line->probe, line->deadline_ms);
		break;
	case WIRE_FACT:
		wire_fact(out, line->probe, &line->fact);
		break;
	case WIRE_ASKED:
		wire_asked(out, line->key, line->answer);
		break;
	case WIRE_END:
		wire_end(out, line->probe, line->status, line->why, line->duration_us);
		break;
	case WIRE_DONE:
		wire_done(out, line->count);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_line line;
	struct error err = ERROR_INIT;
	if (wire_decode((const char *)data, size, &line, &err) != 0) {
		if (err.code != ERROR_BAD_INPUT || err.message[0] == '\0' || line.json != NULL)
			abort();
		return 0;
	}
	cleanup_text struct text text = TEXT_INIT;
	write_again(&line, &text);
	struct wire_line again;
	if (text.failed || wire_decode(text.data, text.length - 1, &again, &err) != 0 ||
	    !json_equal(line.json, again.json))
		abort();
	wire_line_clear(&again);
	wire_line_clear(&line);
	return 0;
}
