/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are named on the command line, read whole and within bounds. */
#ifndef NESTREADY_AGENT_INPUT_H
#define NESTREADY_AGENT_INPUT_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/*
 * Appends all bytes of a file, or of standard input when `path` is "-".  0; or
 * -1 and *err: ERROR_NO_INPUT when it cannot be read, ERROR_BAD_INPUT when it
 * is longer than `limit`.
 */
int input_read(const char *path, size_t limit, struct text *bytes, struct error *err);

#endif
