/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One SQLite file: the default, which needs no server.  Its journal is a
 * write-ahead log with synchronous=FULL, so that a commit is on disk when it
 * returns, and readers and the writer do not wait for each other
 * (https://www.sqlite.org/wal.html, pragma.html#pragma_synchronous).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/sqlite_base.h"

#define APPLICATION_ID 0x4e525631 /* "NRV1": sqlite3's header says whose file it is */
#define BUSY_MS        5000       /* how long another process may hold the lock */

/*
 * A profile is a set of findings as a whole (collector/intake.h).  `at` is when a report counts
 * from.  The newest report of a guest for a target is in `latest` too, so that a question about
 * the fleet reads a row a guest and no body.
 */
static const char reports_schema[] =
        "CREATE TABLE profiles (profile INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
        "CREATE TABLE profile_findings (profile INTEGER NOT NULL, finding TEXT NOT NULL,"
        " outcome TEXT NOT NULL, severity TEXT NOT NULL, gap TEXT,"
        " PRIMARY KEY (profile, finding)) WITHOUT ROWID;"
        "CREATE TABLE reports (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
        " guest TEXT NOT NULL, lab TEXT, name TEXT NOT NULL, hostname TEXT, platform TEXT,"
        " target TEXT NOT NULL, verdict TEXT NOT NULL, basis TEXT NOT NULL, agent TEXT,"
        " time INTEGER NOT NULL, received INTEGER NOT NULL, changed INTEGER NOT NULL,"
        " body BLOB NOT NULL);"
        "CREATE INDEX reports_guest ON reports (guest, seq);"
        "CREATE TABLE latest (guest TEXT NOT NULL, target TEXT NOT NULL, lab TEXT,"
        " name TEXT NOT NULL, hostname TEXT, platform TEXT, verdict TEXT NOT NULL,"
        " basis TEXT NOT NULL, agent TEXT, profile INTEGER NOT NULL, report TEXT NOT NULL,"
        " seq INTEGER NOT NULL, at INTEGER NOT NULL, time INTEGER NOT NULL,"
        " received INTEGER NOT NULL, PRIMARY KEY (guest, target)) WITHOUT ROWID;"
        "CREATE TABLE tokens (token TEXT PRIMARY KEY, hash TEXT NOT NULL, scope TEXT NOT NULL,"
        " lab TEXT, name TEXT, note TEXT, created INTEGER NOT NULL, revoked INTEGER NOT NULL)"
        " WITHOUT ROWID;"
        "PRAGMA application_id = 1314018865;" /* APPLICATION_ID */
        "PRAGMA user_version = 1";

/* No number of the log is given twice, were its last lines removed by hand (AUTOINCREMENT). */
static const char documents_schema[] =
        "CREATE TABLE documents (kind TEXT NOT NULL, key TEXT NOT NULL,"
        " version INTEGER NOT NULL, updated INTEGER NOT NULL, body BLOB NOT NULL,"
        " PRIMARY KEY (kind, key)) WITHOUT ROWID;"
        "CREATE TABLE audits (seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL,"
        " who TEXT NOT NULL, what TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,"
        " note TEXT NOT NULL);"
        "CREATE INDEX audits_key ON audits (kind, key, seq);"
        "PRAGMA user_version = 2";

/* See collector/standing.h. */
static const char standing_schema[] =
        "ALTER TABLE latest ADD COLUMN traits TEXT;"
        "ALTER TABLE latest ADD COLUMN traits_ready TEXT;"
        "ALTER TABLE latest ADD COLUMN traits_lost TEXT;"
        "ALTER TABLE latest ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;"
        "PRAGMA user_version = 3";

/* The overview reads this instead of every guest's row: 15 ms instead of 70 for 100,000 guests. */
static const char overview_schema[] =
        "CREATE INDEX latest_alike ON latest (platform, target, verdict, received);"
        "PRAGMA user_version = 4";

/* Gaps, findings and losses of the fleet are counted in these, too; all but the first are small. */
static const char sums_schema[] =
        "DROP INDEX latest_alike;"
        "CREATE INDEX latest_alike ON latest (platform, target, verdict, profile, lab, received);"
        "CREATE INDEX latest_lost ON latest (traits_ready, traits_lost, lost) WHERE lost <> 0;"
        "CREATE INDEX latest_usable ON latest (traits, verdict)"
        " WHERE verdict IN ('ready', 'degraded');"
        "PRAGMA user_version = 5";

/* Cohorts are counted in the first one, too, and filters need no row: 20 ms instead of 210. */
static const char traits_schema[] =
        "DROP INDEX latest_alike; DROP INDEX latest_lost; DROP INDEX latest_usable;"
        "CREATE INDEX latest_alike ON latest (platform, target, verdict, traits, profile, lab,"
        " received);"
        "CREATE INDEX latest_lost ON latest (traits_ready, traits_lost, lost, platform, verdict,"
        " lab, received) WHERE lost <> 0;"
        "PRAGMA user_version = 6";

/* What makes a store of version N of one of version N - 1. */
static const char *const schemas[] = { reports_schema,  documents_schema, standing_schema,
	                               overview_schema, sums_schema,      traits_schema };

#define SCHEMA_VERSION ((int)(sizeof schemas / sizeof schemas[0]))

static int execute(struct sqlite_store *sqlite, const char *sql, const char *doing,
                   struct error *err)
{
	if (sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_failed(sqlite, err, doing);
	return 0;
}

static int pragma(struct sqlite_store *sqlite, const char *sql, int *value, struct error *err)
{
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW) {
		sqlite_failed(sqlite, err, "opening");
		sqlite3_finalize(statement);
		return -1;
	}
	*value = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return 0;
}

/* Nothing of a file is changed before it is known to be empty or ours: not even its journal. */
static int check_owner(struct sqlite_store *sqlite, struct error *err)
{
	int tables, application;
	if (pragma(sqlite, "PRAGMA application_id", &application, err) != 0 ||
	    pragma(sqlite, "SELECT count(*) FROM sqlite_schema", &tables, err) != 0)
		return -1;
	if (application != APPLICATION_ID && tables > 0)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%.100s: a database of another program; nothing was changed",
		                 sqlite->path);
	return 0;
}

/*
 * Makes the tables, or brings those of an older program up to date; what is newer than this program
 * is left for check_schema to refuse.  Two that start at once: the second waits for the lock and
 * finds the work done.
 */
static int make_schema(struct sqlite_store *sqlite, int least, struct error *err)
{
	int version;
	if (pragma(sqlite, "PRAGMA user_version", &version, err) != 0)
		return -1;
	if (version < least || version >= SCHEMA_VERSION)
		return 0;
	if (execute(sqlite, "BEGIN IMMEDIATE", "opening", err) != 0 ||
	    pragma(sqlite, "PRAGMA user_version", &version, err) != 0)
		return -1;
	for (; version < SCHEMA_VERSION; version++) {
		if (execute(sqlite, schemas[version], "making tables", err) != 0)
			return -1;
	}
	return execute(sqlite, "COMMIT", "making tables", err);
}

static int check_schema(struct sqlite_store *sqlite, struct error *err)
{
	int application, version;
	if (pragma(sqlite, "PRAGMA application_id", &application, err) != 0 ||
	    pragma(sqlite, "PRAGMA user_version", &version, err) != 0)
		return -1;
	if (application != APPLICATION_ID)
		return error_set(err, ERROR_BAD_INPUT, 0, "%.100s: no database of a collector",
		                 sqlite->path);
	if (version != SCHEMA_VERSION)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%.100s: its tables are of version %d, this program knows %d",
		                 sqlite->path, version, SCHEMA_VERSION);
	return 0;
}

/*
 * SQLite makes files for everybody to read (0644 less umask); reports are not everybody's.  One
 * that is there is not opened here: closing it would drop the locks of whoever has it open in this
 * process (fcntl(2)).
 */
static int make_private(const char *path, struct error *err)
{
	cleanup_fd int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno == EEXIST && access(path, R_OK | W_OK) == 0))
		return 0;
	return error_set(err, ERROR_NO_INPUT, errno, "%.150s: cannot be written", path);
}

static int set_up(struct sqlite_store *sqlite, enum store_mode mode, struct error *err)
{
	int ignored;
	if (sqlite3_busy_timeout(sqlite->db, BUSY_MS) != SQLITE_OK)
		return sqlite_failed(sqlite, err, "opening");
	if (sqlite_add_functions(sqlite, err) != 0)
		return -1;
	if (mode == STORE_READ)
		return check_schema(sqlite, err);
	if (check_owner(sqlite, err) != 0 ||
	    pragma(sqlite, "PRAGMA journal_mode = WAL", &ignored, err) != 0 ||
	    execute(sqlite, "PRAGMA synchronous = FULL", "opening", err) != 0)
		return -1;
	/* An empty file becomes a store only where one may be made. */
	if (make_schema(sqlite, mode == STORE_WRITE ? 0 : 1, err) != 0)
		return -1;
	return check_schema(sqlite, err);
}

static void sqlite_close(struct store *store)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(sqlite->statements[i]);
	sqlite3_close(sqlite->db);
	free(sqlite->path);
	free(sqlite);
}

static int sqlite_open(const char *path, enum store_mode mode, struct store **store,
                       struct error *err)
{
	if (mode == STORE_WRITE && make_private(path, err) != 0)
		return -1;
	struct sqlite_store *sqlite = calloc(1, sizeof *sqlite);
	char *copy = strdup(path);
	if (sqlite == NULL || copy == NULL) {
		free(sqlite);
		free(copy);
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	}
	sqlite->store.type = &store_sqlite;
	sqlite->path = copy;
	snprintf(sqlite->place, sizeof sqlite->place, "sqlite:%s", path);
	sqlite->store.place = sqlite->place;
	int flags = mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	int status =
	        sqlite3_open_v2(path, &sqlite->db, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK
	                ? set_up(sqlite, mode, err)
	                : sqlite_failed(sqlite, err, "opening");
	if (status != 0) {
		sqlite_close(&sqlite->store);
		return -1;
	}
	*store = &sqlite->store;
	return 0;
}

const struct store_type store_sqlite = {
	.scheme = "sqlite:",
	.open = sqlite_open,
	.close = sqlite_close,
	.ingest = sqlite_ingest,
	.heard = sqlite_heard,
	.latest = sqlite_latest,
	.history = sqlite_history,
	.since = sqlite_since,
	.last = sqlite_last,
	.body = sqlite_body,
	.findings = sqlite_findings,
	.gaps = sqlite_gaps,
	.overview = sqlite_overview,
	.cohorts = sqlite_cohorts,
	.losses = sqlite_losses,
	.token_add = sqlite_token_add,
	.token_revoke = sqlite_token_revoke,
	.tokens = sqlite_tokens,
	.documents_put = sqlite_documents_put,
	.document_version = sqlite_document_version,
	.document = sqlite_document,
	.documents = sqlite_documents,
	.documents_of = sqlite_documents_of,
	.audits = sqlite_audits,
	.prune = sqlite_prune,
	.backup = sqlite_backup,
};
