/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report that came from another machine: whether it is one, and how to show it. */
#ifndef NESTREADY_REPORT_ARRIVED_H
#define NESTREADY_REPORT_ARRIVED_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/*
 * Checks that the bytes are a report and that its id is this one; *line becomes
 * it as one line of JSON with a newline.  Bytes that are plain ASCII already
 * are that line as they are, everything else is written anew and escaped, so
 * that a terminal can be trusted with it.  0; or -1, ERROR_BAD_INPUT.
 */
int arrived_read(const char *bytes, size_t length, const char *id, struct text *line,
                 struct error *err);

#endif
