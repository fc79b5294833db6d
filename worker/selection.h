/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the known probes are to run. */
#ifndef NESTREADY_WORKER_SELECTION_H
#define NESTREADY_WORKER_SELECTION_H

#include <stddef.h>

#include "base/error.h"
#include "probes/probe.h"

struct selection {
	const struct probe **probes; /* owned array of borrowed probes, in the registry's order */
	size_t count;
};

/*
 * `only` and `skip` are ids with commas between; NULL means all but those that
 * want to be named, and none.
 * 0, or -1: an unknown id is ERROR_USAGE.  Clear with selection_clear.
 */
int selection_make(struct selection *selection, const struct probe *const *registry,
                   const char *only, const char *skip, struct error *err);
void selection_clear(struct selection *selection);

/* NULL when there is none of that id. */
const struct probe *selection_find(const struct probe *const *registry, const char *id,
                                   size_t length);

#endif
