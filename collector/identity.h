/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of guests.  Of each machine that says what no two may share, a document
 * `identity` GUEST/MACHINE remembers that, and from when to when it was heard
 * of: a guest that was renamed leaves an old one behind, two copies that share a
 * system UUID are heard of at the same time.
 */
#ifndef NESTREADY_COLLECTOR_IDENTITY_H
#define NESTREADY_COLLECTOR_IDENTITY_H

#include <jansson.h>

#include "collector/intake.h"
#include "collector/store.h"

/*
 * Notes who sent these reports: one question of the store for all of them, and one change of it
 * when any of it is new.  0, or -1 and *err.
 */
int identity_note(struct store *store, const struct intake *const *reports, size_t count,
                  int64_t now, struct error *err);

/*
 * What is shared, and by whom: [{"same": "system-uuid", "machine-id" or "mac", "value",
 * "guests": [{"guest", "name", "hostname", "lab", "first", "last"}]}].  NULL and *err.
 */
json_t *identity_clones(struct store *store, struct error *err);

#endif
