/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the SQLite store share; nothing else includes it. */
#ifndef NESTREADY_COLLECTOR_SQLITE_BASE_H
#define NESTREADY_COLLECTOR_SQLITE_BASE_H

#include <sqlite3.h>

#include "collector/store.h"

/* Every statement is prepared once a handle, when it is first needed. */
enum sqlite_sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_REPORT_ADD,
	SQL_REPORT_FIND,
	SQL_PROFILE_FIND,
	SQL_PROFILE_ADD,
	SQL_PROFILE_FINDING,
	SQL_LATEST_FIND,
	SQL_LATEST_PUT,
	SQL_LATEST_HEARD,
	SQL_LATEST_HOLDS,
	SQL_LATEST_LIST,
	SQL_HISTORY,
	SQL_SINCE,
	SQL_LAST,
	SQL_BODY,
	SQL_FINDINGS,
	SQL_GAPS,
	SQL_OVERVIEW,
	SQL_COHORTS,
	SQL_LOSSES,
	SQL_TOKEN_ADD,
	SQL_TOKEN_REVOKE,
	SQL_TOKEN_LIST,
	SQL_DOCUMENT,
	SQL_DOCUMENT_LIST,
	SQL_DOCUMENT_PUT,
	SQL_DOCUMENT_REMOVE,
	SQL_AUDIT_ADD,
	SQL_AUDIT_LIST,
	SQL_PRUNE,
	SQL_PRUNE_PROFILES,
	SQL_PRUNE_FINDINGS,
	SQL_COUNT,
};

struct sqlite_store {
	struct store store; /* first: a struct store is one of these */
	sqlite3 *db;
	char *path;
	char place[200];
	sqlite3_stmt *statements[SQL_COUNT];
};

struct sqlite_store *sqlite_of(struct store *store);

/* Records what SQLite says of its last failure, as a kind of error that store.h names.  -1. */
int sqlite_failed(const struct sqlite_store *sqlite, struct error *err, const char *doing);

/* The statement, reset and without values; NULL and *err. */
sqlite3_stmt *sqlite_prepare(struct sqlite_store *sqlite, enum sqlite_sql sql, struct error *err);

/* Gives the database what its statements call: trait_of(TRAITS, TRAIT), as standing_trait.  0 or
 * -1. */
int sqlite_add_functions(struct sqlite_store *sqlite, struct error *err);

/* Binds a string that outlives the statement; NULL and "" are both NULL. */
void sqlite_bind(sqlite3_stmt *statement, int index, const char *text);

/* Runs a statement that gives no rows.  0 or -1. */
int sqlite_run(struct sqlite_store *sqlite, sqlite3_stmt *statement, struct error *err,
               const char *doing);

/* The column's text, "" for NULL. */
const char *sqlite_text(sqlite3_stmt *statement, int column);

/* Takes one row; other than 0 ends the query. */
typedef int (*sqlite_take)(sqlite3_stmt *row, void *context);

/* Gives each row of a statement to `take`.  0 or -1. */
int sqlite_each(struct sqlite_store *sqlite, sqlite3_stmt *statement, sqlite_take take,
                void *context, struct error *err);

/* Members of struct store_type: sqlite_write.c, sqlite_read.c, sqlite_keep.c, sqlite_documents.c.
 */
int sqlite_ingest(struct store *store, const struct intake *const *batch, size_t count, int64_t now,
                  struct store_receipt *receipts, struct error *err);
int sqlite_heard(struct store *store, struct store_heard *const *batch, size_t count, int64_t now,
                 struct error *err);
int sqlite_latest(struct store *store, const struct store_filter *filter, const char *after_guest,
                  const char *after_target, unsigned limit, store_take_report take, void *context,
                  struct error *err);
int sqlite_history(struct store *store, const char *guest, int64_t before, unsigned limit,
                   store_take_report take, void *context, struct error *err);
int sqlite_since(struct store *store, const struct store_filter *filter, int64_t after,
                 bool changes, unsigned limit, store_take_report take, void *context,
                 struct error *err);
int sqlite_last(struct store *store, int64_t *seq, struct error *err);
int sqlite_body(struct store *store, const char *id, store_take_body take, void *context,
                struct error *err);
int sqlite_findings(struct store *store, const struct store_filter *filter, bool all,
                    store_take_count take, void *context, struct error *err);
int sqlite_gaps(struct store *store, const struct store_filter *filter, store_take_gap take,
                void *context, struct error *err);
int sqlite_overview(struct store *store, int64_t stale, store_take_group take, void *context,
                    struct error *err);
int sqlite_cohorts(struct store *store, const struct store_filter *filter, int64_t stale,
                   unsigned traits, store_take_cohort take, void *context, struct error *err);
int sqlite_losses(struct store *store, const struct store_filter *filter, store_take_loss take,
                  void *context, struct error *err);
int sqlite_token_add(struct store *store, const struct store_token *token, struct error *err);
int sqlite_token_revoke(struct store *store, const char *id, int64_t now, bool *found,
                        struct error *err);
int sqlite_tokens(struct store *store, store_take_token take, void *context, struct error *err);
int sqlite_documents_put(struct store *store, const struct store_put *puts, size_t count,
                         const struct store_audit *audit, int64_t now, bool *done,
                         struct error *err);
int sqlite_document_version(struct store *store, const char *kind, const char *key,
                            int64_t *version, struct error *err);
int sqlite_document(struct store *store, const char *kind, const char *key,
                    store_take_document take, void *context, struct error *err);
int sqlite_documents(struct store *store, const char *kind, const char *prefix, const char *after,
                     unsigned limit, store_take_document take, void *context, struct error *err);
int sqlite_documents_of(struct store *store, const char *kind, const char *const *prefixes,
                        size_t count, store_take_document take, void *context, struct error *err);
int sqlite_audits(struct store *store, const char *kind, const char *prefix, int64_t after,
                  unsigned limit, store_take_audit take, void *context, struct error *err);
int sqlite_prune(struct store *store, int64_t before, int64_t *removed, struct error *err);
int sqlite_backup(struct store *store, const char *path, struct error *err);

#endif
