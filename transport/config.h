/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file: where reports go, with what each place needs to be
 * reached, and the bounds of the spool.
 *
 *     [report https://collector.example]
 *     token-file = /etc/nestready/token
 *
 *     [spool]
 *     bytes = 64M
 *
 *     [reports]
 *     mode = changes
 *
 *     [network]
 *     mac_test = yes
 */
#ifndef NESTREADY_TRANSPORT_CONFIG_H
#define NESTREADY_TRANSPORT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "transport/spool.h"

#define CONFIG_FILE CONFIGDIR "/nestready.conf"

#define CONFIG_BYTES_MAX   (1u << 20)
#define CONFIG_REPORTS_MAX 32

/* One [report ADDRESS]; what was not said is NULL or 0. */
struct config_report {
	char *address;
	char *token_file; /* whose first line is the bearer token */
	char *ca_file;    /* who is trusted, instead of who the system trusts */
	char *cert_file;  /* the client's certificate and its key, PEM */
	char *key_file;
	char *proxy;
	uint64_t timeout_seconds; /* of one attempt */
	bool one_way;             /* nobody answers there: what was written is delivered */
};

struct config {
	struct config_report *reports;
	size_t report_count;
	struct spool_limits limits;
	const char *mode; /* "all" or "changes": heartbeats where nothing changed; NULL: unsaid */
	bool mac_test;    /* runs that nobody looks at may send the frames of the MAC test */
};

/*
 * Reads a configuration.  `name` is for messages, which name the line.  0; or
 * -1, ERROR_BAD_INPUT.  The configuration is to be cleared in any case.
 */
int config_parse(const char *name, const char *bytes, size_t length, struct config *config,
                 struct error *err);

/* The same of a file; one that is not there says nothing if it `may_miss`. */
int config_load(const char *path, bool may_miss, struct config *config, struct error *err);

/* What is said of an address, or of the auto: that came to it; NULL: nothing. */
const struct config_report *config_find(const struct config *config, const char *address);

/* How many seconds an attempt may take, of a section or of none. */
unsigned config_timeout(const struct config_report *report);

void config_clear(struct config *config);

#endif
