/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where reports wait until they have been acknowledged: a directory with one
 * file for each report and destination.  A file appears whole or not at all,
 * survives a loss of power once spool_add said so, and leaves only by
 * spool_remove, or as the oldest when there is no more room or time for it;
 * then it is counted.
 *
 * Several processes, and two users, work on one spool: everything in it is
 * opened as if the other one meant ill.
 */
#ifndef NESTREADY_TRANSPORT_SPOOL_H
#define NESTREADY_TRANSPORT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

#define SPOOL_DIRECTORY STATEDIR "/spool"

/* The longest destination, and the longest report; a report of all facts has about 60 KB. */
#define SPOOL_DESTINATION_MAX 1024
#define SPOOL_REPORT_MAX      (4u << 20)

/* ID, "-", eight digits of the destination's checksum, ".report", and ".refused" for one set aside.
 */
#define SPOOL_NAME_SIZE (36 + 1 + 8 + 7 + 8 + 1)

struct spool_limits {
	uint64_t bytes;       /* of all reports together */
	uint64_t age_seconds; /* since a report was spooled */
};

/* A month of reports, one each quarter of an hour, fits ten times. */
#define SPOOL_LIMITS_INIT                                                                          \
	{                                                                                          \
		.bytes = 64u << 20, .age_seconds = 30 * 86400                                      \
	}

struct spool {
	int directory; /* -1: not open */
	struct spool_limits limits;
};

struct spool_entry {
	char name[SPOOL_NAME_SIZE];
	bool waiting; /* false: set aside */
	uint64_t bytes;
	int64_t since; /* seconds since 1970 */
};

/* Opens an existing directory.  0; or -1, ERROR_UNAVAILABLE. */
int spool_open(struct spool *spool, const char *path, const struct spool_limits *limits,
               struct error *err);
void spool_close(struct spool *spool);

/*
 * Adds a report for a destination.  Makes room by dropping the oldest, and
 * only after the new one is safe on disk.  0: it is there and stays there; or
 * -1, ERROR_UNAVAILABLE: nothing was added and nothing dropped for it.
 */
int spool_add(struct spool *spool, const char *id, const char *destination, const void *report,
              size_t length, struct error *err);

/* Leaves a small file of a name that is no report's beside them, whole or not at all.  0 or -1. */
int spool_put(const struct spool *spool, const char *name, const struct text *bytes,
              struct error *err);

/*
 * Leaves a token for a destination beside its reports, for one that no configuration names; and
 * where it is for who sends the entry `name`, whether or not it is there.
 */
int spool_add_token(struct spool *spool, const char *destination, const char *token,
                    struct error *err);
#define SPOOL_TOKEN_PATH_SIZE 64
void spool_token_path(const struct spool *spool, const char *name,
                      char path[SPOOL_TOKEN_PATH_SIZE]);

/* How many reports this spool ever dropped. */
uint64_t spool_dropped(const struct spool *spool);

/* Drops what is too old.  0 or -1. */
int spool_expire(struct spool *spool, struct error *err);

/* All reports, those set aside too, the oldest first; *entries is to be freed.  0 or -1. */
int spool_list(const struct spool *spool, struct spool_entry **entries, size_t *count,
               struct error *err);

/*
 * Reads a report.  0; or -1: ERROR_BAD_INPUT when the file is none of ours,
 * ERROR_NO_INPUT when it is gone.
 */
int spool_read(const struct spool *spool, const char *name, struct text *destination,
               struct text *report, struct error *err);

/* Takes a report out, for good: it was acknowledged.  0 or -1. */
int spool_remove(const struct spool *spool, const char *name, struct error *err);

/* Keeps a report that was refused for good, as NAME.refused, within the same bounds.  0 or -1. */
int spool_set_aside(const struct spool *spool, const char *name, struct error *err);

/* The id in an entry's name. */
void spool_id(const char *name, char id[37]);

#endif
