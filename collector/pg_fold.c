/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules are those of collector/sqlite_write.c. */
#include "collector/pg_fold.h"

#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b)
{
	const struct pg_newest *left = a, *right = b;
	int order = strcmp(left->guest, right->guest);
	return order != 0 ? order : strcmp(left->target, right->target);
}

bool pg_fold_begin(struct pg_fold *fold, const struct intake *const *reports, size_t count)
{
	*fold = (struct pg_fold){ calloc(count, sizeof *fold->rows), 0 };
	if (fold->rows == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		fold->rows[i] = (struct pg_newest){ .guest = reports[i]->guest,
			                            .target = reports[i]->target,
			                            .standing = { "", "", "", 0 } };
	qsort(fold->rows, count, sizeof *fold->rows, by_key);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || by_key(&fold->rows[fold->count - 1], &fold->rows[i]) != 0)
			fold->rows[fold->count++] = fold->rows[i];
	}
	return true;
}

void pg_fold_clear(struct pg_fold *fold)
{
	free(fold->rows);
	*fold = (struct pg_fold){ NULL, 0 };
}

struct pg_newest *pg_fold_find(const struct pg_fold *fold, const char *guest, const char *target)
{
	const struct pg_newest key = { .guest = guest, .target = target };
	return bsearch(&key, fold->rows, fold->count, sizeof key, by_key);
}

/*
 * A guest whose clock is ahead must not hide what it says later, so that a report counts from when
 * it came in if it claims to be from after that.
 */
int64_t pg_fold_at(const struct intake *intake, int64_t now)
{
	return intake->time_ms < now ? intake->time_ms : now;
}

bool pg_fold_add(struct pg_fold *fold, const struct intake *intake, const char *profile,
                 int64_t seq, int64_t now)
{
	struct pg_newest *row = pg_fold_find(fold, intake->guest, intake->target);
	int64_t at = pg_fold_at(intake, now);
	/* UUIDs of version 7 grow with time. */
	if (row->known && (row->at > at || (row->at == at && strcmp(row->report, intake->id) > 0)))
		return false;
	bool same = row->known && strcmp(row->platform, intake->platform) == 0 &&
	            strcmp(row->verdict, intake->verdict) == 0 &&
	            strcmp(row->basis, intake->basis) == 0 && strcmp(row->profile, profile) == 0;
	struct standing standing =
	        standing_next(&row->standing, intake->verdict, text_string(&intake->traits), at);
	*row = (struct pg_newest){ .guest = intake->guest,
		                   .target = intake->target,
		                   .known = true,
		                   .at = at,
		                   .report = intake->id,
		                   .platform = intake->platform,
		                   .verdict = intake->verdict,
		                   .basis = intake->basis,
		                   .profile = profile,
		                   .standing = standing,
		                   .intake = intake,
		                   .seq = seq };
	return !same;
}
