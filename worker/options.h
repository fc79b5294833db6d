/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's command line; the only caller is our own supervisor, and it is checked all the same.
 */
#ifndef NESTREADY_WORKER_OPTIONS_H
#define NESTREADY_WORKER_OPTIONS_H

#include "base/error.h"
#include "probes/probe.h"

struct worker_options {
	struct probe_settings settings;
	const char *only;      /* ids with commas between, or NULL */
	const char *skip;      /* likewise */
	const char *snapshot;  /* file to answer from, "-" for standard input; NULL: this machine */
	const char *obituary;  /* id of a probe that died in another worker, or NULL */
	const char *reason;    /* of the obituary */
	const char *mac_echo;  /* see struct live_options */
	const char *mac_spare; /* likewise */
	bool progress;         /* tell standard error what is being tried */
	bool capture;
	bool careful;
	bool list;
};

/* 0, or -1 and *err is ERROR_USAGE.  Strings point into argv. */
int worker_options_parse(struct worker_options *options, int argc, char **argv, struct error *err);

#endif
