/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sinks: a sink is its own file and one line here. */
#include "transport/sink.h"

#include <string.h>

extern const struct sink sink_http;
extern const struct sink sink_https;
extern const struct sink sink_guestinfo;
extern const struct sink sink_kvp;
extern const struct sink sink_serial;
extern const struct sink sink_virtio_serial;
extern const struct sink sink_vsock;
extern const struct sink sink_xenstore;

static const struct sink *const sink_table[] = {
	&sink_https,         &sink_http,     &sink_vsock,
	&sink_virtio_serial, &sink_serial,   &sink_guestinfo,
	&sink_kvp,           &sink_xenstore, NULL,
};

const struct sink *sink_find(const char *scheme)
{
	for (size_t i = 0; sink_table[i] != NULL; i++) {
		if (strcmp(sink_table[i]->scheme, scheme) == 0)
			return sink_table[i];
	}
	return NULL;
}
