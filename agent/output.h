/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where finished text goes.  A file is replaced as a whole or not at all;
 * devices, pipes and whatever standard output is are written to as they are.
 */
#ifndef NESTREADY_AGENT_OUTPUT_H
#define NESTREADY_AGENT_OUTPUT_H

#include "base/error.h"
#include "base/text.h"

/*
 * Writes all of `text` to the file `path`, or to standard output when that is
 * NULL or "-".  0; or -1 and *err names the place, ERROR_INTERNAL: then nothing
 * of an existing regular file was touched.
 */
int output_write(const char *path, const struct text *text, struct error *err);

/* Writes all bytes to a descriptor, whatever pieces it takes them in.  0 or -1 with errno. */
int output_write_all(int fd, const char *bytes, size_t length);

/*
 * To be called before anything is opened.  A standard stream that the caller
 * closed becomes /dev/null opened the wrong way round, so that no file of ours
 * takes its number, and using it is still an error.
 */
void output_guard_streams(void);

#endif
