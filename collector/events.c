/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A listener is asleep, or has text to send.  Only a sleeping one has a job at
 * the reader, so the two threads never hold it at once, and its connection
 * cannot end under the job.
 */
#include "collector/events.h"

#include <stdlib.h>
#include <string.h>

#include "collector/asked.h"
#include "collector/routes.h"
#include "collector/rows.h"

#define EVENTS_PER_LOOK 100
#define BLOCK_BYTES     4096
#define SEND_MS         60000 /* a piece has to be taken within this */

struct listener {
	struct listener *next, **link;
	struct exchange *exchange;
	struct asked asked;
	int64_t seq; /* the last event told; -1: nobody could say where to begin */
	bool busy;   /* the reader has the job */
	bool asleep;
	struct lane_job job;
	struct text text; /* events, of which `sent` bytes are out */
	size_t sent;
};

static struct listener *listener_of(struct lane_job *job)
{
	return (struct listener *)(void *)((char *)job - offsetof(struct listener, job));
}

static int take_event(void *context, const struct store_report *row)
{
	struct listener *listener = context;
	json_t *json = row_report(row, 0);
	char *dump = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (dump == NULL)
		return 1; /* told at the next look */
	text_printf(&listener->text, "id: %lld\nevent: %s\ndata: ", (long long)row->seq,
	            row->changed ? "change" : "report");
	text_add(&listener->text, dump);
	text_add(&listener->text, "\n\n");
	free(dump);
	listener->seq = row->seq;
	return 0;
}

/* On the reader's thread. */
static void look(struct lane_job *job)
{
	struct listener *listener = listener_of(job);
	struct store *store = listener->exchange->server->read_store;
	/* A failure is no news; the next look may succeed. */
	if (listener->seq < 0) {
		store->type->last(store, &listener->seq, NULL);
		return;
	}
	store->type->since(store, &listener->asked.filter, listener->seq, false, EVENTS_PER_LOOK,
	                   take_event, listener, NULL);
}

static void wake(struct listener *listener)
{
	listener->asleep = false;
	exchange_wake(listener->exchange);
}

static void looked(struct lane_job *job)
{
	struct listener *listener = listener_of(job);
	listener->busy = false;
	if (listener->text.length > 0)
		wake(listener);
}

static void ask(struct listener *listener)
{
	if (!listener->asleep || listener->busy || listener->exchange->server->ending)
		return;
	listener->job.work = look;
	listener->job.done = looked;
	listener->busy = lane_put(listener->exchange->server->reader, &listener->job);
}

static ssize_t read_events(void *context, uint64_t position, char *buffer, size_t room)
{
	struct listener *listener = context;
	struct server *server = listener->exchange->server;
	struct client *client = client_of(listener->exchange->connection);
	size_t left = listener->text.length - listener->sent;
	(void)position;
	if (listener->text.failed)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (left > 0) {
		size_t count = left < room ? left : room;
		memcpy(buffer, listener->text.data + listener->sent, count);
		listener->sent += count;
		client_allow(client, uv_now(server->loop), SEND_MS);
		return (ssize_t)count;
	}
	if (server->ending)
		return MHD_CONTENT_READER_END_OF_STREAM;
	bool told = listener->sent > 0;
	text_clear(&listener->text);
	listener->sent = 0;
	client_wait(client);
	listener->asleep = true;
	MHD_suspend_connection(listener->exchange->connection);
	if (told || listener->seq < 0)
		ask(listener); /* there may be more */
	return 0;
}

static void forget(void *context)
{
	struct listener *listener = context;
	*listener->link = listener->next;
	if (listener->next != NULL)
		listener->next->link = listener->link;
	text_clear(&listener->text);
	free(listener);
}

void events_look(struct server *server)
{
	for (struct listener *listener = server->events; listener != NULL;
	     listener = listener->next)
		ask(listener);
}

void events_beat(struct server *server)
{
	for (struct listener *listener = server->events; listener != NULL;
	     listener = listener->next) {
		if (!listener->asleep || listener->busy)
			continue;
		text_add(&listener->text, ":\n\n");
		wake(listener);
	}
}

void events_end(struct server *server)
{
	for (struct listener *listener = server->events; listener != NULL;
	     listener = listener->next) {
		if (listener->asleep)
			wake(listener);
	}
}

/* Where to go on: what a browser says by itself, or an argument. */
static bool read_start(struct listener *listener)
{
	struct exchange *exchange = listener->exchange;
	const char *last =
	        MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, "Last-Event-ID");
	if (!asked_read(exchange, &listener->asked))
		return false;
	listener->seq = listener->asked.cursor > 0 ? listener->asked.cursor : -1;
	if (last == NULL)
		return true;
	char *end;
	listener->seq = strtoll(last, &end, 10);
	if (last[0] >= '0' && last[0] <= '9' && *end == '\0')
		return true;
	answer_problem(&exchange->answer, 400, "argument", "Mistyped",
	               "Last-Event-ID: expected the id of an event");
	return false;
}

static void open_stream(struct listener *listener)
{
	struct exchange *exchange = listener->exchange;
	struct server *server = exchange->server;
	/* Something is sent at once, so that the other side knows that it listens; an id, so that
	 * after a break it goes on from here even if it heard nothing. */
	if (listener->seq < 0)
		text_add(&listener->text, ":\n\n");
	else
		text_printf(&listener->text, "id: %lld\n\n", (long long)listener->seq);
	listener->next = server->events;
	listener->link = &server->events;
	if (listener->next != NULL)
		listener->next->link = &listener->next;
	server->events = listener;
	exchange->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
	                                                       read_events, listener, forget);
	if (exchange->response == NULL) {
		forget(listener);
		answer_problem(&exchange->answer, 503, "memory", "Out of memory", NULL);
		return;
	}
	MHD_add_response_header(exchange->response, "Content-Type", "text/event-stream");
	exchange->answer.status = 200;
}

static void found_start(struct lane_job *job)
{
	struct listener *listener = listener_of(job);
	struct exchange *exchange = listener->exchange;
	open_stream(listener);
	exchange_wake(exchange);
}

/* Before the answer begins: whoever has its first line misses nothing that comes in from then on.
 */
static void find_start(struct listener *listener)
{
	struct exchange *exchange = listener->exchange;
	listener->job.work = look;
	listener->job.done = found_start;
	if (!exchange->server->ending && lane_put(exchange->server->reader, &listener->job)) {
		exchange_sleep(exchange);
		return;
	}
	free(listener);
	answer_problem(&exchange->answer, 429, "busy", "Too much is waiting", NULL);
	exchange->answer.retry_after = 1;
}

void route_events(struct exchange *exchange)
{
	struct listener *listener = calloc(1, sizeof *listener);
	if (listener == NULL) {
		answer_problem(&exchange->answer, 503, "memory", "Out of memory", NULL);
		return;
	}
	listener->exchange = exchange;
	if (!read_start(listener))
		free(listener);
	else if (listener->seq < 0)
		find_start(listener);
	else
		open_stream(listener);
}
