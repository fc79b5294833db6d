/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The items of a judgment as work to be done: in the order in which one change
 * makes the next one possible, those with a power-off together, so that one
 * maintenance window does, and what the administrator need not do apart.
 */
#ifndef NESTREADY_REPORT_PLAN_H
#define NESTREADY_REPORT_PLAN_H

#include "report/items.h"

enum plan_part {
	PLAN_BEFORE, /* while the VM runs, and something in the window waits for it */
	PLAN_WINDOW, /* the VM is powered off */
	PLAN_LIVE,   /* while the VM runs */
	PLAN_GUEST,  /* in the guest, by whoever owns it */
	PLAN_CANNOT, /* no setting gives it on this platform */
};

#define PLAN_PARTS (PLAN_CANNOT + 1)

struct plan_step {
	const struct item *item;
	enum plan_part part;
	/* The item's, without the steps that another one of the window does already:
	 * the first powers off, the last powers on.  Nothing when part is CANNOT. */
	struct remedy remedy;
	size_t same_as;     /* the number (from 1) of the step that does all of this one; else 0 */
	const char **steps; /* owned: what remedy.steps points to, or NULL */
};

struct plan {
	struct plan_step *steps; /* part by part */
	size_t count;
};

/*
 * The plan for the failed ones among `items`, which it points to.  0, or -1 on
 * lack of memory.  To be cleared in either case.
 */
int plan_make(const struct item *items, size_t count, struct plan *plan);
void plan_clear(struct plan *plan);

size_t plan_count(const struct plan *plan, enum plan_part part);

#endif
