/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sums of a lab that somebody found missing or of another version of it: a store that is older than
 * sums, or a collector that ended while it made them.  Who reads makes them for itself and changes
 * nothing; the writer makes them once more, and keeps them, a few students at a time.
 */
#ifndef NESTREADY_COLLECTOR_LAB_RENEWAL_H
#define NESTREADY_COLLECTOR_LAB_RENEWAL_H

#include <stdbool.h>

#include "collector/lab.h"
#include "collector/lane.h"

struct server;

struct lab_renewal {
	struct server *server;
	struct lane_job job; /* the writer's, while `busy` */
	char lab[LAB_KEY_SIZE];
	size_t next; /* the first student that is still to be looked at */
	bool busy, over;
};

/* On the loop: begins with this lab, unless it is at one.  What is left then, the next one finds.
 */
void lab_renewal_ask(struct lab_renewal *renewal, struct server *server, const char *lab);

#endif
