/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A heartbeat comes in: as a report, but that it only moves when its guest was last heard of.  One
 * for a report that is not the guest's newest is refused for good, and the sender sends the report
 * itself at once.
 */
#include "collector/heartbeat.h"
#include "collector/routes.h"

#include <string.h>

static void acknowledge(struct exchange *exchange)
{
	struct tally *tally = &exchange->server->tally;
	const struct heartbeat *heartbeat = &exchange->heartbeat;
	if (!heartbeat->heard.known) {
		tally->heartbeats_unknown++;
		answer_problem(&exchange->answer, 409, "unknown-report",
		               "A whole report is needed: this is not the guest's newest",
		               heartbeat->heard.report);
		return;
	}
	tally->heartbeats_known++;
	answer_json(&exchange->answer,
	            json_pack("{s:s, s:s}", "id", heartbeat->id, "guest", heartbeat->heard.guest));
}

static void on_committed(struct lane_job *job)
{
	exchange_committed(job, acknowledge);
}

void route_heartbeat_commit(struct store *store, struct exchange *const *exchanges, size_t count)
{
	struct store_heard *batch[LANE_BATCH_MAX];
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < count; i++)
		batch[i] = &exchanges[i]->heartbeat.heard;
	int status = store->type->heard(store, batch, count, server_now(), &err);
	for (size_t i = 0; i < count; i++) {
		exchanges[i]->failed = status != 0;
		exchanges[i]->err = err;
	}
}

void route_heartbeat_add(struct exchange *exchange)
{
	struct error err = ERROR_INIT;
	struct heartbeat *heartbeat = &exchange->heartbeat;
	bool well_formed;
	if (heartbeat_read(text_string(&exchange->body), exchange->body.length, exchange->lab,
	                   heartbeat, &well_formed, &err) != 0)
		answer_problem(&exchange->answer, well_formed ? 422 : 400,
		               well_formed ? "not-a-heartbeat" : "not-json",
		               well_formed ? "This is no nestready.heartbeat/1" : "This is no JSON",
		               err.message);
	else if (exchange->name[0] != '\0' && strcmp(exchange->name, heartbeat->name) != 0)
		answer_problem(&exchange->answer, 403, "other-guest",
		               "This token belongs to another guest", exchange->name);
	else
		exchange_put(exchange, exchange->server->writer, on_committed);
}
