/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A place in the order of cohorts, as a cursor: all by which one is compared with others, so that
 * a page is right whatever became of the last one of the page before.
 */
#ifndef NESTREADY_COLLECTOR_COHORT_PLACE_H
#define NESTREADY_COLLECTOR_COHORT_PLACE_H

#include "collector/cohorts.h"
#include "collector/intake.h"

/* OUTLIER.GUESTS.TRAIT.VALUE, the last in hexadecimal digits: a value may be any text. */
void cohort_place_write(const struct cohort *cohort, struct text *out);

struct cohort_place {
	struct cohort cohort; /* only what cohort_compare looks at */
	char value[INTAKE_NAME_MAX + 1];
};

/* Points into itself.  False when it is none. */
bool cohort_place_read(const char *text, struct cohort_place *place);

#endif
