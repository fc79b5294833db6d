/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one report of a guest says otherwise than the one before it, for a history to read. */
#ifndef NESTREADY_COLLECTOR_CHANGES_H
#define NESTREADY_COLLECTOR_CHANGES_H

#include <jansson.h>

/* One difference.  Strings live as long as both reports; "" where there was or is none. */
struct change {
	const char *what; /* "verdict", a finding's id, a trait's name */
	const char *before, *after;
};

typedef void (*changes_take)(void *context, const struct change *change);

/* Calls `take` for each; both are whole reports for one target. */
void changes_of(const json_t *before, const json_t *after, changes_take take, void *context);

#endif
