/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one attempt is worth for one item of a rubric, and why.  Pure. */
#ifndef NESTREADY_COLLECTOR_MARK_H
#define NESTREADY_COLLECTOR_MARK_H

#include <jansson.h>
#include <stdint.h>

/* What is not its own points into what it was made of. */
struct mark {
	const char *state; /* collector/grade.h */
	int64_t points;    /* hundredths */
	char reason[300];
	const char *gap;       /* "" for none */
	const json_t *fix;     /* or NULL */
	const json_t *attempt; /* or NULL */
};

void mark_attempt(const json_t *rubric, const json_t *item, const json_t *attempt,
                  struct mark *mark);

#endif
