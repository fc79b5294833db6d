/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See transition.h. */
#include "collector/transition.h"

#include <string.h>

enum readiness readiness_of(const char *verdict)
{
	if (strcmp(verdict, "ready") == 0 || strcmp(verdict, "degraded") == 0)
		return READINESS_USABLE;
	return strcmp(verdict, "not-ready") == 0 ? READINESS_NONE : READINESS_UNSURE;
}

bool transition_is(const struct moment *past, size_t count, const struct moment *now, int64_t until,
                   int64_t settle)
{
	enum readiness state = now->readiness, run = READINESS_UNSURE;
	int64_t end = now->at, begun = now->at;
	if (state == READINESS_UNSURE || until - now->at < settle)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (past[i].readiness == READINESS_UNSURE)
			continue;
		if (run == READINESS_UNSURE && past[i].readiness == state)
			return false; /* it had begun before */
		if (run != READINESS_UNSURE && past[i].readiness != run) {
			if (end - begun >= settle)
				return run != state;
			end = begun;
		}
		run = past[i].readiness;
		begun = past[i].at;
	}
	return run != READINESS_UNSURE && run != state;
}
