/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a batch does to the newest reports: one row for each guest and target,
 * however many reports of it are in the batch.  Pure.
 */
#ifndef NESTREADY_COLLECTOR_PG_FOLD_H
#define NESTREADY_COLLECTOR_PG_FOLD_H

#include "collector/intake.h"
#include "collector/standing.h"

struct pg_newest {
	const char *guest, *target;
	/* Of the newest report so far; what is here is not owned. */
	bool known;
	int64_t at; /* when it counts from */
	const char *report, *platform, *verdict, *basis, *profile;
	struct standing standing;
	const struct intake *intake; /* of this batch; NULL: the newest was there before */
	int64_t seq;
};

struct pg_fold {
	struct pg_newest *rows; /* by guest and target */
	size_t count;
};

/* Rows for the guests and targets of these reports; false on lack of memory. */
bool pg_fold_begin(struct pg_fold *fold, const struct intake *const *reports, size_t count);
void pg_fold_clear(struct pg_fold *fold);

/* The row of a guest and a target, NULL when no report is of them. */
struct pg_newest *pg_fold_find(const struct pg_fold *fold, const char *guest, const char *target);

/* When a report counts from, received now. */
int64_t pg_fold_at(const struct intake *intake, int64_t now);

/* Adds a report, in the order of arrival.  Whether it changed something. */
bool pg_fold_add(struct pg_fold *fold, const struct intake *intake, const char *profile,
                 int64_t seq, int64_t now);

#endif
