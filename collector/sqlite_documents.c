/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents and the log of changes in the SQLite store. */
#include <limits.h>
#include <string.h>

#include "collector/sqlite_base.h"

/* sqlite_bind makes NULL of "", and a key may be empty. */
static void bind_word(sqlite3_stmt *statement, int index, const char *word)
{
	sqlite3_bind_text(statement, index, word == NULL ? "" : word, -1, SQLITE_STATIC);
}

static int take_version(sqlite3_stmt *row, void *context)
{
	*(int64_t *)context = sqlite3_column_int64(row, 2);
	return 0;
}

/* A body is not read from disk before it is asked for. */
int sqlite_document_version(struct store *store, const char *kind, const char *key,
                            int64_t *version, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *find = sqlite_prepare(sqlite, SQL_DOCUMENT, err);
	*version = 0;
	if (find == NULL)
		return -1;
	bind_word(find, 1, kind);
	bind_word(find, 2, key);
	return sqlite_each(sqlite, find, take_version, version, err);
}

static int put_one(struct sqlite_store *sqlite, const struct store_put *put, int64_t now,
                   bool *done, struct error *err)
{
	int64_t version;
	if (sqlite_document_version(&sqlite->store, put->kind, put->key, &version, err) != 0)
		return -1;
	*done = put->expected == STORE_ANY_VERSION || put->expected == version;
	if (!*done)
		return 0;
	sqlite3_stmt *change = sqlite_prepare(
	        sqlite, put->body == NULL ? SQL_DOCUMENT_REMOVE : SQL_DOCUMENT_PUT, err);
	if (change == NULL)
		return -1;
	bind_word(change, 1, put->kind);
	bind_word(change, 2, put->key);
	if (put->body != NULL) {
		sqlite3_bind_int64(change, 3, version + 1);
		sqlite3_bind_int64(change, 4, now);
		sqlite3_bind_blob64(change, 5, put->body, put->length, SQLITE_STATIC);
	}
	return sqlite_run(sqlite, change, err, "changing a document");
}

static int add_audit(struct sqlite_store *sqlite, const struct store_audit *audit, int64_t now,
                     struct error *err)
{
	sqlite3_stmt *add = sqlite_prepare(sqlite, SQL_AUDIT_ADD, err);
	if (add == NULL)
		return -1;
	const char *const words[] = { audit->who, audit->what, audit->kind, audit->key,
		                      audit->note };
	sqlite3_bind_int64(add, 1, now);
	for (int i = 0; i < 5; i++)
		bind_word(add, i + 2, words[i]);
	return sqlite_run(sqlite, add, err, "adding to the log");
}

int sqlite_documents_put(struct store *store, const struct store_put *puts, size_t count,
                         const struct store_audit *audit, int64_t now, bool *done,
                         struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	*done = true;
	if (sqlite_run(sqlite, sqlite_prepare(sqlite, SQL_BEGIN, err), err, "beginning") != 0)
		return -1;
	int status = 0;
	for (size_t i = 0; i < count && status == 0 && *done; i++)
		status = put_one(sqlite, &puts[i], now, done, err);
	if (status == 0 && *done && audit != NULL)
		status = add_audit(sqlite, audit, now, err);
	if (status == 0 && *done)
		status = sqlite_run(sqlite, sqlite_prepare(sqlite, SQL_COMMIT, err), err,
		                    "committing");
	/* Some failures end the transaction by themselves. */
	if ((status != 0 || !*done) && !sqlite3_get_autocommit(sqlite->db))
		sqlite_run(sqlite, sqlite_prepare(sqlite, SQL_ROLLBACK, NULL), NULL, "undoing");
	return status;
}

struct document_taker {
	store_take_document take;
	void *context;
};

static int take_document(sqlite3_stmt *row, void *context)
{
	const struct document_taker *taker = context;
	const struct store_document document = {
		.kind = sqlite_text(row, 0),
		.key = sqlite_text(row, 1),
		.version = sqlite3_column_int64(row, 2),
		.updated = sqlite3_column_int64(row, 3),
		.body = sqlite3_column_blob(row, 4),
		.length = (size_t)sqlite3_column_bytes(row, 4),
	};
	return taker->take(taker->context, &document);
}

int sqlite_document(struct store *store, const char *kind, const char *key,
                    store_take_document take, void *context, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *find = sqlite_prepare(sqlite, SQL_DOCUMENT, err);
	if (find == NULL)
		return -1;
	bind_word(find, 1, kind);
	bind_word(find, 2, key);
	struct document_taker taker = { take, context };
	return sqlite_each(sqlite, find, take_document, &taker, err);
}

int sqlite_documents(struct store *store, const char *kind, const char *prefix, const char *after,
                     unsigned limit, store_take_document take, void *context, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_DOCUMENT_LIST, err);
	if (list == NULL)
		return -1;
	bind_word(list, 1, kind);
	bind_word(list, 2, prefix);
	bind_word(list, 3, after);
	sqlite3_bind_int64(list, 4, limit);
	struct document_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_document, &taker, err);
}

int sqlite_documents_of(struct store *store, const char *kind, const char *const *prefixes,
                        size_t count, store_take_document take, void *context, struct error *err)
{
	int status = 0;
	for (size_t i = 0; i < count && status == 0; i++)
		status = sqlite_documents(store, kind, prefixes[i], NULL, UINT_MAX, take, context,
		                          err);
	return status;
}

struct audit_taker {
	store_take_audit take;
	void *context;
};

static int take_audit(sqlite3_stmt *row, void *context)
{
	const struct audit_taker *taker = context;
	const struct store_audit audit = {
		.seq = sqlite3_column_int64(row, 0),
		.time = sqlite3_column_int64(row, 1),
		.who = sqlite_text(row, 2),
		.what = sqlite_text(row, 3),
		.kind = sqlite_text(row, 4),
		.key = sqlite_text(row, 5),
		.note = sqlite_text(row, 6),
	};
	return taker->take(taker->context, &audit);
}

int sqlite_audits(struct store *store, const char *kind, const char *prefix, int64_t after,
                  unsigned limit, store_take_audit take, void *context, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_AUDIT_LIST, err);
	if (list == NULL)
		return -1;
	bind_word(list, 1, kind);
	bind_word(list, 2, prefix);
	sqlite3_bind_int64(list, 3, after);
	sqlite3_bind_int64(list, 4, limit);
	struct audit_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_audit, &taker, err);
}
