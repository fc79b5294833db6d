/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A batch of reports in one transaction: one fsync for all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/sqlite_base.h"

/* What is known of a guest and a target before a report is added. */
struct before {
	bool known;
	bool newer;               /* the one that is there is newer than this one */
	bool same;                /* it says the same */
	struct standing standing; /* of copies below */
	char *texts[3];
};

static void forget(struct before *before)
{
	for (size_t i = 0; i < 3; i++)
		free(before->texts[i]);
}

/* The statement's columns are gone when it is used again. */
static int keep_standing(sqlite3_stmt *row, struct before *before, struct error *err)
{
	const char **const to[] = { &before->standing.traits, &before->standing.traits_ready,
		                    &before->standing.traits_lost };
	before->standing = (struct standing){ "", "", "", sqlite3_column_int64(row, 9) };
	for (int i = 0; i < 3; i++) {
		before->texts[i] = strdup(sqlite_text(row, 6 + i));
		if (before->texts[i] == NULL)
			return error_set(err, ERROR_INTERNAL, 0, "out of memory");
		*to[i] = before->texts[i];
	}
	return 0;
}

/* One line of a profile (collector/intake.h) becomes a row. */
static int add_finding(struct sqlite_store *sqlite, sqlite3_int64 profile, const char *line,
                       size_t length, struct error *err)
{
	const char *words[4];
	int lengths[4];
	for (int i = 0; i < 4; i++) {
		const char *end = i == 3 ? line + length : memchr(line, ' ', length);
		words[i] = line;
		lengths[i] = (int)(end - line);
		length -= (size_t)(end - line) + (i < 3);
		line = end + 1;
	}
	sqlite3_stmt *add = sqlite_prepare(sqlite, SQL_PROFILE_FINDING, err);
	if (add == NULL)
		return -1;
	sqlite3_bind_int64(add, 1, profile);
	for (int i = 0; i < 4; i++) {
		if (i < 3 || strncmp(words[i], "-", (size_t)lengths[i]) != 0)
			sqlite3_bind_text(add, 2 + i, words[i], lengths[i], SQLITE_STATIC);
	}
	return sqlite_run(sqlite, add, err, "adding a finding");
}

static int add_profile(struct sqlite_store *sqlite, const char *text, sqlite3_int64 *profile,
                       struct error *err)
{
	sqlite3_stmt *add = sqlite_prepare(sqlite, SQL_PROFILE_ADD, err);
	if (add == NULL)
		return -1;
	sqlite3_bind_text(add, 1, text, -1, SQLITE_STATIC);
	if (sqlite_run(sqlite, add, err, "adding findings") != 0)
		return -1;
	*profile = sqlite3_last_insert_rowid(sqlite->db);
	for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		if (add_finding(sqlite, *profile, text, (size_t)(end - text), err) != 0)
			return -1;
	}
	return 0;
}

static int find_profile(struct sqlite_store *sqlite, const char *text, sqlite3_int64 *profile,
                        struct error *err)
{
	sqlite3_stmt *find = sqlite_prepare(sqlite, SQL_PROFILE_FIND, err);
	if (find == NULL)
		return -1;
	sqlite3_bind_text(find, 1, text, -1, SQLITE_STATIC);
	int status = sqlite3_step(find);
	if (status == SQLITE_ROW)
		*profile = sqlite3_column_int64(find, 0);
	else if (status != SQLITE_DONE)
		sqlite_failed(sqlite, err, "looking for findings");
	sqlite3_reset(find);
	if (status == SQLITE_DONE)
		return add_profile(sqlite, text, profile, err);
	return status == SQLITE_ROW ? 0 : -1;
}

/*
 * A guest whose clock is ahead must not hide what it says later, so that a report counts from when
 * it came in if it claims to be from after that.
 */
static int64_t counts_from(const struct intake *intake, int64_t now)
{
	return intake->time_ms < now ? intake->time_ms : now;
}

static int look_before(struct sqlite_store *sqlite, const struct intake *intake, int64_t now,
                       sqlite3_int64 profile, struct before *before, struct error *err)
{
	sqlite3_stmt *find = sqlite_prepare(sqlite, SQL_LATEST_FIND, err);
	if (find == NULL)
		return -1;
	sqlite_bind(find, 1, intake->guest);
	sqlite_bind(find, 2, intake->target);
	int status = sqlite3_step(find);
	*before = (struct before){ .known = status == SQLITE_ROW, .standing = { "", "", "", 0 } };
	int kept = before->known ? keep_standing(find, before, err) : 0;
	if (before->known) {
		int64_t at = sqlite3_column_int64(find, 0);
		int64_t mine = counts_from(intake, now);
		/* UUIDs of version 7 grow with time. */
		before->newer =
		        at > mine || (at == mine && strcmp(sqlite_text(find, 1), intake->id) > 0);
		before->same = strcmp(sqlite_text(find, 2), intake->platform) == 0 &&
		               strcmp(sqlite_text(find, 3), intake->verdict) == 0 &&
		               strcmp(sqlite_text(find, 4), intake->basis) == 0 &&
		               sqlite3_column_int64(find, 5) == profile;
	} else if (status != SQLITE_DONE) {
		kept = sqlite_failed(sqlite, err, "looking for the guest");
	}
	sqlite3_reset(find);
	return kept;
}

static int put_latest(struct sqlite_store *sqlite, const struct intake *intake, int64_t now,
                      sqlite3_int64 profile, int64_t seq, const struct standing *before,
                      struct error *err)
{
	const struct standing next = standing_next(
	        before, intake->verdict, text_string(&intake->traits), counts_from(intake, now));
	sqlite3_stmt *put = sqlite_prepare(sqlite, SQL_LATEST_PUT, err);
	if (put == NULL)
		return -1;
	const char *const words[] = { intake->guest,   intake->target,   intake->lab,
		                      intake->name,    intake->hostname, intake->platform,
		                      intake->verdict, intake->basis,    intake->agent };
	for (int i = 0; i < 9; i++)
		sqlite_bind(put, i + 1, words[i]);
	sqlite3_bind_int64(put, 10, profile);
	sqlite_bind(put, 11, intake->id);
	sqlite3_bind_int64(put, 12, seq);
	sqlite3_bind_int64(put, 13, counts_from(intake, now));
	sqlite3_bind_int64(put, 14, intake->time_ms);
	sqlite3_bind_int64(put, 15, now);
	sqlite_bind(put, 16, next.traits);
	sqlite_bind(put, 17, next.traits_ready);
	sqlite_bind(put, 18, next.traits_lost);
	sqlite3_bind_int64(put, 19, next.lost);
	return sqlite_run(sqlite, put, err, "noting the guest's newest report");
}

static int put_heard(struct sqlite_store *sqlite, const struct intake *intake, int64_t now,
                     struct error *err)
{
	sqlite3_stmt *put = sqlite_prepare(sqlite, SQL_LATEST_HEARD, err);
	if (put == NULL)
		return -1;
	sqlite_bind(put, 1, intake->guest);
	sqlite_bind(put, 2, intake->target);
	sqlite3_bind_int64(put, 3, now);
	return sqlite_run(sqlite, put, err, "noting that a guest was heard of");
}

static int add_report(struct sqlite_store *sqlite, const struct intake *intake, int64_t now,
                      bool changed, struct error *err)
{
	sqlite3_stmt *add = sqlite_prepare(sqlite, SQL_REPORT_ADD, err);
	if (add == NULL)
		return -1;
	const char *const words[] = { intake->id,     intake->guest,    intake->lab,
		                      intake->name,   intake->hostname, intake->platform,
		                      intake->target, intake->verdict,  intake->basis,
		                      intake->agent };
	for (int i = 0; i < 10; i++)
		sqlite_bind(add, i + 1, words[i]);
	sqlite3_bind_int64(add, 11, intake->time_ms);
	sqlite3_bind_int64(add, 12, now);
	sqlite3_bind_int(add, 13, changed);
	sqlite3_bind_blob64(add, 14, intake->body, intake->length, SQLITE_STATIC);
	return sqlite_run(sqlite, add, err, "adding a report");
}

/* What is there under the id of this report: nothing (*found false), the same or another. */
static int find_report(struct sqlite_store *sqlite, const struct intake *intake, bool *found,
                       struct store_receipt *receipt, struct error *err)
{
	sqlite3_stmt *find = sqlite_prepare(sqlite, SQL_REPORT_FIND, err);
	if (find == NULL)
		return -1;
	sqlite_bind(find, 1, intake->id);
	int status = sqlite3_step(find);
	*found = status == SQLITE_ROW;
	if (*found) {
		const void *body = sqlite3_column_blob(find, 3);
		bool same = (size_t)sqlite3_column_bytes(find, 3) == intake->length &&
		            memcmp(body, intake->body, intake->length) == 0 &&
		            strcmp(sqlite_text(find, 1), intake->guest) == 0;
		receipt->outcome = same ? STORE_SAME : STORE_OTHER;
		receipt->seq = sqlite3_column_int64(find, 0);
		receipt->changed = sqlite3_column_int(find, 2) != 0;
	} else if (status != SQLITE_DONE) {
		sqlite_failed(sqlite, err, "looking for a report");
	}
	sqlite3_reset(find);
	return status == SQLITE_ROW || status == SQLITE_DONE ? 0 : -1;
}

static int ingest_new(struct sqlite_store *sqlite, const struct intake *intake, int64_t now,
                      sqlite3_int64 profile, const struct before *before,
                      struct store_receipt *receipt, struct error *err)
{
	receipt->outcome = STORE_NEW;
	receipt->changed = !before->known || (!before->newer && !before->same);
	if (add_report(sqlite, intake, now, receipt->changed, err) != 0)
		return -1;
	receipt->seq = sqlite3_last_insert_rowid(sqlite->db);
	return before->newer ? put_heard(sqlite, intake, now, err)
	                     : put_latest(sqlite, intake, now, profile, receipt->seq,
	                                  &before->standing, err);
}

static int ingest_one(struct sqlite_store *sqlite, const struct intake *intake, int64_t now,
                      struct store_receipt *receipt, struct error *err)
{
	bool found;
	if (find_report(sqlite, intake, &found, receipt, err) != 0)
		return -1;
	if (found)
		return 0;
	struct before before = { .known = false };
	sqlite3_int64 profile = 0;
	int status = find_profile(sqlite, text_string(&intake->profile), &profile, err);
	if (status == 0)
		status = look_before(sqlite, intake, now, profile, &before, err);
	if (status == 0)
		status = ingest_new(sqlite, intake, now, profile, &before, receipt, err);
	forget(&before);
	return status;
}

/* Commits what went well, undoes the rest. */
static int end(struct sqlite_store *sqlite, int status, struct error *err)
{
	if (status == 0)
		status = sqlite_run(sqlite, sqlite_prepare(sqlite, SQL_COMMIT, err), err,
		                    "committing");
	/* Some failures end the transaction by themselves. */
	if (status != 0 && !sqlite3_get_autocommit(sqlite->db))
		sqlite_run(sqlite, sqlite_prepare(sqlite, SQL_ROLLBACK, NULL), NULL, "undoing");
	return status;
}

int sqlite_ingest(struct store *store, const struct intake *const *batch, size_t count, int64_t now,
                  struct store_receipt *receipts, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	if (sqlite_run(sqlite, sqlite_prepare(sqlite, SQL_BEGIN, err), err, "beginning") != 0)
		return -1;
	int status = 0;
	for (size_t i = 0; i < count && status == 0; i++)
		status = ingest_one(sqlite, batch[i], now, &receipts[i], err);
	return end(sqlite, status, err);
}

static int hear(struct sqlite_store *sqlite, struct store_heard *heard, int64_t now,
                struct error *err)
{
	sqlite3_stmt *put = sqlite_prepare(sqlite, SQL_LATEST_HOLDS, err);
	if (put == NULL)
		return -1;
	const char *const words[] = { heard->guest, heard->target, heard->verdict, heard->report };
	for (int i = 0; i < 4; i++)
		sqlite_bind(put, i + 1, words[i]);
	sqlite3_bind_int64(put, 5, now);
	if (sqlite_run(sqlite, put, err, "noting that a guest was heard of") != 0)
		return -1;
	heard->known = sqlite3_changes(sqlite->db) > 0;
	return 0;
}

int sqlite_heard(struct store *store, struct store_heard *const *batch, size_t count, int64_t now,
                 struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	if (sqlite_run(sqlite, sqlite_prepare(sqlite, SQL_BEGIN, err), err, "beginning") != 0)
		return -1;
	int status = 0;
	for (size_t i = 0; i < count && status == 0; i++)
		status = hear(sqlite, batch[i], now, err);
	return end(sqlite, status, err);
}
