/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about guests. */
#include "collector/asked.h"
#include "collector/routes.h"
#include "collector/rows.h"

static void not_found(struct exchange *exchange)
{
	answer_problem(&exchange->answer, 404, "not-found", "There is no such guest", NULL);
}

int route_guests(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	if (!asked_read_guests(exchange, &asked))
		return 0;
	struct rows rows = { .list = json_array(),
		             .stale = asked_stale(exchange),
		             .limit = asked.limit,
		             .by_guest = true };
	int status =
	        store->type->latest(store, &asked.filter, asked.cursor_guest, asked.cursor_target,
	                            asked.limit + 1, rows_take_report, &rows, err);
	json_t *page = rows_page(&rows, "guests");
	if (status == 0)
		answer_json(&exchange->answer, page);
	else
		json_decref(page);
	return status;
}

/* A guest has one row a target; there are as many targets as knowledge has, some ten. */
#define TARGETS_MAX 1000

int route_guest(struct exchange *exchange, struct store *store, struct error *err)
{
	struct store_filter filter = { .guest = exchange->parameter };
	struct rows rows = { .list = json_array(),
		             .stale = asked_stale(exchange),
		             .limit = TARGETS_MAX,
		             .by_guest = true };
	int status = store->type->latest(store, &filter, NULL, NULL, TARGETS_MAX, rows_take_report,
	                                 &rows, err);
	bool empty = json_array_size(rows.list) == 0;
	json_t *page = rows_page(&rows, "targets");
	if (status != 0 || (empty && !rows.failed)) {
		json_decref(page);
		if (status == 0)
			not_found(exchange);
		return status;
	}
	json_object_del(page, "next");
	answer_json(&exchange->answer, page);
	return 0;
}

/* The newest of a guest's newest reports, one of which there is for each target. */
struct newest {
	char id[37];
	int64_t seq;
};

static int take_newest(void *context, const struct store_report *row)
{
	struct newest *newest = context;
	if (row->seq > newest->seq) {
		newest->seq = row->seq;
		text_cut(newest->id, sizeof newest->id, row->id);
	}
	return 0;
}

int route_guest_latest(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	struct newest newest = { .seq = 0 };
	if (!asked_read(exchange, &asked))
		return 0;
	asked.filter.guest = exchange->parameter;
	if (store->type->latest(store, &asked.filter, NULL, NULL, TARGETS_MAX, take_newest, &newest,
	                        err) != 0)
		return -1;
	if (newest.seq == 0) {
		not_found(exchange);
		return 0;
	}
	text_cut(exchange->parameter, sizeof exchange->parameter, newest.id);
	return route_report(exchange, store, err);
}

int route_guest_reports(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	if (!asked_read(exchange, &asked))
		return 0;
	struct rows rows = { .list = json_array(), .limit = asked.limit };
	int status = store->type->history(store, exchange->parameter, asked.cursor, asked.limit + 1,
	                                  rows_take_report, &rows, err);
	json_t *page = rows_page(&rows, "reports");
	if (status == 0)
		answer_json(&exchange->answer, page);
	else
		json_decref(page);
	return status;
}
