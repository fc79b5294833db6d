/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the first line of a request to the last byte of its answer. */
#include "collector/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/access.h"
#include "collector/routes.h"

/* Bodies that may be in memory at once, whole or half; more have to come again. */
#define BODIES_MAX (64u << 20)
/* An answer must be taken within this; nobody may read one byte a minute for ever. */
#define ANSWER_MS   60000
#define COMPLAIN_MS 1000

struct exchange *exchange_of(struct lane_job *job)
{
	return (struct exchange *)(void *)((char *)job - offsetof(struct exchange, job));
}

const char *exchange_argument(const struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* While a store is away every request fails; one complaint a second tells as much as all. */
static void complain(struct server *server, const struct error *err)
{
	uint64_t now = uv_now(server->loop);
	if (server->complained != 0 && now - server->complained < COMPLAIN_MS)
		return;
	server->complained = now;
	fprintf(stderr, "nestready-collector: %s\n", err->message);
}

void exchange_fail(struct exchange *exchange, const struct error *err)
{
	complain(exchange->server, err);
	answer_problem(&exchange->answer, 503, "store", "The store cannot do this now", NULL);
	exchange->answer.retry_after = 10;
}

static void set_header(struct MHD_Response *response, const char *name, const char *value)
{
	MHD_add_response_header(response, name, value);
}

static struct MHD_Response *make_response(struct answer *answer)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	        answer->text.length, answer->text.data, MHD_RESPMEM_MUST_FREE);
	if (response == NULL)
		return NULL;
	answer->text = (struct text)TEXT_INIT; /* the response's now */
	set_header(response, "Content-Type", answer->type);
	if (answer->allow != NULL)
		set_header(response, "Allow", answer->allow);
	if (answer->status == 401)
		set_header(response, "WWW-Authenticate", "Bearer, Basic realm=\"nestready\"");
	if (answer->close)
		set_header(response, "Connection", "close");
	if (answer->retry_after != 0) {
		char seconds[16];
		snprintf(seconds, sizeof seconds, "%u", answer->retry_after);
		set_header(response, "Retry-After", seconds);
	}
	return response;
}

static void count(const struct exchange *exchange)
{
	struct tally *tally = &exchange->server->tally;
	unsigned status = exchange->answer.status;
	if (exchange->route == NULL || exchange->route->handle != route_report_add)
		return;
	if (status == 429 || status == 503)
		tally->reports_delayed++;
	else if (status >= 400 && status != 409)
		tally->reports_refused++;
}

static enum MHD_Result respond(struct exchange *exchange)
{
	count(exchange);
	struct MHD_Response *response = exchange->response;
	if (response == NULL)
		response = make_response(&exchange->answer);
	exchange->response = NULL;
	if (response == NULL)
		return MHD_NO;
	set_header(response, "Cache-Control", "no-store");
	set_header(response, "X-Content-Type-Options", "nosniff");
	set_header(response, "Referrer-Policy", "no-referrer");
	set_header(response, "Content-Security-Policy",
	           "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
	           "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
	client_allow(client_of(exchange->connection), uv_now(exchange->server->loop), ANSWER_MS);
	enum MHD_Result result =
	        MHD_queue_response(exchange->connection, exchange->answer.status, response);
	MHD_destroy_response(response);
	return result;
}

void exchange_sleep(struct exchange *exchange)
{
	exchange->asleep = true;
	client_wait(client_of(exchange->connection));
	MHD_suspend_connection(exchange->connection);
}

void exchange_wake(struct exchange *exchange)
{
	exchange->asleep = false;
	MHD_resume_connection(exchange->connection);
	server_stir(exchange->server);
}

void exchange_put(struct exchange *exchange, struct lane *lane, void (*done)(struct lane_job *))
{
	exchange->job.done = done;
	if (exchange->server->ending || !lane_put(lane, &exchange->job)) {
		answer_problem(&exchange->answer, 429, "busy", "Too much is waiting", NULL);
		exchange->answer.retry_after = 1;
		return;
	}
	exchange_sleep(exchange);
}

/* Whether a request may change something: it then waits for the writer, and has a body. */
static bool changes(const struct exchange *exchange)
{
	return strcmp(exchange->route->method, "GET") != 0;
}

void exchange_committed(struct lane_job *job, void (*acknowledge)(struct exchange *exchange))
{
	struct exchange *exchange = exchange_of(job);
	exchange->server->broken = exchange->failed;
	if (exchange->failed)
		exchange_fail(exchange, &exchange->err);
	else
		acknowledge(exchange);
	exchange_wake(exchange);
}

static void query(struct lane_job *job)
{
	struct exchange *exchange = exchange_of(job);
	struct store *store =
	        changes(exchange) ? exchange->server->write_store : exchange->server->read_store;
	exchange->failed = exchange->route->query(exchange, store, &exchange->err) != 0;
}

static void on_queried(struct lane_job *job)
{
	struct exchange *exchange = exchange_of(job);
	if (exchange->failed)
		exchange_fail(exchange, &exchange->err);
	else if (exchange->old_sums)
		lab_renewal_ask(&exchange->server->renewal, exchange->server, exchange->parameter);
	exchange_wake(exchange);
}

/* What a body may hold besides what is there; a problem when it may not. */
static void check_room(struct exchange *exchange, size_t more)
{
	struct server *server = exchange->server;
	if (exchange->body.length + more > server->settings->body_max) {
		char detail[80];
		snprintf(detail, sizeof detail, "a report has at most %u bytes",
		         server->settings->body_max);
		answer_problem(&exchange->answer, 413, "too-large", "Too large", detail);
	} else if (server->body_bytes + more > BODIES_MAX) {
		answer_problem(&exchange->answer, 429, "busy", "Too much is waiting", NULL);
		exchange->answer.retry_after = 1;
	}
}

static void take_piece(struct exchange *exchange, const char *piece, size_t size)
{
	if (exchange->answer.status == 0)
		check_room(exchange, size);
	if (exchange->answer.status != 0)
		return; /* refused: what still comes is dropped */
	text_add_bytes(&exchange->body, piece, size);
	exchange->server->body_bytes += size;
	if (exchange->body.failed)
		answer_problem(&exchange->answer, 503, "memory", "Out of memory", NULL);
}

static uint64_t announced_length(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
	                                                 MHD_HTTP_HEADER_CONTENT_LENGTH);
	return length == NULL ? 0 : strtoull(length, NULL, 10);
}

/* The headers are there.  Whatever is wrong already becomes the answer. */
static void look_at_headers(struct exchange *exchange, const char *method, const char *url)
{
	const char *allow;
	exchange->route = routes_find(method, url, exchange->parameter, exchange->second, &allow);
	if (exchange->route == NULL && allow != NULL) {
		answer_problem(&exchange->answer, 405, "method", "Not with this method", NULL);
		exchange->answer.allow = allow;
	} else if (exchange->route == NULL) {
		answer_problem(&exchange->answer, 404, "not-found", "Nothing is here", NULL);
	} else if (access_check(exchange) && changes(exchange)) {
		uint64_t length = announced_length(exchange->connection);
		check_room(exchange, length > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size_t)length);
	}
}

/* Also a second time, when the token was not known the first time. */
static enum MHD_Result go_in(struct exchange *exchange, const char *method, const char *url)
{
	struct server *server = exchange->server;
	client_allow(client_of(exchange->connection), uv_now(server->loop),
	             server->settings->body_ms);
	look_at_headers(exchange, method, url);
	if (exchange->asleep)
		exchange->route = NULL; /* comes in here again */
	if (exchange->answer.status == 0)
		return MHD_YES;
	/* A body as long as a report is read before it is refused, so that the answer is read. */
	if (announced_length(exchange->connection) <= server->settings->body_max)
		return MHD_YES;
	exchange->answer.close = true;
	return respond(exchange);
}

static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection,
                             const char *url, const char *method, struct exchange **place)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);
	if (exchange == NULL)
		return MHD_NO;
	exchange->server = server;
	exchange->connection = connection;
	*place = exchange;
	return go_in(exchange, method, url);
}

enum MHD_Result exchange_on_request(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *upload, size_t *upload_size, void **place)
{
	struct exchange *exchange = *place;
	(void)version;
	if (exchange == NULL)
		return begin(context, connection, url, method, (struct exchange **)(void *)place);
	if (exchange->route == NULL && exchange->answer.status == 0)
		return go_in(exchange, method, url);
	if (*upload_size > 0) {
		take_piece(exchange, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (exchange->answer.status != 0)
		return respond(exchange);
	exchange->job.work = query;
	if (exchange->route->query != NULL)
		exchange_put(exchange,
		             changes(exchange) ? exchange->server->writer
		                               : exchange->server->reader,
		             on_queried);
	else
		exchange->route->handle(exchange);
	return exchange->asleep ? MHD_YES : respond(exchange);
}

void exchange_on_completed(void *context, struct MHD_Connection *connection, void **place,
                           enum MHD_RequestTerminationCode why)
{
	struct server *server = context;
	struct exchange *exchange = *place;
	(void)why;
	if (exchange == NULL)
		return;
	*place = NULL;
	server->body_bytes -= exchange->body.length;
	text_clear(&exchange->body);
	text_clear(&exchange->answer.text);
	intake_clear(&exchange->intake);
	free(exchange);
	/* The next request on this connection. */
	client_allow(client_of(connection), uv_now(server->loop), server->settings->header_ms);
}
