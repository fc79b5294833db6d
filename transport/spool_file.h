/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a spool: their names, what stands in one, and how to look at them safely. */
#ifndef NESTREADY_TRANSPORT_SPOOL_FILE_H
#define NESTREADY_TRANSPORT_SPOOL_FILE_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

#define SPOOL_STEM           (36 + 1 + 8)
#define SPOOL_ENDING         ".report"
#define SPOOL_REFUSED        ".refused"
#define SPOOL_TOKEN          ".token"
#define SPOOL_KEY_AT         37 /* in an entry's name: the checksum of its destination */
#define SPOOL_TEMPORARY      ".new-"
#define SPOOL_TEMPORARY_SIZE (sizeof SPOOL_TEMPORARY + 16)

/* The file's bytes for a report: a line of mark and length, the destination's line, the report. */
void spool_file_encode(const char *destination, const void *report, size_t length,
                       struct text *bytes);

/* The way back, strict.  0; or -1 and ERROR_BAD_INPUT. */
int spool_file_decode(const char *bytes, size_t length, struct text *destination,
                      struct text *report, struct error *err);

/* Opens a regular file to read, and never waits for it.  A descriptor or -1 with errno. */
int spool_file_open(int directory, const char *name);

/* Deletes what writers that were killed left behind. */
void spool_file_sweep(int directory);

#endif
