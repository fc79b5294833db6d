/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables, in versions: a store is brought from its version to the newest,
 * one step after the other, in one transaction.
 */
#include <stdio.h>
#include <stdlib.h>

#include "collector/pg_base.h"

/*
 * Reports and the newest ones lie in parts by guest: what is asked of one guest, and what is
 * written for it, is in one part, and no index is larger than one.  A database that is distributed
 * over machines divides by the same column.  Bodies are found by id, which has to be unique over
 * all guests, and so lie in parts by id.
 */
#define PARTS 8

static const char *const in_parts[] = { "bodies", "reports", "latest" };

/* Equal in every language's order; what is not there is an empty text. */
#define WORD "text COLLATE \"C\" NOT NULL"

/* What the columns are is said in collector/store_sqlite.c. */
static const char *const tables[] = {
	"CREATE TABLE arrival (what " WORD " PRIMARY KEY, last int8 NOT NULL)",
	"INSERT INTO arrival VALUES ('report', 0), ('audit', 0)",
	"CREATE TABLE profiles (profile " WORD " PRIMARY KEY, text text NOT NULL)",
	"CREATE TABLE profile_findings (profile " WORD ", finding " WORD ", outcome " WORD
	", severity " WORD ", gap " WORD ")",
	"CREATE INDEX profile_findings_profile ON profile_findings (profile)",
	"CREATE TABLE bodies (id uuid NOT NULL, guest " WORD ", body bytea NOT NULL, "
	"PRIMARY KEY (id)) PARTITION BY HASH (id)",
	"CREATE TABLE reports (guest " WORD ", seq int8 NOT NULL, id uuid NOT NULL, lab " WORD
	", name " WORD ", hostname " WORD ", platform " WORD ", target " WORD ", verdict " WORD
	", basis " WORD ", agent " WORD ", time int8 NOT NULL, received int8 NOT NULL, "
	"changed bool NOT NULL, PRIMARY KEY (guest, seq)) PARTITION BY HASH (guest)",
	"CREATE INDEX reports_seq ON reports (seq)",
	"CREATE TABLE latest (guest " WORD ", target " WORD ", lab " WORD ", name " WORD
	", hostname " WORD ", platform " WORD ", verdict " WORD ", basis " WORD ", agent " WORD
	", profile " WORD ", report uuid NOT NULL, seq int8 NOT NULL, at int8 NOT NULL, "
	"time int8 NOT NULL, received int8 NOT NULL, traits " WORD ", traits_ready " WORD
	", traits_lost " WORD ", lost int8 NOT NULL, PRIMARY KEY (guest, target)) "
	"PARTITION BY HASH (guest)",
	"CREATE TABLE tokens (token " WORD " PRIMARY KEY, hash " WORD ", scope " WORD ", lab " WORD
	", name " WORD ", note " WORD ", created int8 NOT NULL, revoked int8 NOT NULL)",
	"CREATE TABLE documents (kind " WORD ", key " WORD ", version int8 NOT NULL, "
	"updated int8 NOT NULL, body bytea NOT NULL, PRIMARY KEY (kind, key))",
	"CREATE TABLE audits (seq int8 PRIMARY KEY, time int8 NOT NULL, who " WORD ", what " WORD
	", kind " WORD ", key " WORD ", note " WORD ")",
	"CREATE INDEX audits_key ON audits (kind, key, seq)",
};

/* One at a time, whoever they are: the lock ends with the transaction.  The number is "NRV1". */
static const char *const begin =
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '60s';"
        "SELECT pg_advisory_xact_lock(1314018865)";

static int run(struct pg_store *pg, const char *sql, struct error *err)
{
	cleanup_pg_result PGresult *result = PQexec(pg->link, sql);
	ExecStatusType status = PQresultStatus(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
	               ? 0
	               : pg_failed(pg, result, "making tables", err);
}

static int make_parts(struct pg_store *pg, const char *table, struct error *err)
{
	char sql[160];
	for (int i = 0; i < PARTS; i++) {
		snprintf(sql, sizeof sql,
		         "CREATE TABLE %s_%d PARTITION OF %s FOR VALUES WITH (MODULUS %d, "
		         "REMAINDER %d)",
		         table, i, table, PARTS, i);
		if (run(pg, sql, err) != 0)
			return -1;
	}
	return 0;
}

static int make_tables(struct pg_store *pg, struct error *err)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		if (run(pg, tables[i], err) != 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof in_parts / sizeof in_parts[0]; i++) {
		if (make_parts(pg, in_parts[i], err) != 0)
			return -1;
	}
	return 0;
}

/*
 * The page of a whole fleet counts in these.  No column of theirs changes with a report that says
 * the same again, so that its row is still written without touching an index (README.HOT).
 */
static int index_sums(struct pg_store *pg, struct error *err)
{
	return run(pg,
	           "CREATE INDEX latest_lost ON latest (traits_ready, traits_lost, lost) "
	           "WHERE lost <> 0;"
	           "CREATE INDEX latest_usable ON latest (traits) "
	           "WHERE verdict IN ('ready', 'degraded')",
	           err);
}

/* All guests are counted by their traits, not only those that are usable: a pass over the table. */
static int drop_usable(struct pg_store *pg, struct error *err)
{
	return run(pg, "DROP INDEX latest_usable", err);
}

/* What makes a store of version N of one of version N - 1. */
static int (*const steps[])(struct pg_store *pg, struct error *err) = { make_tables, index_sums,
	                                                                drop_usable };

#define VERSION ((int)(sizeof steps / sizeof steps[0]))

/* *version is -1 where nothing is ours, and *strange what else is in our schema. */
static int look(struct pg_store *pg, int *version, int64_t *strange, struct error *err)
{
	cleanup_pg_result PGresult *found =
	        PQexec(pg->link, "SELECT count(*), coalesce(sum(CASE WHEN tablename = "
	                         "'store_version' THEN 1 ELSE 0 END), 0) FROM pg_tables "
	                         "WHERE schemaname = 'nestready'");
	if (PQresultStatus(found) != PGRES_TUPLES_OK)
		return pg_failed(pg, found, "beginning", err);
	*version = -1;
	*strange = pg_number(found, 0, 0);
	if (pg_number(found, 0, 1) == 0)
		return 0;
	cleanup_pg_result PGresult *is =
	        PQexec(pg->link, "SELECT version FROM nestready.store_version");
	if (PQresultStatus(is) != PGRES_TUPLES_OK)
		return pg_failed(pg, is, "beginning", err);
	*version = PQntuples(is) == 1 ? (int)pg_number(is, 0, 0) : 0;
	return 0;
}

static int refuse(const struct pg_store *pg, int version, struct error *err)
{
	if (version < 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "%.100s: no database of a collector",
		                 pg->place);
	return error_set(err, ERROR_BAD_INPUT, 0,
	                 "%.100s: its tables are of version %d, this program knows %d", pg->place,
	                 version, VERSION);
}

/* With the lock: what another one did in the meantime is done. */
static int migrate(struct pg_store *pg, struct error *err)
{
	int version;
	int64_t strange;
	char note[80];
	if (look(pg, &version, &strange, err) != 0)
		return -1;
	if (version < 0 && strange > 0)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%.100s: its schema nestready is of another program; nothing was "
		                 "changed",
		                 pg->place);
	if (version > VERSION)
		return refuse(pg, version, err);
	if (version < 0 && run(pg,
	                       "CREATE SCHEMA IF NOT EXISTS nestready;"
	                       "CREATE TABLE store_version (version int4 NOT NULL);"
	                       "INSERT INTO store_version VALUES (0)",
	                       err) != 0)
		return -1;
	for (int step = version < 0 ? 0 : version; step < VERSION; step++) {
		if (steps[step](pg, err) != 0)
			return -1;
	}
	snprintf(note, sizeof note, "UPDATE store_version SET version = %d", VERSION);
	return run(pg, note, err);
}

int pg_schema(struct pg_store *pg, struct error *err)
{
	int version;
	int64_t strange;
	if (look(pg, &version, &strange, err) != 0)
		return -1;
	if (version == VERSION)
		return 0;
	if (pg->mode != STORE_WRITE || version > VERSION)
		return refuse(pg, version, err);
	if (run(pg, begin, err) == 0 && migrate(pg, err) == 0)
		return run(pg, "COMMIT", err);
	PQclear(PQexec(pg->link, "ROLLBACK"));
	return -1;
}
