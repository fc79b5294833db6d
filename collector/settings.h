/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a collector is told at its start. */
#ifndef NESTREADY_COLLECTOR_SETTINGS_H
#define NESTREADY_COLLECTOR_SETTINGS_H

#include <stdbool.h>

struct settings {
	const char *listen;                    /* HOST:PORT */
	const char *store;                     /* a URL */
	const char *tls_certificate, *tls_key; /* files of PEM; NULL: no TLS */
	bool insecure;                         /* an open door was asked for */
	unsigned body_max;                     /* bytes of a report */
	unsigned queue_max;                    /* reports that wait for the disk */
	unsigned connections_max, connections_per_address;
	unsigned header_ms, body_ms;          /* from the first byte to the last */
	const char *webhook, *webhook_secret; /* a URL and a file; NULL: none */
	unsigned settle_s;                    /* how long a state lasts to be told of */
	unsigned stale_s;                     /* a guest that said nothing for so long is stale */
};

#endif
