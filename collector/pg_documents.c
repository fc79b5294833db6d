/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents and the log of changes in the PostgreSQL store.  Whoever changes any keeps the log's
 * row of `arrival` until the commit, so that one changes after the other, and lines of the log are
 * in the order of commits, as reports are (pg_write.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/pg_array.h"
#include "collector/pg_base.h"

static void add_word(struct pg_values *values, const char *word)
{
	pg_add_text(values, word == NULL ? "" : word);
}

static void fill_put(struct pg_step *step, struct pg_values *values, const struct store_put *put,
                     int64_t now)
{
	*step = (struct pg_step){ .sql = put->body == NULL ? PG_DOCUMENT_REMOVE : PG_DOCUMENT_PUT,
		                  .values = values };
	add_word(values, put->kind);
	add_word(values, put->key);
	pg_add_number(values, put->expected);
	if (put->body == NULL)
		return;
	pg_add_number(values, now);
	pg_add_bytes(values, put->body, put->length);
}

static void fill_audit(struct pg_step *step, struct pg_values *values,
                       const struct store_audit *audit, int64_t now)
{
	const char *const words[] = { audit->who, audit->what, audit->kind, audit->key,
		                      audit->note };
	*step = (struct pg_step){ .sql = PG_AUDIT_ADD, .values = values };
	pg_add_number(values, now);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		add_word(values, words[i]);
}

/* All versions were the expected ones: each change gave a row. */
static bool all_fit(const struct pg_step *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (PQntuples(changes[i].result) == 0)
			return false;
	}
	return true;
}

/* Nothing is left of it when it fails.  What was sent as a commit is never sent again. */
static int change(struct pg_store *pg, struct pg_step *steps, size_t count, size_t puts, bool *done,
                  bool *repeat, struct error *err)
{
	bool ignored;
	int status = pg_ready(pg, err);
	if (status == 0)
		status = pg_pipeline(pg, steps, count, "changing documents", repeat, err);
	if (status == 0) {
		*done = all_fit(steps + 2, puts);
		struct pg_step end = { .sql = *done ? PG_COMMIT : PG_ROLLBACK };
		status = pg_pipeline(pg, &end, 1, "changing documents", &ignored, err);
		pg_clear_steps(&end, 1);
	}
	pg_clear_steps(steps, count);
	if (status != 0)
		pg_disconnect(pg);
	return status;
}

int pg_documents_put(struct store *store, const struct store_put *puts, size_t count,
                     const struct store_audit *audit, int64_t now, bool *done, struct error *err)
{
	size_t used = 0;
	cleanup_free struct pg_step *steps = calloc(count + 3, sizeof *steps);
	cleanup_free struct pg_values *values = calloc(count + 3, sizeof *values);
	if (steps == NULL || values == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	steps[used++].sql = PG_BEGIN;
	steps[used] = (struct pg_step){ .sql = PG_ARRIVE_AUDIT, .values = &values[used] };
	pg_add_number(&values[used++], audit != NULL);
	for (size_t i = 0; i < count; i++, used++)
		fill_put(&steps[used], &values[used], &puts[i], now);
	if (audit != NULL) {
		fill_audit(&steps[used], &values[used], audit, now);
		used++;
	}
	struct error why = ERROR_INIT;
	bool repeat = false;
	if (change(pg_of(store), steps, used, count, done, &repeat, &why) == 0)
		return 0;
	if (repeat)
		return change(pg_of(store), steps, used, count, done, &repeat, err);
	return error_set(err, why.code, 0, "%s", why.message);
}

static int each_document(PGresult *rows, store_take_document take, void *context)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		const struct store_document document = {
			.kind = pg_text(rows, i, 0),
			.key = pg_text(rows, i, 1),
			.version = pg_binary_number(rows, i, 2),
			.updated = pg_binary_number(rows, i, 3),
			.body = pg_text(rows, i, 4),
			.length = (size_t)PQgetlength(rows, i, 4),
		};
		if (take(context, &document) != 0)
			break;
	}
	return rows == NULL ? -1 : 0;
}

int pg_document_version(struct store *store, const char *kind, const char *key, int64_t *version,
                        struct error *err)
{
	struct pg_values values = { .count = 0 };
	add_word(&values, kind);
	add_word(&values, key);
	cleanup_pg_result PGresult *row =
	        pg_query(pg_of(store), PG_DOCUMENT_VERSION, &values, "reading", err);
	*version = PQntuples(row) == 1 ? pg_number(row, 0, 0) : 0;
	return row == NULL ? -1 : 0;
}

int pg_document(struct store *store, const char *kind, const char *key, store_take_document take,
                void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	add_word(&values, kind);
	add_word(&values, key);
	cleanup_pg_result PGresult *rows =
	        pg_query(pg_of(store), PG_DOCUMENT, &values, "reading", err);
	return each_document(rows, take, context);
}

int pg_documents(struct store *store, const char *kind, const char *prefix, const char *after,
                 unsigned limit, store_take_document take, void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	add_word(&values, kind);
	add_word(&values, prefix);
	add_word(&values, after);
	pg_add_number(&values, limit);
	cleanup_pg_result PGresult *rows =
	        pg_query(pg_of(store), PG_DOCUMENT_LIST, &values, "reading", err);
	return each_document(rows, take, context);
}

int pg_documents_of(struct store *store, const char *kind, const char *const *prefixes,
                    size_t count, store_take_document take, void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	cleanup_text struct text all = TEXT_INIT;
	pg_array_begin(&all, PG_TEXT, count);
	for (size_t i = 0; i < count; i++)
		pg_array_text(&all, prefixes[i]);
	if (all.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	add_word(&values, kind);
	pg_add_array(&values, &all);
	cleanup_pg_result PGresult *rows =
	        pg_query(pg_of(store), PG_DOCUMENTS_OF, &values, "reading", err);
	return each_document(rows, take, context);
}

int pg_audits(struct store *store, const char *kind, const char *prefix, int64_t after,
              unsigned limit, store_take_audit take, void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	add_word(&values, kind);
	add_word(&values, prefix);
	pg_add_number(&values, after);
	pg_add_number(&values, limit);
	cleanup_pg_result PGresult *rows =
	        pg_query(pg_of(store), PG_AUDIT_LIST, &values, "reading", err);
	for (int i = 0; i < PQntuples(rows); i++) {
		const struct store_audit audit = {
			.seq = pg_number(rows, i, 0),
			.time = pg_number(rows, i, 1),
			.who = pg_text(rows, i, 2),
			.what = pg_text(rows, i, 3),
			.kind = pg_text(rows, i, 4),
			.key = pg_text(rows, i, 5),
			.note = pg_text(rows, i, 6),
		};
		if (take(context, &audit) != 0)
			break;
	}
	return rows == NULL ? -1 : 0;
}
