/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A batch of reports in one transaction, in three round trips.
 *
 * Any number of collectors write at once.  The bodies, most of the work, go in
 * beside each other.  Then a transaction takes the one row of `arrival`, and
 * with it its places in the order of arrival; it keeps that row until it has
 * committed.  So places are in the order of commits: who has seen place 7 will
 * never find a place 6 that was not there before, and a cursor skips nothing.
 * It also is why nobody else writes to `latest`, or to profiles, meanwhile.
 *
 * Ids are inserted in their order, so that two batches with the same reports
 * wait for each other one way round only.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/digest.h"
#include "collector/pg_columns.h"
#include "collector/pg_fold.h"

#define ATTEMPTS     3
#define PROFILE_SIZE 33

struct row {
	const struct intake *intake;
	struct store_receipt *receipt;
	bool new;
	char profile[PROFILE_SIZE];
};

struct batch {
	struct pg_store *pg;
	int64_t now;
	struct row *rows;   /* in the order of arrival */
	struct row **by_id; /* the same, by id */
	size_t count, added;
	const struct intake **news; /* of those that were added */
	struct pg_fold fold;
	struct pg_step *steps; /* of the pipeline in between: its results feed the fold */
	struct pg_values *values;
	size_t step_count;
	bool repeat;
	struct error *err;
};

/* ---- bodies: which of them are new -------------------------------------------------- */

/* Equal ids in the order of arrival: the first is the one that goes in. */
static int by_id(const void *a, const void *b)
{
	const struct row *left = *(struct row *const *)a, *right = *(struct row *const *)b;
	int order = strcmp(left->intake->id, right->intake->id);
	return order != 0 ? order : (left > right) - (left < right);
}

/* What was inserted comes back in the order in which it was sent. */
static void mark_new(struct batch *batch, const PGresult *inserted)
{
	int next = 0;
	batch->added = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct row *row = batch->by_id[i];
		row->new = next < PQntuples(inserted) &&
		           strcmp(pg_text(inserted, next, 0), row->intake->id) == 0;
		next += row->new;
		batch->added += row->new;
	}
}

static int add_bodies(struct batch *batch)
{
	cleanup_pg_columns struct pg_columns columns = { .count = 0 };
	pg_columns_begin(&columns, PG_TEXT, 2, batch->count);
	pg_columns_begin(&columns, PG_BYTEA, 1, batch->count);
	for (size_t i = 0; i < batch->count; i++) {
		const struct intake *intake = batch->by_id[i]->intake;
		pg_columns_words(&columns, (const char *const[]){ intake->id, intake->guest }, 2);
		pg_array_bytes(&columns.column[2], intake->body, intake->length);
	}
	if (pg_columns_end(&columns, batch->err) != 0)
		return -1;
	struct pg_step steps[] = { { .sql = PG_BEGIN },
		                   { .sql = PG_BODY_ADD, .values = &columns.values } };
	int status = pg_pipeline(batch->pg, steps, 2, "adding reports", &batch->repeat, batch->err);
	if (status == 0)
		mark_new(batch, steps[1].result);
	pg_clear_steps(steps, 2);
	return status;
}

/* ---- arrival: places, profiles, and what was known before --------------------------- */

static void take_news(struct batch *batch)
{
	size_t count = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct row *row = &batch->rows[i];
		const struct text *profile = &row->intake->profile;
		if (!row->new)
			continue;
		batch->news[count++] = row->intake;
		digest_hex(text_string(profile), profile->length, (PROFILE_SIZE - 1) / 2,
		           row->profile);
	}
}

static void add_step(struct batch *batch, enum pg_sql sql)
{
	struct pg_values *values = &batch->values[batch->step_count];
	*values = (struct pg_values){ .count = 0 };
	batch->steps[batch->step_count++] = (struct pg_step){ .sql = sql, .values = values };
}

/* Most of a batch say the same. */
static void add_profiles(struct batch *batch)
{
	const size_t first = batch->step_count;
	for (size_t i = 0; i < batch->count; i++) {
		const struct row *row = &batch->rows[i];
		size_t at = first;
		while (row->new &&at < batch->step_count &&
		       strcmp(batch->values[at].value[0], row->profile) != 0)
			at++;
		if (!row->new || at < batch->step_count)
			continue;
		add_step(batch, PG_PROFILE_ADD);
		pg_add_text(&batch->values[at], row->profile);
		pg_add_text(&batch->values[at], text_string(&row->intake->profile));
	}
}

static void fold_known(struct batch *batch, const PGresult *known)
{
	for (int i = 0; i < PQntuples(known); i++) {
		struct pg_newest *row =
		        pg_fold_find(&batch->fold, pg_text(known, i, 0), pg_text(known, i, 1));
		if (row == NULL)
			continue; /* of a target that is not in this batch */
		row->known = true;
		row->at = pg_number(known, i, 2);
		row->report = pg_text(known, i, 3);
		row->platform = pg_text(known, i, 4);
		row->verdict = pg_text(known, i, 5);
		row->basis = pg_text(known, i, 6);
		row->profile = pg_text(known, i, 7);
		row->standing = (struct standing){
			.traits = pg_text(known, i, 8),
			.traits_ready = pg_text(known, i, 9),
			.traits_lost = pg_text(known, i, 10),
			.lost = pg_number(known, i, 11),
		};
	}
}

static void give_places(struct batch *batch, int64_t last)
{
	int64_t seq = last - (int64_t)batch->added;
	for (size_t i = 0; i < batch->count; i++) {
		struct row *row = &batch->rows[i];
		if (row->new)
			*row->receipt = (struct store_receipt){
				.outcome = STORE_NEW,
				.seq = ++seq,
				.changed = pg_fold_add(&batch->fold, row->intake, row->profile, seq,
				                       batch->now),
			};
	}
}

static int arrive(struct batch *batch)
{
	cleanup_pg_columns struct pg_columns guests = { .count = 0 };
	take_news(batch);
	if (!pg_fold_begin(&batch->fold, batch->news, batch->added))
		return error_set(batch->err, ERROR_INTERNAL, 0, "out of memory");
	pg_columns_begin(&guests, PG_TEXT, 1, batch->added);
	for (size_t i = 0; i < batch->added; i++)
		pg_array_text(&guests.column[0], batch->news[i]->guest);
	if (pg_columns_end(&guests, batch->err) != 0)
		return -1;
	add_step(batch, PG_ARRIVE);
	pg_add_number(&batch->values[0], (int64_t)batch->added);
	add_profiles(batch);
	size_t last = batch->step_count;
	add_step(batch, PG_LATEST_FIND);
	batch->values[last] = guests.values;
	if (pg_pipeline(batch->pg, batch->steps, batch->step_count, "adding reports",
	                &batch->repeat, batch->err) != 0)
		return -1;
	fold_known(batch, batch->steps[last].result);
	give_places(batch, pg_number(batch->steps[0].result, 0, 0));
	return 0;
}

/* ---- the rest, and the commit ------------------------------------------------------- */

static int fill_reports(const struct batch *batch, struct pg_columns *columns)
{
	pg_columns_begin(columns, PG_TEXT, 10, batch->added);
	pg_columns_begin(columns, PG_INT8, 2, batch->added);
	pg_columns_begin(columns, PG_BOOL, 1, batch->added);
	for (size_t i = 0; i < batch->count; i++) {
		const struct row *row = &batch->rows[i];
		const struct intake *intake = row->intake;
		if (!row->new)
			continue;
		pg_columns_words(
		        columns,
		        (const char *const[]){ intake->id, intake->guest, intake->lab, intake->name,
		                               intake->hostname, intake->platform, intake->target,
		                               intake->verdict, intake->basis, intake->agent },
		        10);
		pg_columns_numbers(columns, 10,
		                   (const int64_t[]){ row->receipt->seq, intake->time_ms }, 2);
		pg_array_bool(&columns->column[12], row->receipt->changed);
	}
	int status = pg_columns_end(columns, batch->err);
	pg_add_number(&columns->values, batch->now);
	return status;
}

static int fill_newest(const struct batch *batch, struct pg_columns *columns, size_t count)
{
	pg_columns_begin(columns, PG_TEXT, 14, count);
	pg_columns_begin(columns, PG_INT8, 5, count);
	for (size_t i = 0; i < batch->fold.count; i++) {
		const struct pg_newest *row = &batch->fold.rows[i];
		const struct intake *intake = row->intake;
		const struct standing *standing = &row->standing;
		if (intake == NULL)
			continue;
		pg_columns_words(
		        columns,
		        (const char *const[]){ intake->guest, intake->target, intake->lab,
		                               intake->name, intake->hostname, intake->platform,
		                               intake->verdict, intake->basis, intake->agent,
		                               row->profile, intake->id, standing->traits,
		                               standing->traits_ready, standing->traits_lost },
		        14);
		pg_columns_numbers(columns, 14,
		                   (const int64_t[]){ row->seq, row->at, intake->time_ms,
		                                      batch->now, standing->lost },
		                   5);
	}
	return pg_columns_end(columns, batch->err);
}

/* Guests of which only reports came that are older than what was known. */
static int fill_heard(const struct batch *batch, struct pg_columns *columns, size_t count)
{
	pg_columns_begin(columns, PG_TEXT, 2, count);
	for (size_t i = 0; i < batch->fold.count; i++) {
		const struct pg_newest *row = &batch->fold.rows[i];
		if (row->intake == NULL)
			pg_columns_words(columns, (const char *const[]){ row->guest, row->target },
			                 2);
	}
	int status = pg_columns_end(columns, batch->err);
	pg_add_number(&columns->values, batch->now);
	return status;
}

static int fill_others(const struct batch *batch, struct pg_columns *columns)
{
	pg_columns_begin(columns, PG_TEXT, 1, batch->count - batch->added);
	for (size_t i = 0; i < batch->count; i++) {
		if (!batch->rows[i].new)
			pg_array_text(&columns->column[0], batch->rows[i].intake->id);
	}
	return pg_columns_end(columns, batch->err);
}

/* A row of PG_BODY_FIND, which is binary. */
static void compare(const struct row *row, const PGresult *found, int at)
{
	const struct intake *intake = row->intake;
	row->receipt->outcome = (size_t)PQgetlength(found, at, 2) == intake->length &&
	                                        memcmp(PQgetvalue(found, at, 2), intake->body,
	                                               intake->length) == 0 &&
	                                        strcmp(PQgetvalue(found, at, 1), intake->guest) == 0
	                                ? STORE_SAME
	                                : STORE_OTHER;
	row->receipt->seq = pg_binary_number(found, at, 3);
	row->receipt->changed = PQgetvalue(found, at, 4)[0] != 0;
}

static int compare_others(struct batch *batch, const PGresult *found)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct row *row = &batch->rows[i];
		int at = 0;
		while (!row->new &&at < PQntuples(found) &&
		       strcmp(PQgetvalue(found, at, 0), row->intake->id) != 0)
			at++;
		if (!row->new &&at == PQntuples(found))
			return error_set(batch->err, ERROR_UNAVAILABLE, 0,
			                 "%.100s: a report was removed while it came again",
			                 batch->pg->place);
		if (!row->new)
			compare(row, found, at);
	}
	return 0;
}

static int finish(struct batch *batch)
{
	cleanup_pg_columns struct pg_columns reports = { .count = 0 };
	cleanup_pg_columns struct pg_columns newest = { .count = 0 };
	cleanup_pg_columns struct pg_columns heard = { .count = 0 };
	cleanup_pg_columns struct pg_columns others = { .count = 0 };
	size_t fresh = 0;
	for (size_t i = 0; i < batch->fold.count; i++)
		fresh += batch->fold.rows[i].intake != NULL;
	if (fill_reports(batch, &reports) != 0 || fill_newest(batch, &newest, fresh) != 0 ||
	    fill_heard(batch, &heard, batch->fold.count - fresh) != 0 ||
	    fill_others(batch, &others) != 0)
		return -1;
	const struct {
		enum pg_sql sql;
		const struct pg_values *values;
		bool needed;
	} all[] = {
		{ PG_REPORT_ADD, &reports.values, batch->added > 0 },
		{ PG_LATEST_PUT, &newest.values, fresh > 0 },
		{ PG_LATEST_HEARD, &heard.values, fresh < batch->fold.count },
		{ PG_BODY_FIND, &others.values, batch->added < batch->count },
		{ PG_COMMIT, NULL, true },
	};
	struct pg_step steps[5];
	size_t count = 0;
	for (size_t i = 0; i < 5; i++) {
		if (all[i].needed)
			steps[count++] =
			        (struct pg_step){ .sql = all[i].sql, .values = all[i].values };
	}
	int status = pg_pipeline(batch->pg, steps, count, "committing reports", &batch->repeat,
	                         batch->err);
	if (status == 0 && batch->added < batch->count)
		status = compare_others(batch, steps[count - 2].result);
	pg_clear_steps(steps, count);
	return status;
}

/* ---- all of it ---------------------------------------------------------------------- */

/* All of it is free when it ends, and nothing is left of a transaction that failed. */
static int attempt(struct batch *batch)
{
	batch->step_count = 0;
	batch->fold = (struct pg_fold){ NULL, 0 };
	batch->repeat = false;
	int status = pg_ready(batch->pg, batch->err);
	if (status == 0)
		status = add_bodies(batch);
	if (status == 0 && batch->added > 0)
		status = arrive(batch);
	if (status == 0)
		status = finish(batch);
	pg_clear_steps(batch->steps, batch->step_count);
	pg_fold_clear(&batch->fold);
	if (status != 0)
		pg_disconnect(batch->pg);
	return status;
}

int pg_ingest(struct store *store, const struct intake *const *reports, size_t count, int64_t now,
              struct store_receipt *receipts, struct error *err)
{
	cleanup_free struct row *rows = calloc(count, sizeof *rows);
	cleanup_free struct row **sorted = calloc(count, sizeof *sorted);
	cleanup_free const struct intake **news = calloc(count, sizeof *news);
	cleanup_free struct pg_step *steps = calloc(count + 2, sizeof *steps);
	cleanup_free struct pg_values *values = calloc(count + 2, sizeof *values);
	if (rows == NULL || sorted == NULL || news == NULL || steps == NULL || values == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	for (size_t i = 0; i < count; i++) {
		rows[i] = (struct row){ .intake = reports[i], .receipt = &receipts[i] };
		sorted[i] = &rows[i];
	}
	qsort(sorted, count, sizeof *sorted, by_id);
	for (int i = 1;; i++) {
		struct error why = ERROR_INIT;
		struct batch batch = { .pg = pg_of(store),
			               .now = now,
			               .rows = rows,
			               .by_id = sorted,
			               .count = count,
			               .news = news,
			               .steps = steps,
			               .values = values,
			               .err = &why };
		if (attempt(&batch) == 0)
			return 0;
		/* What was committed before the connection went is the same, then. */
		if (!batch.repeat || i == ATTEMPTS)
			return error_set(err, why.code, 0, "%s", why.message);
	}
}
