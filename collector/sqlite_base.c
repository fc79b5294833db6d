/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All SQL that reads or writes rows stands here, as constants: no value is ever part of a
 * statement. */
#include "collector/sqlite_base.h"

#include <string.h>

#include "collector/columns.h"

/* The conditions of struct store_filter, bound as ?1 to ?7 (sqlite_read.c). */
#define FILTER                                                                                     \
	"(?1 IS NULL OR platform = ?1) AND (?2 IS NULL OR target = ?2) AND "                       \
	"(?3 IS NULL OR verdict = ?3) AND (?4 IS NULL OR lab = ?4) AND "                           \
	"(?5 IS NULL OR guest = ?5) AND (?6 IS NULL OR received < ?6) AND "                        \
	"(?7 IS NULL OR received >= ?7)"

/* Guests by what they say: in the order of the index latest_alike, which has all of FILTER. */
#define ALIKE                                                                                      \
	"(SELECT target, profile, count(*) AS guests FROM latest WHERE " FILTER                    \
	" GROUP BY platform, target, verdict, traits, profile)"

/* Numbers of enum trait. */
#define TRAITS "(0), (1), (2), (3), (4)"

/* The columns of struct store_report, of a row of latest and of one of reports with its guest. */
#define LATEST_COLUMNS "report, " STORE_COLUMNS ", 0, traits, traits_ready, traits_lost, lost"
#define REPORT_COLUMNS "id, " STORE_COLUMNS ", changed, NULL, NULL, NULL, 0"

static const char *const texts[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_REPORT_ADD] =
	        "INSERT INTO reports (id, guest, lab, name, hostname, platform, target, verdict, "
	        "basis, agent, time, received, changed, body) "
	        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
	        "ON CONFLICT (id) DO NOTHING",
	[SQL_REPORT_FIND] = "SELECT seq, guest, changed, body FROM reports WHERE id = ?1",
	[SQL_PROFILE_FIND] = "SELECT profile FROM profiles WHERE text = ?1",
	[SQL_PROFILE_ADD] = "INSERT INTO profiles (text) VALUES (?1)",
	[SQL_PROFILE_FINDING] = "INSERT INTO profile_findings (profile, finding, outcome, "
	                        "severity, gap) VALUES (?1, ?2, ?3, ?4, ?5)",
	[SQL_LATEST_FIND] = "SELECT at, report, platform, verdict, basis, profile, traits, "
	                    "traits_ready, traits_lost, lost FROM latest "
	                    "WHERE guest = ?1 AND target = ?2",
	[SQL_LATEST_PUT] =
	        "INSERT OR REPLACE INTO latest (guest, target, lab, name, hostname, platform, "
	        "verdict, basis, agent, profile, report, seq, at, time, received, traits, "
	        "traits_ready, traits_lost, lost) "
	        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
	        "?17, ?18, ?19)",
	[SQL_LATEST_HEARD] =
	        "UPDATE latest SET received = max(received, ?3) WHERE guest = ?1 AND target = ?2",
	[SQL_LATEST_HOLDS] = "UPDATE latest SET received = max(received, ?5) WHERE guest = ?1 AND "
	                     "target = ?2 AND verdict = ?3 AND report = ?4",
	[SQL_LATEST_LIST] =
	        "SELECT " LATEST_COLUMNS " FROM latest WHERE " FILTER
	        " AND (guest, target) > (?8, ?9) AND guest <= ?10 AND (?12 IS NULL OR profile IN "
	        "(SELECT profile FROM profile_findings WHERE gap = ?12)) ORDER BY guest, target "
	        "LIMIT ?11",
	[SQL_HISTORY] = "SELECT " REPORT_COLUMNS " FROM reports WHERE guest = ?1 AND seq < ?2 "
	                "ORDER BY seq DESC LIMIT ?3",
	[SQL_SINCE] = "SELECT " REPORT_COLUMNS " FROM reports WHERE " FILTER
	              " AND seq > ?8 AND (?9 = 0 OR changed) ORDER BY seq LIMIT ?10",
	[SQL_LAST] = "SELECT max(seq) FROM reports",
	[SQL_BODY] = "SELECT body FROM reports WHERE id = ?1",
	[SQL_FINDINGS] = "SELECT target, finding, outcome, severity, gap, sum(guests) FROM " ALIKE
	                 " JOIN profile_findings USING (profile) "
	                 "WHERE ?8 OR outcome NOT IN ('pass', 'not-applicable') "
	                 "GROUP BY target, finding, outcome, severity, gap "
	                 "ORDER BY sum(guests) DESC, target, finding, outcome",
	/* Several findings of a guest may have the same gap: it counts once. */
	[SQL_GAPS] =
	        "SELECT target, gap, sum(guests) FROM " ALIKE " JOIN (SELECT DISTINCT profile, gap "
	        "FROM profile_findings WHERE gap IS NOT NULL) USING (profile) "
	        "GROUP BY target, gap ORDER BY sum(guests) DESC, target, gap",
	[SQL_OVERVIEW] = "SELECT platform, target, verdict, count(*), sum(received < ?1) "
	                 "FROM latest GROUP BY platform, target, verdict",
	/* Counted by the index, then by the trait: what is alike in all of them is one row there.
	 */
	[SQL_COHORTS] =
	        "WITH alike AS MATERIALIZED (SELECT platform, traits, verdict, count(*) AS guests, "
	        "sum(received < ?8) AS stale FROM latest WHERE " FILTER
	        " GROUP BY platform, target, verdict, traits) "
	        "SELECT trait, CASE trait WHEN -1 THEN '' WHEN 0 THEN ifnull(platform, '') "
	        "ELSE trait_of(traits, trait) END AS value, sum(guests), "
	        "sum(guests) FILTER (WHERE verdict = 'ready'), "
	        "sum(guests) FILTER (WHERE verdict = 'degraded'), "
	        "sum(guests) FILTER (WHERE verdict = 'not-ready'), "
	        "sum(guests) FILTER (WHERE verdict = 'indeterminate'), sum(stale) "
	        "FROM alike, (SELECT column1 AS trait FROM (VALUES (-1), " TRAITS ") "
	        "WHERE column1 = -1 OR ?9 >> column1 & 1) GROUP BY 1, 2 ORDER BY 1",
	[SQL_LOSSES] =
	        "WITH alike AS MATERIALIZED (SELECT traits_ready, traits_lost, count(*) AS guests, "
	        "min(lost) AS first, max(lost) AS last FROM latest WHERE lost <> 0 AND " FILTER
	        " GROUP BY traits_ready, traits_lost), "
	        "changes AS (SELECT trait, trait_of(traits_ready, trait) AS before, "
	        "trait_of(traits_lost, trait) AS after, guests, first, last FROM alike, "
	        "(SELECT column1 AS trait FROM (VALUES " TRAITS ")) "
	        "UNION ALL SELECT 5, '', NULL, guests, first, last FROM alike "
	        "WHERE traits_ready = traits_lost) "
	        "SELECT trait, before, after, sum(guests), min(first), max(last) FROM changes "
	        "WHERE before IS NOT after GROUP BY 1, 2, 3",
	[SQL_TOKEN_ADD] = "INSERT INTO tokens (token, hash, scope, lab, name, note, created, "
	                  "revoked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
	[SQL_TOKEN_REVOKE] = "UPDATE tokens SET revoked = ?2 WHERE token = ?1 AND revoked = 0",
	[SQL_TOKEN_LIST] = "SELECT token, hash, scope, lab, name, note, created, revoked "
	                   "FROM tokens ORDER BY created, token",
	[SQL_DOCUMENT] = "SELECT kind, key, version, updated, body FROM documents "
	                 "WHERE kind = ?1 AND key = ?2",
	/* Behind all that begins with a prefix: that and the last character there is. */
	[SQL_DOCUMENT_LIST] = "SELECT kind, key, version, updated, body FROM documents "
	                      "WHERE kind = ?1 AND key >= ?2 AND key < ?2 || char(0x10ffff) "
	                      "AND key > ?3 ORDER BY key LIMIT ?4",
	[SQL_DOCUMENT_PUT] = "INSERT OR REPLACE INTO documents (kind, key, version, updated, "
	                     "body) VALUES (?1, ?2, ?3, ?4, ?5)",
	[SQL_DOCUMENT_REMOVE] = "DELETE FROM documents WHERE kind = ?1 AND key = ?2",
	[SQL_AUDIT_ADD] = "INSERT INTO audits (time, who, what, kind, key, note) "
	                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_AUDIT_LIST] = "SELECT seq, time, who, what, kind, key, note FROM audits "
	                   "WHERE kind = ?1 AND key >= ?2 AND key < ?2 || char(0x10ffff) "
	                   "AND seq > ?3 ORDER BY seq LIMIT ?4",
	[SQL_PRUNE] = "DELETE FROM reports WHERE seq IN (SELECT seq FROM reports WHERE "
	              "received < ?1 AND seq NOT IN (SELECT seq FROM latest) LIMIT 500)",
	[SQL_PRUNE_PROFILES] = "DELETE FROM profiles WHERE profile NOT IN "
	                       "(SELECT profile FROM latest)",
	[SQL_PRUNE_FINDINGS] = "DELETE FROM profile_findings WHERE profile NOT IN "
	                       "(SELECT profile FROM profiles)",
};

struct sqlite_store *sqlite_of(struct store *store)
{
	return (struct sqlite_store *)(void *)store;
}

/* https://www.sqlite.org/rescode.html; what is not here is our mistake. */
static const struct {
	int code;
	enum error_code means;
} meanings[] = {
	{ SQLITE_BUSY, ERROR_UNAVAILABLE },  { SQLITE_LOCKED, ERROR_UNAVAILABLE },
	{ SQLITE_FULL, ERROR_UNAVAILABLE },  { SQLITE_IOERR, ERROR_UNAVAILABLE },
	{ SQLITE_NOMEM, ERROR_UNAVAILABLE }, { SQLITE_READONLY, ERROR_UNAVAILABLE },
	{ SQLITE_CORRUPT, ERROR_BAD_INPUT }, { SQLITE_NOTADB, ERROR_BAD_INPUT },
	{ SQLITE_CANTOPEN, ERROR_NO_INPUT }, { SQLITE_PERM, ERROR_NO_INPUT },
};

int sqlite_failed(const struct sqlite_store *sqlite, struct error *err, const char *doing)
{
	int code = sqlite3_errcode(sqlite->db) & 0xff;
	enum error_code means = ERROR_INTERNAL;
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
		if (meanings[i].code == code)
			means = meanings[i].means;
	}
	return error_set(err, means, 0, "%.100s: %s: %s%s", sqlite->path, doing,
	                 sqlite3_errmsg(sqlite->db),
	                 means == ERROR_BAD_INPUT
	                         ? ": put a backup in its place (nestready-collector backup)"
	                         : "");
}

sqlite3_stmt *sqlite_prepare(struct sqlite_store *sqlite, enum sqlite_sql sql, struct error *err)
{
	sqlite3_stmt **statement = &sqlite->statements[sql];
	if (*statement == NULL &&
	    sqlite3_prepare_v3(sqlite->db, texts[sql], -1, SQLITE_PREPARE_PERSISTENT, statement,
	                       NULL) != SQLITE_OK) {
		sqlite_failed(sqlite, err, "preparing");
		return NULL;
	}
	sqlite3_reset(*statement);
	sqlite3_clear_bindings(*statement);
	return *statement;
}

static void trait_of(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *traits = (const char *)sqlite3_value_text(values[0]);
	size_t length;
	(void)count;
	const char *trait = standing_trait(traits == NULL ? "" : traits,
	                                   (enum trait)sqlite3_value_int(values[1]), &length);
	sqlite3_result_text(context, trait, (int)length, SQLITE_TRANSIENT);
}

int sqlite_add_functions(struct sqlite_store *sqlite, struct error *err)
{
	int status = sqlite3_create_function(sqlite->db, "trait_of", 2,
	                                     SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, trait_of,
	                                     NULL, NULL);
	return status == SQLITE_OK ? 0 : sqlite_failed(sqlite, err, "opening");
}

void sqlite_bind(sqlite3_stmt *statement, int index, const char *text)
{
	if (text != NULL && text[0] != '\0')
		sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

int sqlite_run(struct sqlite_store *sqlite, sqlite3_stmt *statement, struct error *err,
               const char *doing)
{
	if (statement == NULL)
		return -1;
	int status = sqlite3_step(statement);
	if (status != SQLITE_DONE)
		sqlite_failed(sqlite, err, doing);
	sqlite3_reset(statement);
	return status == SQLITE_DONE ? 0 : -1;
}

const char *sqlite_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);
	return text == NULL ? "" : (const char *)text;
}

int sqlite_each(struct sqlite_store *sqlite, sqlite3_stmt *statement, sqlite_take take,
                void *context, struct error *err)
{
	int status = SQLITE_ROW, stop = 0;
	while (stop == 0 && (status = sqlite3_step(statement)) == SQLITE_ROW)
		stop = take(statement, context);
	if (status != SQLITE_ROW && status != SQLITE_DONE)
		sqlite_failed(sqlite, err, "reading");
	sqlite3_reset(statement);
	return status == SQLITE_ROW || status == SQLITE_DONE ? 0 : -1;
}
