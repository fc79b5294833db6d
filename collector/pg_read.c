/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries.  Lists are read a page at a time, so that a whole result fits in memory. */
#include <string.h>

#include "collector/pg_base.h"

#define LAST_GUEST "g" /* a guest is hexadecimal, and all of that sorts before */

static void add_filter(struct pg_values *values, const struct store_filter *filter)
{
	static const struct store_filter open = { .platform = NULL };
	if (filter == NULL)
		filter = &open;
	pg_add_open(values, filter->platform);
	pg_add_open(values, filter->target);
	pg_add_open(values, filter->verdict);
	pg_add_open(values, filter->lab);
	pg_add_open(values, filter->guest);
	const int64_t times[] = { filter->received_before, filter->received_since };
	for (size_t i = 0; i < 2; i++) {
		if (times[i] == 0)
			pg_add_text(values, NULL);
		else
			pg_add_number(values, times[i]);
	}
}

static int list_reports(struct store *store, enum pg_sql sql, const struct pg_values *values,
                        store_take_report take, void *context, struct error *err)
{
	cleanup_pg_result PGresult *rows = pg_query(pg_of(store), sql, values, "reading", err);
	for (int i = 0; i < PQntuples(rows); i++) {
		const struct store_report report = {
			.id = pg_text(rows, i, 0),
			.guest = pg_text(rows, i, 1),
			.lab = pg_text(rows, i, 2),
			.name = pg_text(rows, i, 3),
			.hostname = pg_text(rows, i, 4),
			.platform = pg_text(rows, i, 5),
			.target = pg_text(rows, i, 6),
			.verdict = pg_text(rows, i, 7),
			.basis = pg_text(rows, i, 8),
			.agent = pg_text(rows, i, 9),
			.seq = pg_number(rows, i, 10),
			.time = pg_number(rows, i, 11),
			.received = pg_number(rows, i, 12),
			.changed = pg_text(rows, i, 13)[0] == 't',
			.standing = { .traits = pg_text(rows, i, 14),
			              .traits_ready = pg_text(rows, i, 15),
			              .traits_lost = pg_text(rows, i, 16),
			              .lost = pg_number(rows, i, 17) },
		};
		if (take(context, &report) != 0)
			break;
	}
	return rows == NULL ? -1 : 0;
}

int pg_latest(struct store *store, const struct store_filter *filter, const char *after_guest,
              const char *after_target, unsigned limit, store_take_report take, void *context,
              struct error *err)
{
	struct pg_values values = { .count = 0 };
	const char *guest = filter == NULL ? NULL : filter->guest;
	/* The part of the table to look at, for its index. */
	if (after_guest == NULL || after_guest[0] == '\0')
		after_guest = guest == NULL ? "" : guest;
	add_filter(&values, filter);
	pg_add_text(&values, after_guest);
	pg_add_text(&values, after_target == NULL ? "" : after_target);
	pg_add_text(&values, guest == NULL ? LAST_GUEST : guest);
	pg_add_number(&values, limit);
	pg_add_open(&values, filter == NULL ? NULL : filter->gap);
	return list_reports(store, PG_LATEST_LIST, &values, take, context, err);
}

int pg_history(struct store *store, const char *guest, int64_t before, unsigned limit,
               store_take_report take, void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	pg_add_text(&values, guest);
	pg_add_number(&values, before == 0 ? INT64_MAX : before);
	pg_add_number(&values, limit);
	return list_reports(store, PG_HISTORY, &values, take, context, err);
}

int pg_since(struct store *store, const struct store_filter *filter, int64_t after, bool changes,
             unsigned limit, store_take_report take, void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	add_filter(&values, filter);
	pg_add_number(&values, after);
	pg_add_number(&values, changes);
	pg_add_number(&values, limit);
	return list_reports(store, PG_SINCE, &values, take, context, err);
}

int pg_last(struct store *store, int64_t *seq, struct error *err)
{
	cleanup_pg_result PGresult *row = pg_query(pg_of(store), PG_LAST, NULL, "reading", err);
	if (row == NULL)
		return -1;
	*seq = pg_number(row, 0, 0);
	return 0;
}

int pg_body(struct store *store, const char *id, store_take_body take, void *context,
            struct error *err)
{
	struct pg_values values = { .count = 0 };
	pg_add_text(&values, id);
	cleanup_pg_result PGresult *row = pg_query(pg_of(store), PG_BODY, &values, "reading", err);
	if (PQntuples(row) == 1)
		take(context, PQgetvalue(row, 0, 0), (size_t)PQgetlength(row, 0, 0));
	return row == NULL ? -1 : 0;
}

int pg_findings(struct store *store, const struct store_filter *filter, bool all,
                store_take_count take, void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	add_filter(&values, filter);
	pg_add_number(&values, all);
	cleanup_pg_result PGresult *rows =
	        pg_query(pg_of(store), PG_FINDINGS, &values, "reading", err);
	for (int i = 0; i < PQntuples(rows); i++) {
		const struct store_count count = {
			.target = pg_text(rows, i, 0),
			.finding = pg_text(rows, i, 1),
			.outcome = pg_text(rows, i, 2),
			.severity = pg_text(rows, i, 3),
			.gap = pg_text(rows, i, 4),
			.guests = pg_number(rows, i, 5),
		};
		if (take(context, &count) != 0)
			break;
	}
	return rows == NULL ? -1 : 0;
}

int pg_gaps(struct store *store, const struct store_filter *filter, store_take_gap take,
            void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	add_filter(&values, filter);
	cleanup_pg_result PGresult *rows = pg_query(pg_of(store), PG_GAPS, &values, "reading", err);
	for (int i = 0; i < PQntuples(rows); i++) {
		const struct store_gap gap = {
			.target = pg_text(rows, i, 0),
			.gap = pg_text(rows, i, 1),
			.guests = pg_number(rows, i, 2),
		};
		if (take(context, &gap) != 0)
			break;
	}
	return rows == NULL ? -1 : 0;
}

int pg_overview(struct store *store, int64_t stale, store_take_group take, void *context,
                struct error *err)
{
	struct pg_values values = { .count = 0 };
	pg_add_number(&values, stale);
	cleanup_pg_result PGresult *rows =
	        pg_query(pg_of(store), PG_OVERVIEW, &values, "reading", err);
	for (int i = 0; i < PQntuples(rows); i++) {
		const struct store_group group = {
			.platform = pg_text(rows, i, 0),
			.target = pg_text(rows, i, 1),
			.verdict = pg_text(rows, i, 2),
			.guests = pg_number(rows, i, 3),
			.stale = pg_number(rows, i, 4),
		};
		if (take(context, &group) != 0)
			break;
	}
	return rows == NULL ? -1 : 0;
}

struct cohort_taker {
	store_take_cohort take;
	void *context;
};

static int take_cohort(void *context, const PGresult *row)
{
	const struct cohort_taker *taker = context;
	const struct store_cohort cohort = {
		.trait = (int)pg_number(row, 0, 0),
		.value = pg_text(row, 0, 1),
		.guests = pg_number(row, 0, 2),
		.ready = pg_number(row, 0, 3),
		.degraded = pg_number(row, 0, 4),
		.not_ready = pg_number(row, 0, 5),
		.indeterminate = pg_number(row, 0, 6),
		.stale = pg_number(row, 0, 7),
	};
	return taker->take(taker->context, &cohort);
}

int pg_cohorts(struct store *store, const struct store_filter *filter, int64_t stale,
               unsigned traits, store_take_cohort take, void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	struct cohort_taker taker = { take, context };
	add_filter(&values, filter);
	pg_add_number(&values, stale);
	pg_add_number(&values, traits);
	return pg_each(pg_of(store), PG_COHORTS, &values, take_cohort, &taker, err);
}

struct loss_taker {
	store_take_loss take;
	void *context;
};

static int take_loss(void *context, const PGresult *row)
{
	const struct loss_taker *taker = context;
	const struct store_loss loss = {
		.trait = (int)pg_number(row, 0, 0),
		.before = pg_text(row, 0, 1),
		.after = pg_text(row, 0, 2),
		.guests = pg_number(row, 0, 3),
		.first = pg_number(row, 0, 4),
		.last = pg_number(row, 0, 5),
	};
	return taker->take(taker->context, &loss);
}

int pg_losses(struct store *store, const struct store_filter *filter, store_take_loss take,
              void *context, struct error *err)
{
	struct pg_values values = { .count = 0 };
	struct loss_taker taker = { take, context };
	add_filter(&values, filter);
	return pg_each(pg_of(store), PG_LOSSES, &values, take_loss, &taker, err);
}
