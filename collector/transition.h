/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a guest's readiness really changed.  A state counts once it lasted: a guest that is
 * not-ready for a minute during its reboot did not lose readiness, and is not ready again
 * afterwards.  Pure.
 */
#ifndef NESTREADY_COLLECTOR_TRANSITION_H
#define NESTREADY_COLLECTOR_TRANSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum readiness {
	READINESS_UNSURE, /* indeterminate: says nothing in either direction */
	READINESS_USABLE, /* ready or degraded */
	READINESS_NONE,   /* not-ready */
};

enum readiness readiness_of(const char *verdict);

/* A report of the guest for the target, by when it was received. */
struct moment {
	enum readiness readiness;
	int64_t at;
};

/*
 * Whether `now` is where a state began that lasted `settle` milliseconds, until `until`, and is
 * another one than the last before it that did.  `past` is what was before it, the last first; the
 * first state that is known counts however short it was.
 */
bool transition_is(const struct moment *past, size_t count, const struct moment *now, int64_t until,
                   int64_t settle);

#endif
