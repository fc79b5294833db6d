/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether bytes are a value of a shape, and the gist of it, in one pass that
 * builds no tree: to build one and take it down again is most of the work on a
 * report.
 *
 * It says yes only where jansson and shape_check do.  No says nothing: perhaps
 * it just does not go so far, and only they have the words for what is wrong.
 */
#ifndef NESTREADY_COLLECTOR_SCAN_H
#define NESTREADY_COLLECTOR_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "collector/gist.h"
#include "collector/shape.h"

/* At most `depth` arrays and objects inside each other.  The gist is to be cleared in any case. */
bool scan_report(const struct shape *shape, const char *bytes, size_t length, unsigned depth,
                 struct gist *gist);

#endif
