/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report comes in: checked on the loop, written in a group, acknowledged when it is on disk. */
#include <stdio.h>
#include <string.h>

#include "collector/events.h"
#include "collector/identity.h"
#include "collector/lab.h"
#include "collector/routes.h"
#include "collector/words.h"

static void acknowledge(struct exchange *exchange)
{
	struct tally *tally = &exchange->server->tally;
	switch (exchange->receipt.outcome) {
	case STORE_OTHER:
		tally->reports_other++;
		answer_problem(&exchange->answer, 409, "other-report", "Another report has this id",
		               exchange->intake.id);
		return;
	case STORE_SAME:
		tally->reports_same++;
		break;
	case STORE_NEW:
		tally->reports_new++;
		events_look(exchange->server);
		break;
	}
	/* The same for a report that was there: who asks again lost the first answer. */
	answer_json(&exchange->answer, json_pack("{s:s, s:s}", "id", exchange->intake.id, "guest",
	                                         exchange->intake.guest));
}

static void on_committed(struct lane_job *job)
{
	exchange_committed(job, acknowledge);
}

/*
 * A report of a lab becomes its student's attempt, before it is acknowledged: who lost the
 * acknowledgement sends it again, and then it is made up for.
 */
static int note_lab(struct exchange *exchange, struct store *store, int64_t now)
{
	if (exchange->lab[0] == '\0' || exchange->receipt.outcome == STORE_OTHER)
		return 0;
	return lab_note(store, &exchange->server->labs, exchange->lab, NULL, exchange->token,
	                &exchange->intake, now, &exchange->err);
}

/* Who sent the reports that are in the store. */
static int note_identities(struct store *store, const struct intake *const *batch,
                           const struct store_receipt *receipts, size_t count, int64_t now,
                           struct error *err)
{
	const struct intake *kept[LANE_BATCH_MAX];
	size_t kept_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (receipts[i].outcome != STORE_OTHER)
			kept[kept_count++] = batch[i];
	}
	return identity_note(store, kept, kept_count, now, err);
}

static void commit(struct store *store, struct exchange *const *exchanges, size_t count)
{
	const struct intake *batch[LANE_BATCH_MAX];
	struct store_receipt receipts[LANE_BATCH_MAX];
	struct error err = ERROR_INIT;
	int64_t now = server_now();
	for (size_t i = 0; i < count; i++)
		batch[i] = &exchanges[i]->intake;
	int status = store->type->ingest(store, batch, count, now, receipts, &err);
	if (status == 0)
		status = note_identities(store, batch, receipts, count, now, &err);
	for (size_t i = 0; i < count; i++) {
		struct exchange *exchange = exchanges[i];
		exchange->failed = status != 0;
		exchange->err = err;
		if (status == 0) {
			exchange->receipt = receipts[i];
			exchange->failed = note_lab(exchange, store, now) != 0;
		}
	}
}

void route_report_commit(void *context, struct lane_job *const *jobs, size_t count)
{
	struct server *server = context;
	struct exchange *reports[LANE_BATCH_MAX], *heartbeats[LANE_BATCH_MAX];
	size_t report_count = 0, heartbeat_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct exchange *exchange = exchange_of(jobs[i]);
		if (jobs[i] == &server->renewal.job || exchange->route->query != NULL)
			jobs[i]->work(jobs[i]); /* a change of something else */
		else if (exchange->route->handle == route_heartbeat_add)
			heartbeats[heartbeat_count++] = exchange;
		else
			reports[report_count++] = exchange;
	}
	if (report_count > 0)
		commit(server->write_store, reports, report_count);
	if (heartbeat_count > 0) /* after the reports that they may stand for */
		route_heartbeat_commit(server->write_store, heartbeats, heartbeat_count);
}

/* A token that is bound to a guest speaks for no other. */
static bool speaks_for(const struct exchange *exchange)
{
	return exchange->name[0] == '\0' || strcmp(exchange->name, exchange->intake.name) == 0;
}

void route_report_add(struct exchange *exchange)
{
	struct error err = ERROR_INIT;
	bool well_formed = false;
	char *body = exchange->body.data;
	size_t length = exchange->body.length;
	exchange->body.data = NULL; /* the intake's, or gone */
	int status = -1;
	if (body == NULL)
		error_set(&err, ERROR_BAD_INPUT, 0, "empty");
	else
		status = intake_read(body, length, exchange->lab, &exchange->intake, &well_formed,
		                     &err);
	if (status != 0 && err.code != ERROR_BAD_INPUT)
		answer_problem(&exchange->answer, 503, "memory", "Out of memory", NULL);
	else if (status != 0 && !well_formed)
		answer_problem(&exchange->answer, 400, "not-json", "This is no JSON", err.message);
	else if (status != 0)
		answer_problem(&exchange->answer, 422, "not-a-report",
		               "This is no nestready.report/1", err.message);
	else if (!speaks_for(exchange))
		answer_problem(&exchange->answer, 403, "other-guest",
		               "This token belongs to another guest", exchange->name);
	if (exchange->answer.status == 0)
		exchange_put(exchange, exchange->server->writer, on_committed);
}

static int take_body(void *context, const char *body, size_t length)
{
	struct answer *answer = context;
	answer->status = 200;
	answer->type = "application/json";
	text_add_bytes(&answer->text, body, length);
	return answer->text.failed ? -1 : 0;
}

int route_report(struct exchange *exchange, struct store *store, struct error *err)
{
	if (word_is_uuid7(exchange->parameter) &&
	    store->type->body(store, exchange->parameter, take_body, &exchange->answer, err) != 0)
		return -1;
	if (exchange->answer.text.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (exchange->answer.status == 0)
		answer_problem(&exchange->answer, 404, "not-found", "There is no such report",
		               NULL);
	return 0;
}
