/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tokens, retention and backup in the SQLite store. */
#include <string.h>

#include "collector/sqlite_base.h"

int sqlite_token_add(struct store *store, const struct store_token *token, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *add = sqlite_prepare(sqlite, SQL_TOKEN_ADD, err);
	if (add == NULL)
		return -1;
	const char *const words[] = { token->id,  token->hash, token->scope,
		                      token->lab, token->name, token->note };
	for (int i = 0; i < 6; i++)
		sqlite_bind(add, i + 1, words[i]);
	sqlite3_bind_int64(add, 7, token->created);
	return sqlite_run(sqlite, add, err, "adding a token");
}

int sqlite_token_revoke(struct store *store, const char *id, int64_t now, bool *found,
                        struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *revoke = sqlite_prepare(sqlite, SQL_TOKEN_REVOKE, err);
	if (revoke == NULL)
		return -1;
	sqlite_bind(revoke, 1, id);
	sqlite3_bind_int64(revoke, 2, now);
	if (sqlite_run(sqlite, revoke, err, "revoking a token") != 0)
		return -1;
	*found = sqlite3_changes(sqlite->db) > 0;
	return 0;
}

int sqlite_tokens(struct store *store, store_take_token take, void *context, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_TOKEN_LIST, err);
	if (list == NULL)
		return -1;
	int status, stop = 0;
	while ((status = sqlite3_step(list)) == SQLITE_ROW && stop == 0) {
		const struct store_token token = {
			.id = sqlite_text(list, 0),
			.hash = sqlite_text(list, 1),
			.scope = sqlite_text(list, 2),
			.lab = sqlite_text(list, 3),
			.name = sqlite_text(list, 4),
			.note = sqlite_text(list, 5),
			.created = sqlite3_column_int64(list, 6),
			.revoked = sqlite3_column_int64(list, 7),
		};
		stop = take(context, &token);
	}
	if (status != SQLITE_ROW && status != SQLITE_DONE)
		sqlite_failed(sqlite, err, "reading tokens");
	sqlite3_reset(list);
	return status == SQLITE_ROW || status == SQLITE_DONE ? 0 : -1;
}

/* In steps, so that a collector on the same file writes in between. */
static int prune_reports(struct sqlite_store *sqlite, int64_t before, int64_t *removed,
                         struct error *err)
{
	int64_t step;
	do {
		sqlite3_stmt *prune = sqlite_prepare(sqlite, SQL_PRUNE, err);
		if (prune == NULL)
			return -1;
		sqlite3_bind_int64(prune, 1, before);
		if (sqlite_run(sqlite, prune, err, "removing old reports") != 0)
			return -1;
		step = sqlite3_changes64(sqlite->db);
		*removed += step;
	} while (step > 0);
	return 0;
}

int sqlite_prune(struct store *store, int64_t before, int64_t *removed, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	static const enum sqlite_sql rest[] = { SQL_BEGIN, SQL_PRUNE_PROFILES, SQL_PRUNE_FINDINGS,
		                                SQL_COMMIT };
	*removed = 0;
	if (prune_reports(sqlite, before, removed, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
		if (sqlite_run(sqlite, sqlite_prepare(sqlite, rest[i], err), err,
		               "removing old findings") != 0)
			return -1;
	}
	return 0;
}

int sqlite_backup(struct store *store, const char *path, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *copy;
	/* One transaction, and the copy is compact.  It refuses a file that is not empty. */
	if (sqlite3_prepare_v2(sqlite->db, "VACUUM INTO ?1", -1, &copy, NULL) != SQLITE_OK)
		return sqlite_failed(sqlite, err, "backing up");
	sqlite3_bind_text(copy, 1, path, -1, SQLITE_STATIC);
	int status = sqlite_run(sqlite, copy, err, "backing up");
	sqlite3_finalize(copy);
	return status;
}
