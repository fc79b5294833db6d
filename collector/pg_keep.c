/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tokens and retention in the PostgreSQL store. */
#include <stdlib.h>
#include <string.h>

#include "collector/pg_base.h"

int pg_token_add(struct store *store, const struct store_token *token, struct error *err)
{
	struct pg_values values = { .count = 0 };
	const char *const words[] = { token->id,  token->hash, token->scope,
		                      token->lab, token->name, token->note };
	for (int i = 0; i < 6; i++)
		pg_add_text(&values, words[i] == NULL ? "" : words[i]);
	pg_add_number(&values, token->created);
	PGresult *result = pg_query(pg_of(store), PG_TOKEN_ADD, &values, "adding a token", err);
	PQclear(result);
	return result == NULL ? -1 : 0;
}

int pg_token_revoke(struct store *store, const char *id, int64_t now, bool *found,
                    struct error *err)
{
	struct pg_values values = { .count = 0 };
	pg_add_text(&values, id);
	pg_add_number(&values, now);
	PGresult *result =
	        pg_query(pg_of(store), PG_TOKEN_REVOKE, &values, "revoking a token", err);
	*found = result != NULL && strcmp(PQcmdTuples(result), "0") != 0;
	PQclear(result);
	return result == NULL ? -1 : 0;
}

int pg_tokens(struct store *store, store_take_token take, void *context, struct error *err)
{
	cleanup_pg_result PGresult *rows =
	        pg_query(pg_of(store), PG_TOKEN_LIST, NULL, "reading tokens", err);
	for (int i = 0; i < PQntuples(rows); i++) {
		const struct store_token token = {
			.id = pg_text(rows, i, 0),
			.hash = pg_text(rows, i, 1),
			.scope = pg_text(rows, i, 2),
			.lab = pg_text(rows, i, 3),
			.name = pg_text(rows, i, 4),
			.note = pg_text(rows, i, 5),
			.created = pg_number(rows, i, 6),
			.revoked = pg_number(rows, i, 7),
		};
		if (take(context, &token) != 0)
			break;
	}
	return rows == NULL ? -1 : 0;
}

/* Alone, so that no report comes in that says what is just being removed (pg_write.c). */
static int prune_profiles(struct pg_store *pg, struct error *err)
{
	struct pg_values none_arrive = { .count = 0 };
	struct pg_step steps[] = { { .sql = PG_BEGIN },
		                   { .sql = PG_ARRIVE, .values = &none_arrive },
		                   { .sql = PG_PRUNE_PROFILES },
		                   { .sql = PG_COMMIT } };
	bool repeat;
	pg_add_number(&none_arrive, 0);
	int status = pg_ready(pg, err);
	if (status == 0)
		status = pg_pipeline(pg, steps, 4, "removing old findings", &repeat, err);
	pg_clear_steps(steps, 4);
	if (status != 0)
		pg_disconnect(pg); /* and whatever was begun is undone */
	return status;
}

/* In steps, so that no collector waits for long. */
int pg_prune(struct store *store, int64_t before, int64_t *removed, struct error *err)
{
	struct pg_store *pg = pg_of(store);
	int64_t after = 0;
	*removed = 0;
	for (;;) {
		struct pg_values values = { .count = 0 };
		pg_add_number(&values, before);
		pg_add_number(&values, after);
		cleanup_pg_result PGresult *step =
		        pg_query(pg, PG_PRUNE, &values, "removing old reports", err);
		if (step == NULL)
			return -1;
		after = pg_number(step, 0, 0);
		if (after == 0)
			break;
		*removed += pg_number(step, 0, 1);
	}
	return prune_profiles(pg, err);
}

int pg_backup(struct store *store, const char *path, struct error *err)
{
	(void)path;
	return error_set(err, ERROR_USAGE, 0,
	                 "%.100s: PostgreSQL's own tools copy it while it is in use: pg_dump "
	                 "--format=custom --schema=nestready --file=FILE URL",
	                 pg_of(store)->place);
}
