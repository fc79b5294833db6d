/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries.  A long one sees the store as of its beginning and stops nobody from writing (WAL). */
#include "collector/sqlite_base.h"

#define LAST_GUEST "g" /* a guest is hexadecimal, and all of that sorts before */

static void bind_filter(sqlite3_stmt *statement, const struct store_filter *filter)
{
	if (filter == NULL)
		return;
	sqlite_bind(statement, 1, filter->platform);
	sqlite_bind(statement, 2, filter->target);
	sqlite_bind(statement, 3, filter->verdict);
	sqlite_bind(statement, 4, filter->lab);
	sqlite_bind(statement, 5, filter->guest);
	if (filter->received_before != 0)
		sqlite3_bind_int64(statement, 6, filter->received_before);
	if (filter->received_since != 0)
		sqlite3_bind_int64(statement, 7, filter->received_since);
}

struct report_taker {
	store_take_report take;
	void *context;
};

static int take_report(sqlite3_stmt *row, void *context)
{
	const struct report_taker *taker = context;
	const struct store_report report = {
		.id = sqlite_text(row, 0),
		.guest = sqlite_text(row, 1),
		.lab = sqlite_text(row, 2),
		.name = sqlite_text(row, 3),
		.hostname = sqlite_text(row, 4),
		.platform = sqlite_text(row, 5),
		.target = sqlite_text(row, 6),
		.verdict = sqlite_text(row, 7),
		.basis = sqlite_text(row, 8),
		.agent = sqlite_text(row, 9),
		.seq = sqlite3_column_int64(row, 10),
		.time = sqlite3_column_int64(row, 11),
		.received = sqlite3_column_int64(row, 12),
		.changed = sqlite3_column_int(row, 13) != 0,
		.standing = { .traits = sqlite_text(row, 14),
		              .traits_ready = sqlite_text(row, 15),
		              .traits_lost = sqlite_text(row, 16),
		              .lost = sqlite3_column_int64(row, 17) },
	};
	return taker->take(taker->context, &report);
}

int sqlite_latest(struct store *store, const struct store_filter *filter, const char *after_guest,
                  const char *after_target, unsigned limit, store_take_report take, void *context,
                  struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_LATEST_LIST, err);
	if (list == NULL)
		return -1;
	bind_filter(list, filter);
	/*
	 * The part of the table to look at, for its index: the filter alone would read all of it to
	 * find one guest.  Not sqlite_bind: everything is greater than "", and nothing than NULL.
	 */
	const char *guest = filter == NULL ? NULL : filter->guest;
	if (after_guest == NULL || after_guest[0] == '\0')
		after_guest = guest == NULL ? "" : guest;
	sqlite3_bind_text(list, 8, after_guest, -1, SQLITE_STATIC);
	sqlite3_bind_text(list, 9, after_target == NULL ? "" : after_target, -1, SQLITE_STATIC);
	sqlite3_bind_text(list, 10, guest == NULL ? LAST_GUEST : guest, -1, SQLITE_STATIC);
	sqlite3_bind_int64(list, 11, limit);
	sqlite_bind(list, 12, filter == NULL ? NULL : filter->gap);
	struct report_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_report, &taker, err);
}

int sqlite_history(struct store *store, const char *guest, int64_t before, unsigned limit,
                   store_take_report take, void *context, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_HISTORY, err);
	if (list == NULL)
		return -1;
	sqlite_bind(list, 1, guest);
	sqlite3_bind_int64(list, 2, before == 0 ? INT64_MAX : before);
	sqlite3_bind_int64(list, 3, limit);
	struct report_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_report, &taker, err);
}

int sqlite_since(struct store *store, const struct store_filter *filter, int64_t after,
                 bool changes, unsigned limit, store_take_report take, void *context,
                 struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_SINCE, err);
	if (list == NULL)
		return -1;
	bind_filter(list, filter);
	sqlite3_bind_int64(list, 8, after);
	sqlite3_bind_int(list, 9, changes);
	sqlite3_bind_int64(list, 10, limit);
	struct report_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_report, &taker, err);
}

static int take_last(sqlite3_stmt *row, void *context)
{
	*(int64_t *)context = sqlite3_column_int64(row, 0);
	return 0;
}

int sqlite_last(struct store *store, int64_t *seq, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *find = sqlite_prepare(sqlite, SQL_LAST, err);
	return find == NULL ? -1 : sqlite_each(sqlite, find, take_last, seq, err);
}

struct body_taker {
	store_take_body take;
	void *context;
};

static int take_body(sqlite3_stmt *row, void *context)
{
	const struct body_taker *taker = context;
	const void *body = sqlite3_column_blob(row, 0);
	return taker->take(taker->context, body, (size_t)sqlite3_column_bytes(row, 0));
}

int sqlite_body(struct store *store, const char *id, store_take_body take, void *context,
                struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *find = sqlite_prepare(sqlite, SQL_BODY, err);
	if (find == NULL)
		return -1;
	sqlite_bind(find, 1, id);
	struct body_taker taker = { take, context };
	return sqlite_each(sqlite, find, take_body, &taker, err);
}

struct count_taker {
	store_take_count take;
	void *context;
};

static int take_count(sqlite3_stmt *row, void *context)
{
	const struct count_taker *taker = context;
	const struct store_count count = {
		.target = sqlite_text(row, 0),
		.finding = sqlite_text(row, 1),
		.outcome = sqlite_text(row, 2),
		.severity = sqlite_text(row, 3),
		.gap = sqlite_text(row, 4),
		.guests = sqlite3_column_int64(row, 5),
	};
	return taker->take(taker->context, &count);
}

int sqlite_findings(struct store *store, const struct store_filter *filter, bool all,
                    store_take_count take, void *context, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_FINDINGS, err);
	if (list == NULL)
		return -1;
	bind_filter(list, filter);
	sqlite3_bind_int(list, 8, all);
	struct count_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_count, &taker, err);
}

struct gap_taker {
	store_take_gap take;
	void *context;
};

static int take_gap(sqlite3_stmt *row, void *context)
{
	const struct gap_taker *taker = context;
	const struct store_gap gap = {
		.target = sqlite_text(row, 0),
		.gap = sqlite_text(row, 1),
		.guests = sqlite3_column_int64(row, 2),
	};
	return taker->take(taker->context, &gap);
}

int sqlite_gaps(struct store *store, const struct store_filter *filter, store_take_gap take,
                void *context, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_GAPS, err);
	if (list == NULL)
		return -1;
	bind_filter(list, filter);
	struct gap_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_gap, &taker, err);
}

struct group_taker {
	store_take_group take;
	void *context;
};

static int take_group(sqlite3_stmt *row, void *context)
{
	const struct group_taker *taker = context;
	const struct store_group group = {
		.platform = sqlite_text(row, 0),
		.target = sqlite_text(row, 1),
		.verdict = sqlite_text(row, 2),
		.guests = sqlite3_column_int64(row, 3),
		.stale = sqlite3_column_int64(row, 4),
	};
	return taker->take(taker->context, &group);
}

int sqlite_overview(struct store *store, int64_t stale, store_take_group take, void *context,
                    struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_OVERVIEW, err);
	if (list == NULL)
		return -1;
	sqlite3_bind_int64(list, 1, stale);
	struct group_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_group, &taker, err);
}

struct cohort_taker {
	store_take_cohort take;
	void *context;
};

static int take_cohort(sqlite3_stmt *row, void *context)
{
	const struct cohort_taker *taker = context;
	const struct store_cohort cohort = {
		.trait = sqlite3_column_int(row, 0),
		.value = sqlite_text(row, 1),
		.guests = sqlite3_column_int64(row, 2),
		.ready = sqlite3_column_int64(row, 3),
		.degraded = sqlite3_column_int64(row, 4),
		.not_ready = sqlite3_column_int64(row, 5),
		.indeterminate = sqlite3_column_int64(row, 6),
		.stale = sqlite3_column_int64(row, 7),
	};
	return taker->take(taker->context, &cohort);
}

int sqlite_cohorts(struct store *store, const struct store_filter *filter, int64_t stale,
                   unsigned traits, store_take_cohort take, void *context, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_COHORTS, err);
	if (list == NULL)
		return -1;
	bind_filter(list, filter);
	sqlite3_bind_int64(list, 8, stale);
	sqlite3_bind_int64(list, 9, traits);
	struct cohort_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_cohort, &taker, err);
}

struct loss_taker {
	store_take_loss take;
	void *context;
};

static int take_loss(sqlite3_stmt *row, void *context)
{
	const struct loss_taker *taker = context;
	const struct store_loss loss = {
		.trait = sqlite3_column_int(row, 0),
		.before = sqlite_text(row, 1),
		.after = sqlite_text(row, 2),
		.guests = sqlite3_column_int64(row, 3),
		.first = sqlite3_column_int64(row, 4),
		.last = sqlite3_column_int64(row, 5),
	};
	return taker->take(taker->context, &loss);
}

int sqlite_losses(struct store *store, const struct store_filter *filter, store_take_loss take,
                  void *context, struct error *err)
{
	struct sqlite_store *sqlite = sqlite_of(store);
	sqlite3_stmt *list = sqlite_prepare(sqlite, SQL_LOSSES, err);
	if (list == NULL)
		return -1;
	bind_filter(list, filter);
	struct loss_taker taker = { take, context };
	return sqlite_each(sqlite, list, take_loss, &taker, err);
}
