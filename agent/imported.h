/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a snapshot, and the facts that it carries beside answers. */
#ifndef NESTREADY_AGENT_IMPORTED_H
#define NESTREADY_AGENT_IMPORTED_H

#include "base/error.h"
#include "base/text.h"
#include "report/fact.h"

/*
 * A descriptor from which the bytes of a snapshot can be read again and again,
 * wherever they came from; to be closed by the caller.  -1 and *err.
 */
int imported_file(const struct text *bytes, struct error *err);

/*
 * Of a snapshot that was made of another program's words: adds that it was, and
 * its facts where `facts` has neither a value nor a known absence.  0 or -1.
 */
int imported_add(const char *path, const struct text *bytes, struct fact_set *facts,
                 struct error *err);

#endif
