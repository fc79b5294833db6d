/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For who watches the collector itself (OpenMetrics text 1.0), and for who writes a program that
 * asks it.
 */
#include "collector/routes.h"

/* collector/openapi.json, embedded when building. */
extern const char *const openapi;

void route_openapi(struct exchange *exchange)
{
	exchange->answer.status = 200;
	exchange->answer.type = "application/json";
	text_add(&exchange->answer.text, openapi);
}

static void say(struct exchange *exchange, unsigned status, const char *word)
{
	exchange->answer.status = status;
	exchange->answer.type = "text/plain; charset=utf-8";
	text_add(&exchange->answer.text, word);
}

void route_healthz(struct exchange *exchange)
{
	say(exchange, 200, "ok\n");
}

/* Reports are taken: the last commit went well, and there is room for another. */
void route_readyz(struct exchange *exchange)
{
	struct server *server = exchange->server;
	if (server->ending)
		say(exchange, 503, "ending\n");
	else if (server->broken)
		say(exchange, 503, "the store refused the last commit\n");
	else if (lane_length(server->writer) >= server->settings->queue_max)
		say(exchange, 503, "the queue is full\n");
	else
		say(exchange, 200, "ok\n");
}

static void write_transitions(struct courier_counts counts, struct text *out)
{
	text_printf(out,
	            "# TYPE nestready_collector_transitions counter\n"
	            "# HELP nestready_collector_transitions Guests whose readiness changed and "
	            "stayed so.\n"
	            "nestready_collector_transitions_total{readiness=\"lost\"} %llu\n"
	            "nestready_collector_transitions_total{readiness=\"gained\"} %llu\n"
	            "# TYPE nestready_collector_webhook counter\n"
	            "# HELP nestready_collector_webhook Attempts to tell the webhook.\n"
	            "nestready_collector_webhook_total{result=\"told\"} %llu\n"
	            "nestready_collector_webhook_total{result=\"failed\"} %llu\n",
	            (unsigned long long)counts.lost, (unsigned long long)counts.gained,
	            (unsigned long long)counts.told, (unsigned long long)counts.failed);
}

/* What an acknowledgement waits for, besides those before it: the disk. */
static void write_commits(struct lane_counts counts, struct text *out)
{
	text_add(out,
	         "# TYPE nestready_collector_commit_seconds histogram\n"
	         "# UNIT nestready_collector_commit_seconds seconds\n"
	         "# HELP nestready_collector_commit_seconds How long groups of reports took to be "
	         "on disk.\n");
	for (size_t i = 0; i < LANE_TIMES; i++)
		text_printf(out, "nestready_collector_commit_seconds_bucket{le=\"%u.%03u\"} %llu\n",
		            lane_times_ms[i] / 1000, lane_times_ms[i] % 1000,
		            (unsigned long long)counts.within[i]);
	text_printf(out,
	            "nestready_collector_commit_seconds_bucket{le=\"+Inf\"} %llu\n"
	            "nestready_collector_commit_seconds_count %llu\n"
	            "nestready_collector_commit_seconds_sum %llu.%09llu\n",
	            (unsigned long long)counts.batches, (unsigned long long)counts.batches,
	            (unsigned long long)(counts.ns / 1000000000),
	            (unsigned long long)(counts.ns % 1000000000));
}

void route_metrics(struct exchange *exchange)
{
	const struct server *server = exchange->server;
	const struct tally *tally = &server->tally;
	struct text *out = &exchange->answer.text;
	const struct {
		const char *result;
		uint64_t count;
	} reports[] = {
		{ "new", tally->reports_new },         { "same", tally->reports_same },
		{ "other", tally->reports_other },     { "refused", tally->reports_refused },
		{ "delayed", tally->reports_delayed },
	};
	exchange->answer.status = 200;
	exchange->answer.type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
	text_add(out, "# TYPE nestready_collector_reports counter\n"
	              "# HELP nestready_collector_reports Reports that came in, by what became of "
	              "them.\n");
	for (size_t i = 0; i < sizeof reports / sizeof reports[0]; i++)
		text_printf(out, "nestready_collector_reports_total{result=\"%s\"} %llu\n",
		            reports[i].result, (unsigned long long)reports[i].count);
	text_printf(out,
	            "# TYPE nestready_collector_heartbeats counter\n"
	            "# HELP nestready_collector_heartbeats Heartbeats, by whether they stand for "
	            "the newest report of their guest.\n"
	            "nestready_collector_heartbeats_total{result=\"known\"} %llu\n"
	            "nestready_collector_heartbeats_total{result=\"unknown\"} %llu\n",
	            (unsigned long long)tally->heartbeats_known,
	            (unsigned long long)tally->heartbeats_unknown);
	write_transitions(courier_counts(server->courier), out);
	write_commits(lane_counts(server->writer), out);
	const struct {
		const char *name, *type, *suffix, *help;
		unsigned long long value;
	} rest[] = {
		{ "expired", "counter", "_total", "Connections that took too long.",
		  tally->expired },
		{ "connections", "gauge", "", "Open connections.", server->clients.count },
		{ "queue", "gauge", "", "Reports that wait for the disk.",
		  lane_length(server->writer) },
		{ "body_bytes", "gauge", "", "Bytes of reports that are coming in.",
		  server->body_bytes },
	};
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
		text_printf(out,
		            "# TYPE nestready_collector_%s %s\n# HELP nestready_collector_%s %s\n"
		            "nestready_collector_%s%s %llu\n",
		            rest[i].name, rest[i].type, rest[i].name, rest[i].help, rest[i].name,
		            rest[i].suffix, rest[i].value);
	text_add(out, "# EOF\n");
}
