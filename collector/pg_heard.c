/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Heartbeats in the PostgreSQL store, a batch in one transaction.  It takes the row of `arrival` as
 * a batch of reports does, so that nobody else writes to `latest` meanwhile (pg_write.c).
 */
#include <string.h>

#include "collector/pg_columns.h"

#define COLUMNS 4

static bool same(const PGresult *rows, int row, const char *const words[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++) {
		if (strcmp(pg_text(rows, row, i), words[i]) != 0)
			return false;
	}
	return true;
}

/* As many comparisons as a batch squared, at most 256 of them: less than one answer takes. */
static void mark(struct store_heard *heard, const PGresult *rows)
{
	const char *const words[COLUMNS] = { heard->guest, heard->target, heard->verdict,
		                             heard->report };
	heard->known = false;
	for (int i = 0; i < PQntuples(rows) && !heard->known; i++)
		heard->known = same(rows, i, words);
}

static int update(struct pg_store *pg, const struct pg_values *values,
                  struct store_heard *const *batch, size_t count, bool *repeat, struct error *err)
{
	struct pg_values none_arrive = { .count = 0 };
	struct pg_step steps[] = { { .sql = PG_BEGIN },
		                   { .sql = PG_ARRIVE, .values = &none_arrive },
		                   { .sql = PG_LATEST_HOLDS, .values = values },
		                   { .sql = PG_COMMIT } };
	pg_add_number(&none_arrive, 0);
	*repeat = false;
	int status = pg_ready(pg, err);
	if (status == 0)
		status = pg_pipeline(pg, steps, 4, "noting heartbeats", repeat, err);
	for (size_t i = 0; i < count && status == 0; i++)
		mark(batch[i], steps[2].result);
	pg_clear_steps(steps, 4);
	if (status != 0)
		pg_disconnect(pg); /* and whatever was begun is undone */
	return status;
}

int pg_heard(struct store *store, struct store_heard *const *batch, size_t count, int64_t now,
             struct error *err)
{
	cleanup_pg_columns struct pg_columns columns = { .count = 0 };
	bool repeat = false;
	pg_add_number(&columns.values, now);
	pg_columns_begin(&columns, PG_TEXT, COLUMNS, count);
	for (size_t i = 0; i < count; i++)
		pg_columns_words(&columns,
		                 (const char *const[]){ batch[i]->guest, batch[i]->target,
		                                        batch[i]->verdict, batch[i]->report },
		                 COLUMNS);
	if (pg_columns_end(&columns, err) != 0)
		return -1;
	int status = update(pg_of(store), &columns.values, batch, count, &repeat, err);
	/* Once more is once: it says only when. */
	if (status != 0 && repeat) {
		*err = (struct error)ERROR_INIT;
		status = update(pg_of(store), &columns.values, batch, count, &repeat, err);
	}
	return status;
}
