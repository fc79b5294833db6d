/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about the fleet as a whole: what stands in the way where, and what changed. */
#include <stdio.h>

#include "collector/asked.h"
#include "collector/routes.h"
#include "collector/rows.h"

/* A list in the making, of rows that need no pages. */
struct sums {
	json_t *list;
	bool failed;
};

static int append(struct sums *sums, json_t *json)
{
	sums->failed = json_array_append_new(sums->list, json) != 0;
	return sums->failed ? 1 : 0;
}

/* Answers {NAME: [...]}; takes the list over. */
static int finish(struct exchange *exchange, struct sums *sums, const char *name, int status)
{
	json_t *json = sums->failed ? NULL : json_pack("{s:O}", name, sums->list);
	json_decref(sums->list);
	if (status == 0)
		answer_json(&exchange->answer, json);
	else
		json_decref(json);
	return status;
}

static int take_finding(void *context, const struct store_count *row)
{
	return append(context,
	              json_pack("{s:s, s:s, s:s, s:s, s:o, s:I}", "target", row->target, "finding",
	                        row->finding, "outcome", row->outcome, "severity", row->severity,
	                        "gap", answer_string(row->gap), "guests", (json_int_t)row->guests));
}

int route_findings(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	if (!asked_read(exchange, &asked))
		return 0;
	struct sums sums = { json_array(), false };
	int status =
	        store->type->findings(store, &asked.filter, asked.all, take_finding, &sums, err);
	return finish(exchange, &sums, "findings", status);
}

static int take_gap(void *context, const struct store_gap *row)
{
	return append(context, json_pack("{s:s, s:s, s:I}", "target", row->target, "gap", row->gap,
	                                 "guests", (json_int_t)row->guests));
}

int route_gaps(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	if (!asked_read(exchange, &asked))
		return 0;
	struct sums sums = { json_array(), false };
	int status = store->type->gaps(store, &asked.filter, take_gap, &sums, err);
	return finish(exchange, &sums, "gaps", status);
}

static int take_group(void *context, const struct store_group *row)
{
	return append(context, json_pack("{s:o, s:s, s:s, s:I, s:I}", "platform",
	                                 answer_string(row->platform), "target", row->target,
	                                 "verdict", row->verdict, "guests", (json_int_t)row->guests,
	                                 "stale", (json_int_t)row->stale));
}

int route_overview(struct exchange *exchange, struct store *store, struct error *err)
{
	struct sums sums = { json_array(), false };
	int status = store->type->overview(store, asked_stale(exchange), take_group, &sums, err);
	return finish(exchange, &sums, "groups", status);
}

int route_changes(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	if (!asked_read(exchange, &asked))
		return 0;
	struct rows rows = { .list = json_array(), .limit = asked.limit };
	int status = store->type->since(store, &asked.filter, asked.cursor, true, asked.limit + 1,
	                                rows_take_report, &rows, err);
	/* Whoever follows the changes goes on from the last one, also when there are no more yet.
	 */
	rows.more = rows.next[0] != '\0';
	if (!rows.more && asked.cursor != 0) {
		snprintf(rows.next, sizeof rows.next, "%lld", (long long)asked.cursor);
		rows.more = true;
	}
	json_t *page = rows_page(&rows, "changes");
	if (status == 0)
		answer_json(&exchange->answer, page);
	else
		json_decref(page);
	return status;
}
