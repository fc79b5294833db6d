/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All SQL that reads or writes rows, as constants.  It keeps to what databases
 * that speak PostgreSQL's protocol have in common: no triggers, no functions of
 * our own, no LISTEN, no system columns.
 */
#include "collector/columns.h"
#include "collector/pg_base.h"

/* The conditions of struct store_filter, $1 to $7 (pg_read.c). */
#define FILTER                                                                                     \
	"($1::text IS NULL OR platform = $1) AND ($2::text IS NULL OR target = $2) AND "           \
	"($3::text IS NULL OR verdict = $3) AND ($4::text IS NULL OR lab = $4) AND "               \
	"($5::text IS NULL OR guest = $5) AND ($6::int8 IS NULL OR received < $6) AND "            \
	"($7::int8 IS NULL OR received >= $7)"

/* Numbers of enum trait: that of a trait's line. */
#define TRAITS "(0), (1), (2), (3), (4)"

/* The columns of struct store_report. */
#define LATEST_COLUMNS "report, " STORE_COLUMNS ", false, traits, traits_ready, traits_lost, lost"
#define REPORT_COLUMNS "id, " STORE_COLUMNS ", changed, '', '', '', 0"

/* The rows of a batch come as one array a column. */
static const char *const texts[PG_SQL_COUNT] = {
	[PG_BEGIN] = "BEGIN ISOLATION LEVEL READ COMMITTED",
	[PG_COMMIT] = "COMMIT",
	[PG_BODY_ADD] = "INSERT INTO bodies (id, guest, body) SELECT id::uuid, guest, body FROM "
	                "unnest($1::text[], $2::text[], $3::bytea[]) AS rows (id, guest, body) "
	                "ON CONFLICT (id) DO NOTHING RETURNING id",
	[PG_BODY_FIND] = "SELECT bodies.id::text, bodies.guest, body, seq, changed FROM bodies "
	                 "JOIN reports ON reports.guest = bodies.guest AND reports.id = bodies.id "
	                 "WHERE bodies.id = ANY ($1::text[]::uuid[])",
	/* Whoever has this row's lock is the only one that is about to commit (pg_write.c). */
	[PG_ARRIVE] = "UPDATE arrival SET last = last + $1::int8 WHERE what = 'report' "
	              "RETURNING last",
	[PG_PROFILE_ADD] =
	        "WITH added AS (INSERT INTO profiles (profile, text) VALUES ($1::text, $2::text) "
	        "ON CONFLICT (profile) DO NOTHING RETURNING profile, text) "
	        "INSERT INTO profile_findings (profile, finding, outcome, severity, gap) "
	        "SELECT profile, split_part(line, ' ', 1), split_part(line, ' ', 2), "
	        "split_part(line, ' ', 3), coalesce(nullif(split_part(line, ' ', 4), '-'), '') "
	        "FROM added, unnest(string_to_array(text, E'\\n')) AS line WHERE line <> ''",
	[PG_LATEST_FIND] = "SELECT guest, target, at, report, platform, verdict, basis, profile, "
	                   "traits, traits_ready, traits_lost, lost FROM latest WHERE guest = ANY "
	                   "($1::text[])",
	[PG_LATEST_PUT] =
	        "INSERT INTO latest (guest, target, lab, name, hostname, platform, verdict, basis, "
	        "agent, profile, report, traits, traits_ready, traits_lost, seq, at, time, "
	        "received, lost) SELECT guest, target, lab, name, hostname, platform, verdict, "
	        "basis, agent, profile, report::uuid, traits, traits_ready, traits_lost, seq, at, "
	        "time, received, lost FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], "
	        "$5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], "
	        "$11::text[], $12::text[], $13::text[], $14::text[], $15::int8[], $16::int8[], "
	        "$17::int8[], $18::int8[], $19::int8[]) AS rows (guest, target, lab, name, "
	        "hostname, platform, verdict, basis, agent, profile, report, traits, "
	        "traits_ready, traits_lost, seq, at, time, received, lost) "
	        "ON CONFLICT (guest, target) DO UPDATE SET lab = excluded.lab, "
	        "name = excluded.name, hostname = excluded.hostname, "
	        "platform = excluded.platform, verdict = excluded.verdict, "
	        "basis = excluded.basis, agent = excluded.agent, profile = excluded.profile, "
	        "report = excluded.report, traits = excluded.traits, "
	        "traits_ready = excluded.traits_ready, traits_lost = excluded.traits_lost, "
	        "seq = excluded.seq, at = excluded.at, time = excluded.time, "
	        "received = greatest(latest.received, excluded.received), lost = excluded.lost",
	[PG_LATEST_HEARD] = "UPDATE latest SET received = greatest(received, $3::int8) FROM "
	                    "unnest($1::text[], $2::text[]) AS rows (guest, target) "
	                    "WHERE latest.guest = rows.guest AND latest.target = rows.target",
	[PG_REPORT_ADD] =
	        "INSERT INTO reports (id, guest, lab, name, hostname, platform, target, verdict, "
	        "basis, agent, seq, time, received, changed) SELECT id::uuid, guest, lab, name, "
	        "hostname, platform, target, verdict, basis, agent, seq, time, $14::int8, changed "
	        "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], "
	        "$6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::int8[], "
	        "$12::int8[], $13::bool[]) AS rows (id, guest, lab, name, hostname, platform, "
	        "target, verdict, basis, agent, seq, time, changed)",
	[PG_LATEST_HOLDS] =
	        "UPDATE latest SET received = greatest(received, $1::int8) FROM "
	        "(SELECT DISTINCT guest, target, verdict, report::uuid FROM unnest($2::text[], "
	        "$3::text[], $4::text[], $5::text[]) AS rows (guest, target, verdict, report)) "
	        "AS rows WHERE latest.guest = rows.guest AND latest.target = rows.target AND "
	        "latest.verdict = rows.verdict AND latest.report = rows.report "
	        "RETURNING latest.guest, latest.target, latest.verdict, latest.report",
	[PG_LATEST_LIST] = "SELECT " LATEST_COLUMNS " FROM latest WHERE " FILTER
	                   " AND (guest, target) > ($8::text, $9::text) AND guest <= $10::text "
	                   "AND ($12::text IS NULL OR profile IN (SELECT profile FROM "
	                   "profile_findings WHERE gap = $12)) "
	                   "ORDER BY guest, target LIMIT $11::int8",
	[PG_HISTORY] = "SELECT " REPORT_COLUMNS " FROM reports WHERE guest = $1::text "
	               "AND seq < $2::int8 ORDER BY seq DESC LIMIT $3::int8",
	[PG_SINCE] = "SELECT " REPORT_COLUMNS " FROM reports WHERE " FILTER
	             " AND seq > $8::int8 AND ($9::int8 = 0 OR changed) ORDER BY seq "
	             "LIMIT $10::int8",
	[PG_LAST] = "SELECT last FROM arrival WHERE what = 'report'",
	[PG_BODY] = "SELECT body FROM bodies WHERE id = $1::text::uuid",
	[PG_FINDINGS] = "SELECT target, finding, outcome, severity, gap, sum(guests)::int8 FROM "
	                "(SELECT target, profile, count(*) AS guests FROM latest WHERE " FILTER
	                " GROUP BY target, profile) AS groups JOIN profile_findings USING "
	                "(profile) WHERE $8::int8 = 1 OR outcome NOT IN ('pass', 'not-applicable') "
	                "GROUP BY target, finding, outcome, severity, gap "
	                "ORDER BY 6 DESC, target, finding, outcome",
	/* Several findings of a guest may have the same gap: it counts once. */
	[PG_GAPS] = "SELECT target, gap, sum(guests)::int8 FROM "
	            "(SELECT target, profile, count(*) AS guests FROM latest WHERE " FILTER
	            " GROUP BY target, profile) AS groups JOIN (SELECT DISTINCT profile, gap "
	            "FROM profile_findings WHERE gap <> '') AS gaps USING (profile) "
	            "GROUP BY target, gap ORDER BY 3 DESC, target, gap",
	[PG_OVERVIEW] = "SELECT platform, target, verdict, count(*), "
	                "sum(CASE WHEN received < $1::int8 THEN 1 ELSE 0 END) "
	                "FROM latest GROUP BY platform, target, verdict "
	                "ORDER BY platform, target, verdict",
	[PG_COHORTS] =
	        "WITH alike AS MATERIALIZED (SELECT platform, traits, verdict, count(*) AS guests, "
	        "sum(CASE WHEN received < $8::int8 THEN 1 ELSE 0 END) AS stale FROM latest "
	        "WHERE " FILTER " GROUP BY platform, traits, verdict) "
	        "SELECT trait, CASE trait WHEN -1 THEN '' WHEN 0 THEN platform "
	        "ELSE split_part(traits, E'\\n', trait + 1) END AS value, sum(guests), "
	        "sum(CASE verdict WHEN 'ready' THEN guests ELSE 0 END), "
	        "sum(CASE verdict WHEN 'degraded' THEN guests ELSE 0 END), "
	        "sum(CASE verdict WHEN 'not-ready' THEN guests ELSE 0 END), "
	        "sum(CASE verdict WHEN 'indeterminate' THEN guests ELSE 0 END), sum(stale) "
	        "FROM alike CROSS JOIN (VALUES (-1), " TRAITS ") AS traits_of (trait) "
	        "WHERE trait = -1 OR ($9::int8 >> trait) & 1 = 1 GROUP BY 1, 2 ORDER BY 1",
	[PG_LOSSES] =
	        "WITH alike AS MATERIALIZED (SELECT traits_ready, traits_lost, count(*) AS guests, "
	        "min(lost) AS first, max(lost) AS last FROM latest WHERE lost <> 0 AND " FILTER
	        " GROUP BY traits_ready, traits_lost), "
	        "changes AS (SELECT trait, split_part(traits_ready, E'\\n', trait + 1) AS before, "
	        "split_part(traits_lost, E'\\n', trait + 1) AS after, guests, first, last "
	        "FROM alike CROSS JOIN (VALUES " TRAITS ") AS traits_of (trait) "
	        "UNION ALL SELECT 5, '', NULL, guests, first, last FROM alike "
	        "WHERE traits_ready = traits_lost) "
	        "SELECT trait, before, coalesce(after, ''), sum(guests), min(first), max(last) "
	        "FROM changes WHERE before IS DISTINCT FROM after GROUP BY 1, 2, 3",
	[PG_TOKEN_ADD] = "INSERT INTO tokens (token, hash, scope, lab, name, note, created, "
	                 "revoked) VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, "
	                 "$6::text, $7::int8, 0)",
	[PG_TOKEN_REVOKE] =
	        "UPDATE tokens SET revoked = $2::int8 WHERE token = $1::text AND revoked = 0",
	[PG_TOKEN_LIST] = "SELECT token, hash, scope, lab, name, note, created, revoked "
	                  "FROM tokens ORDER BY created, token",
	[PG_ARRIVE_AUDIT] = "UPDATE arrival SET last = last + $1::int8 WHERE what = 'audit' "
	                    "RETURNING last",
	[PG_DOCUMENT_VERSION] = "SELECT version FROM documents "
	                        "WHERE kind = $1::text AND key = $2::text",
	[PG_DOCUMENT] = "SELECT kind, key, version, updated, body FROM documents "
	                "WHERE kind = $1::text AND key = $2::text",
	/* Behind all that begins with a prefix: that and the last character there is. */
	[PG_DOCUMENT_LIST] =
	        "SELECT kind, key, version, updated, body FROM documents WHERE kind = $1::text "
	        "AND key >= $2::text AND key < $2::text || chr(1114111) AND key > $3::text "
	        "ORDER BY key LIMIT $4::int8",
	/*
	 * In order and with a limit, each prefix is looked up in the index whatever is known of the
	 * table; joined without, a table that was never analyzed is read once for each of them.
	 */
	[PG_DOCUMENTS_OF] =
	        "SELECT found.* FROM unnest($2::text[]) AS prefix, LATERAL (SELECT kind, key, "
	        "version, updated, body FROM documents WHERE kind = $1::text AND key >= prefix "
	        "AND key < prefix || chr(1114111) ORDER BY key LIMIT 2147483647) AS found",
	/* A row comes back when $3 is the version that is there. */
	[PG_DOCUMENT_PUT] =
	        "INSERT INTO documents (kind, key, version, updated, body) "
	        "SELECT $1::text, $2::text, version + 1, $4::int8, $5::bytea FROM "
	        "(SELECT coalesce(max(version), 0) AS version FROM documents "
	        "WHERE kind = $1::text AND key = $2::text) AS old WHERE $3::int8 IN (-1, version) "
	        "ON CONFLICT (kind, key) DO UPDATE SET version = excluded.version, "
	        "updated = excluded.updated, body = excluded.body RETURNING version",
	[PG_DOCUMENT_REMOVE] =
	        "WITH gone AS (DELETE FROM documents WHERE kind = $1::text AND key = $2::text "
	        "RETURNING version) SELECT version FROM (SELECT coalesce(max(version), 0) AS "
	        "version FROM gone) AS old WHERE $3::int8 IN (-1, version)",
	[PG_AUDIT_ADD] = "INSERT INTO audits (seq, time, who, what, kind, key, note) SELECT last, "
	                 "$1::int8, $2::text, $3::text, $4::text, $5::text, $6::text FROM arrival "
	                 "WHERE arrival.what = 'audit'",
	[PG_AUDIT_LIST] = "SELECT seq, time, who, what, kind, key, note FROM audits "
	                  "WHERE kind = $1::text AND key >= $2::text AND "
	                  "key < $2::text || chr(1114111) AND seq > $3::int8 ORDER BY seq "
	                  "LIMIT $4::int8",
	[PG_ROLLBACK] = "ROLLBACK",
	/* The next places after $2, and how many of their reports went. */
	[PG_PRUNE] =
	        "WITH next AS (SELECT guest, seq, id, received FROM reports WHERE seq > $2::int8 "
	        "ORDER BY seq LIMIT 1000), old AS (SELECT guest, seq, id FROM next WHERE received "
	        "< $1::int8 AND NOT EXISTS (SELECT 1 FROM latest WHERE latest.guest = next.guest "
	        "AND latest.report = next.id)), gone AS (DELETE FROM reports USING old WHERE "
	        "reports.guest = old.guest AND reports.seq = old.seq), bare AS (DELETE FROM bodies "
	        "USING old WHERE bodies.id = old.id) "
	        "SELECT coalesce(max(seq), 0), (SELECT count(*) FROM old) FROM next",
	[PG_PRUNE_PROFILES] = "WITH old AS (DELETE FROM profiles WHERE profile NOT IN "
	                      "(SELECT profile FROM latest) RETURNING profile) "
	                      "DELETE FROM profile_findings USING old "
	                      "WHERE profile_findings.profile = old.profile",
};

const char *pg_sql_text(enum pg_sql sql)
{
	return texts[sql];
}
