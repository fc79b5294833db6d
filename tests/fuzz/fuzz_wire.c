/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever the reader accepts is JSON, and what the writer would have written, byte for byte. */
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
		if (err.code != ERROR_BAD_INPUT || err.message[0] == '\0' || line.strings != NULL)
			abort();
		return 0;
	}
	cleanup_text struct text text = TEXT_INIT;
	cleanup_text struct text second = TEXT_INIT;
	struct wire_line again;
	write_again(&line, &text);
	if (text.failed || wire_decode(text.data, text.length - 1, &again, &err) != 0)
		abort();
	write_again(&again, &second);
	if (second.length != text.length || memcmp(second.data, text.data, text.length) != 0)
		abort();
	/* What is not asked but said has one form only. */
	if (line.kind != WIRE_ASKED &&
	    (text.length - 1 != size || memcmp(text.data, data, size) != 0))
		abort();
	json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	if (json == NULL)
		abort();
	json_decref(json);
	wire_line_clear(&again);
	wire_line_clear(&line);
	return 0;
}
