/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the PostgreSQL store share; nothing else includes it. */
#ifndef NESTREADY_COLLECTOR_PG_BASE_H
#define NESTREADY_COLLECTOR_PG_BASE_H

#include <libpq-fe.h>

#include "base/text.h"
#include "collector/store.h"

/* Every statement is prepared once a connection, when it is first needed. */
enum pg_sql {
	PG_BEGIN,
	PG_COMMIT,
	PG_BODY_ADD,
	PG_BODY_FIND,
	PG_ARRIVE,
	PG_PROFILE_ADD,
	PG_LATEST_FIND,
	PG_LATEST_PUT,
	PG_LATEST_HEARD,
	PG_REPORT_ADD,
	PG_LATEST_HOLDS,
	PG_LATEST_LIST,
	PG_HISTORY,
	PG_SINCE,
	PG_LAST,
	PG_BODY,
	PG_FINDINGS,
	PG_GAPS,
	PG_OVERVIEW,
	PG_COHORTS,
	PG_LOSSES,
	PG_TOKEN_ADD,
	PG_TOKEN_REVOKE,
	PG_TOKEN_LIST,
	PG_ARRIVE_AUDIT,
	PG_DOCUMENT_VERSION,
	PG_DOCUMENT,
	PG_DOCUMENT_LIST,
	PG_DOCUMENTS_OF,
	PG_DOCUMENT_PUT,
	PG_DOCUMENT_REMOVE,
	PG_AUDIT_ADD,
	PG_AUDIT_LIST,
	PG_ROLLBACK,
	PG_PRUNE,
	PG_PRUNE_PROFILES,
	PG_SQL_COUNT,
};

#define PG_PLACE_SIZE 160

struct pg_store {
	struct store store; /* first: a struct store is one of these */
	PGconn *link;       /* NULL: there is no connection */
	char *url;          /* with whatever password stands in it: never shown */
	char place[PG_PLACE_SIZE];
	enum store_mode mode;
	int64_t again; /* ns of CLOCK_MONOTONIC before which nobody tries to connect again; 0: now
	                */
	bool prepared[PG_SQL_COUNT];
};

/* All of its values are sent as they are: text as text, and arrays (pg_array.h) as bytes. */
#define PG_VALUES_MAX 20

struct pg_values {
	int count;
	const char *value[PG_VALUES_MAX]; /* NULL: SQL's NULL */
	int length[PG_VALUES_MAX];        /* of bytes */
	int format[PG_VALUES_MAX];        /* 0: a terminated text, 1: bytes */
	char digits[PG_VALUES_MAX][24];   /* where numbers are written */
};

void pg_add_text(struct pg_values *values, const char *text);
/* NULL and "" are both NULL: the condition is left open. */
void pg_add_open(struct pg_values *values, const char *text);
void pg_add_number(struct pg_values *values, int64_t number);
void pg_add_bytes(struct pg_values *values, const void *bytes, size_t length);
/* What pg_array_begin began; it must outlive the values. */
void pg_add_array(struct pg_values *values, const struct text *array);

/* A statement of a pipeline, and what came of it. */
struct pg_step {
	enum pg_sql sql;
	const struct pg_values *values; /* NULL: none */
	PGresult *result;
};

struct pg_store *pg_of(struct store *store);

/* Connects unless it is connected. */
int pg_ready(struct pg_store *pg, struct error *err);
void pg_disconnect(struct pg_store *pg);

/* Whether the last failure was none of the statement's: it may be asked again at once. */
bool pg_may_repeat(const struct pg_store *pg, const PGresult *result);

/* Records what the server, or libpq, says of a failure, as a kind of error of store.h.  -1. */
int pg_failed(const struct pg_store *pg, const PGresult *result, const char *doing,
              struct error *err);

/*
 * Runs one statement, once more where the connection was gone.  Its result, to be cleared; or NULL
 * and *err.
 */
PGresult *pg_query(struct pg_store *pg, enum pg_sql sql, const struct pg_values *values,
                   const char *doing, struct error *err);

/*
 * Runs one statement and gives `take` a row at a time (row 0 of each result), so that no more are
 * in memory; other than 0 of it ends that.  0 or -1.
 */
typedef int (*pg_take)(void *context, const PGresult *row);
int pg_each(struct pg_store *pg, enum pg_sql sql, const struct pg_values *values, pg_take take,
            void *context, struct error *err);

/*
 * Sends all steps at once and waits for all of their results, which are to be cleared whatever
 * happens.  *repeat: it failed in a way that trying again mends.
 */
int pg_pipeline(struct pg_store *pg, struct pg_step *steps, size_t count, const char *doing,
                bool *repeat, struct error *err);
void pg_clear_steps(struct pg_step *steps, size_t count);

/* The text of a statement (pg_sql.c). */
const char *pg_sql_text(enum pg_sql sql);

/* Makes, or brings up to date, or only checks the tables (pg_schema.c). */
int pg_schema(struct pg_store *pg, struct error *err);

const char *pg_text(const PGresult *result, int row, int column);
int64_t pg_number(const PGresult *result, int row, int column);
/* The same of a result that is bytes. */
int64_t pg_binary_number(const PGresult *result, int row, int column);

static inline void cleanup_pg_result_(PGresult **result)
{
	PQclear(*result);
}
#define cleanup_pg_result __attribute__((cleanup(cleanup_pg_result_)))

/* Members of struct store_type: pg_write.c, pg_heard.c, pg_read.c, pg_keep.c, pg_documents.c. */
int pg_ingest(struct store *store, const struct intake *const *batch, size_t count, int64_t now,
              struct store_receipt *receipts, struct error *err);
int pg_heard(struct store *store, struct store_heard *const *batch, size_t count, int64_t now,
             struct error *err);
int pg_latest(struct store *store, const struct store_filter *filter, const char *after_guest,
              const char *after_target, unsigned limit, store_take_report take, void *context,
              struct error *err);
int pg_history(struct store *store, const char *guest, int64_t before, unsigned limit,
               store_take_report take, void *context, struct error *err);
int pg_since(struct store *store, const struct store_filter *filter, int64_t after, bool changes,
             unsigned limit, store_take_report take, void *context, struct error *err);
int pg_last(struct store *store, int64_t *seq, struct error *err);
int pg_body(struct store *store, const char *id, store_take_body take, void *context,
            struct error *err);
int pg_findings(struct store *store, const struct store_filter *filter, bool all,
                store_take_count take, void *context, struct error *err);
int pg_gaps(struct store *store, const struct store_filter *filter, store_take_gap take,
            void *context, struct error *err);
int pg_overview(struct store *store, int64_t stale, store_take_group take, void *context,
                struct error *err);
int pg_cohorts(struct store *store, const struct store_filter *filter, int64_t stale,
               unsigned traits, store_take_cohort take, void *context, struct error *err);
int pg_losses(struct store *store, const struct store_filter *filter, store_take_loss take,
              void *context, struct error *err);
int pg_token_add(struct store *store, const struct store_token *token, struct error *err);
int pg_token_revoke(struct store *store, const char *id, int64_t now, bool *found,
                    struct error *err);
int pg_tokens(struct store *store, store_take_token take, void *context, struct error *err);
int pg_documents_put(struct store *store, const struct store_put *puts, size_t count,
                     const struct store_audit *audit, int64_t now, bool *done, struct error *err);
int pg_document_version(struct store *store, const char *kind, const char *key, int64_t *version,
                        struct error *err);
int pg_document(struct store *store, const char *kind, const char *key, store_take_document take,
                void *context, struct error *err);
int pg_documents(struct store *store, const char *kind, const char *prefix, const char *after,
                 unsigned limit, store_take_document take, void *context, struct error *err);
int pg_documents_of(struct store *store, const char *kind, const char *const *prefixes,
                    size_t count, store_take_document take, void *context, struct error *err);
int pg_audits(struct store *store, const char *kind, const char *prefix, int64_t after,
              unsigned limit, store_take_audit take, void *context, struct error *err);
int pg_prune(struct store *store, int64_t before, int64_t *removed, struct error *err);
int pg_backup(struct store *store, const char *path, struct error *err);

#endif
