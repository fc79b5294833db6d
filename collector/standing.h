/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * By what guests are alike besides their findings, and since when one is not ready any more: the
 * answer to "what did those have in common that broke".  Pure, and the same for every store, which
 * keeps these texts beside a guest's newest report and knows only that a trait is a line.
 */
#ifndef NESTREADY_COLLECTOR_STANDING_H
#define NESTREADY_COLLECTOR_STANDING_H

#include <stdint.h>

#include "base/text.h"
#include "collector/gist.h"

/* Names are an interface: see standing_trait_names. */
enum trait {
	TRAIT_PLATFORM,
	TRAIT_PLATFORM_VERSION, /* of L0 */
	TRAIT_CPU,
	TRAIT_MICROCODE,
	TRAIT_KERNEL,
	TRAIT_COUNT,
};

extern const char *const standing_trait_names[TRAIT_COUNT];

/* The traits of a report: a line each, empty where it does not say. */
void standing_traits(const struct gist *gist, struct text *out);

/* One of them: a piece of `traits`, "" (length 0) when it is not there. */
const char *standing_trait(const char *traits, enum trait trait, size_t *length);

/* What is kept of a guest and a target beside the newest report.  "" and 0: never. */
struct standing {
	const char *traits;       /* of the newest report */
	const char *traits_ready; /* of the last one that was ready or degraded */
	const char
	        *traits_lost; /* of the first after that one that was not-ready, while it lasts */
	int64_t lost;         /* when that was */
};

/*
 * What comes after `before` with a report of this verdict and these traits that counts from `at`.
 * Points into both.
 */
struct standing standing_next(const struct standing *before, const char *verdict,
                              const char *traits, int64_t at);

#endif
