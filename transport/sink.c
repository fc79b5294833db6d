/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sinks: a sink is its own file and one line here. */
#include "transport/sink.h"

#include <string.h>

extern const struct sink sink_http;
extern const struct sink sink_https;

static const struct sink *const sink_table[] = { &sink_https, &sink_http, NULL };

const struct sink *sink_find(const char *scheme)
{
	for (size_t i = 0; sink_table[i] != NULL; i++) {
		if (strcmp(sink_table[i]->scheme, scheme) == 0)
			return sink_table[i];
	}
	return NULL;
}
