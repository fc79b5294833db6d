/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot's file, and the facts that it carries beside answers. */
#ifndef NESTREADY_AGENT_IMPORTED_H
#define NESTREADY_AGENT_IMPORTED_H

#include "base/error.h"
#include "base/text.h"
#include "report/fact.h"

/*
 * Reads a snapshot from a file or a pipe into `bytes`, and gives a descriptor
 * from which it can be read again and again; to be closed by the caller.  -1
 * and *err when it cannot be read.
 */
int imported_open(const char *path, struct text *bytes, struct error *err);

/* Adds the snapshot's facts where `facts` has neither a value nor a known absence.  0 or -1. */
int imported_add(const char *path, const struct text *bytes, struct fact_set *facts,
                 struct error *err);

#endif
