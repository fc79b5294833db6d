/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three ways in which an answer becomes a fact without being interpreted. */
#include "probes/relay.h"

#include <string.h>

#include "base/text.h"

void relay_none(struct fact_sink *sink, const char *key, const struct answer *answer,
                const char *source)
{
	fact_none(sink, key, answer->status, answer->why[0] == '\0' ? NULL : answer->why, source);
}

void relay_line(struct fact_sink *sink, const char *key, const struct answer *answer,
                const char *source)
{
	static const char white[] = " \t\r\n";
	if (answer->status != STATUS_OBSERVED) {
		relay_none(sink, key, answer, source);
		return;
	}
	const char *start = answer->text + strspn(answer->text, white);
	size_t length = strlen(start);
	while (length > 0 && strchr(white, start[length - 1]) != NULL)
		length--;
	if (length == 0) {
		fact_none(sink, key, STATUS_ABSENT, "empty", source);
		return;
	}
	cleanup_text struct text line = TEXT_INIT;
	text_add_bytes(&line, start, length);
	if (line.failed)
		fact_none(sink, key, STATUS_FAILED, "out of memory", source);
	else
		fact_text(sink, key, text_string(&line), source);
}

void relay_presence(struct fact_sink *sink, const char *key, const struct answer *answer,
                    const char *source)
{
	if (answer->status == STATUS_OBSERVED || answer->status == STATUS_ABSENT)
		fact_bool(sink, key, answer->status == STATUS_OBSERVED, source);
	else
		relay_none(sink, key, answer, source);
}
