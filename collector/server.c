/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libmicrohttpd keeps its sockets in an epoll set of its own; that set is one
 * more descriptor of the libuv loop, and its timeout one more timer.
 */
#include "collector/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collector/events.h"
#include "collector/exchange.h"
#include "collector/listen.h"
#include "collector/routes.h"
#include "collector/tls.h"

/* For the headers of a request, and to read a body through. */
#define CONNECTION_BYTES (16u << 10)
#define READ_QUEUE_MAX   256
#define SECOND_MS        1000
#define BEAT_SECONDS     15

int64_t server_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_due(uv_timer_t *timer);

/* Lets libmicrohttpd do all that it can, and remembers when it wants to be asked again. */
static void pump(struct server *server)
{
	MHD_UNSIGNED_LONG_LONG ms;
	MHD_run(server->daemon);
	if (MHD_get_timeout(server->daemon, &ms) == MHD_YES)
		uv_timer_start(&server->due, on_due, ms, 0);
	else
		uv_timer_stop(&server->due);
}

static void on_due(uv_timer_t *timer)
{
	pump(timer->data);
}

/* Without a thread of its own libmicrohttpd has nobody to tell that a connection goes on. */
void server_stir(struct server *server)
{
	uv_timer_start(&server->due, on_due, 0, 0);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	pump(poll->data);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **place,
                          enum MHD_ConnectionNotificationCode what)
{
	struct server *server = context;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*place = clients_add(&server->clients, connection, uv_now(server->loop),
		                     server->settings->header_ms);
	} else {
		clients_remove(&server->clients, *place);
		*place = NULL;
	}
}

/* What the reader's lane runs. */
static void run_each(void *context, struct lane_job *const *jobs, size_t count)
{
	(void)context;
	for (size_t i = 0; i < count; i++)
		jobs[i]->work(jobs[i]);
}

static void on_second(uv_timer_t *timer)
{
	struct server *server = timer->data;
	server->tally.expired += clients_expire(&server->clients, uv_now(server->loop));
	doorman_look(&server->doorman);
	events_look(server);
	if (++server->beat >= BEAT_SECONDS) {
		server->beat = 0;
		events_beat(server);
	}
}

/* ---- beginning and end ------------------------------------------------------ */

static int open_stores(struct server *server, struct error *err)
{
	const char *url = server->settings->store;
	if (store_open(url, STORE_WRITE, &server->write_store, err) != 0 ||
	    store_open(url, STORE_READ, &server->read_store, err) != 0)
		return -1;
	return doorman_begin(&server->doorman, server, err);
}

/* Who is not on this machine needs both a token and a channel that keeps it secret. */
static int check_doors(const struct server *server, bool loopback, const char *name,
                       struct error *err)
{
	const struct settings *settings = server->settings;
	if (loopback || settings->insecure)
		return 0;
	if (settings->tls_certificate == NULL)
		return error_set(err, ERROR_USAGE, 0,
		                 "%s is no address of this machine alone: give --tls-cert and "
		                 "--tls-key, or say --insecure",
		                 name);
	if (server->doorman.open)
		return error_set(err, ERROR_USAGE, 0,
		                 "%s is no address of this machine alone, and there is no token "
		                 "yet: nestready-collector token add, or say --insecure",
		                 name);
	return 0;
}

static int start_daemon(struct server *server, int fd, struct error *err)
{
	const struct settings *settings = server->settings;
	cleanup_text struct text certificate = TEXT_INIT;
	cleanup_text struct text key = TEXT_INIT;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
	struct MHD_OptionItem tls[] = { { MHD_OPTION_END, 0, NULL },
		                        { MHD_OPTION_END, 0, NULL },
		                        { MHD_OPTION_END, 0, NULL } };
	if (settings->tls_certificate != NULL) {
		if (tls_read(settings, &certificate, &key, err) != 0)
			return -1;
		flags |= MHD_USE_TLS;
		tls[0] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, certificate.data };
		tls[1] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, key.data };
	}
	server->daemon = MHD_start_daemon(
	        flags, 0, NULL, NULL, exchange_on_request, server, MHD_OPTION_LISTEN_SOCKET, fd,
	        MHD_OPTION_NOTIFY_COMPLETED, exchange_on_completed, server,
	        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_CONNECTION_LIMIT,
	        settings->connections_max, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	        settings->connections_per_address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	        (size_t)CONNECTION_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, tls,
	        MHD_OPTION_END);
	if (server->daemon == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "cannot start to serve%s",
		                 settings->tls_certificate == NULL
		                         ? ""
		                         : ": are --tls-cert and --tls-key a pair?");
	return 0;
}

static void on_end(uv_signal_t *signal, int number)
{
	struct server *server = signal->data;
	(void)number;
	server->ending = true;
	uv_stop(server->loop);
}

static int start_lanes(struct server *server, struct error *err)
{
	const struct lane_work writer = { route_report_commit, server, LANE_BATCH_MAX,
		                          server->settings->queue_max };
	const struct lane_work reader = { run_each, server, 1, READ_QUEUE_MAX };
	if (lane_start(server->loop, &writer, &server->writer, err) != 0)
		return -1;
	return lane_start(server->loop, &reader, &server->reader, err);
}

/* Handles of the loop; a failure here is lack of memory or of descriptors. */
static int start_handles(struct server *server, struct error *err)
{
	static const int signals[] = { SIGTERM, SIGINT };
	int epoll = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	int status = uv_poll_init(server->loop, &server->readable, epoll);
	if (status != 0)
		return error_set(err, ERROR_INTERNAL, -status, "cannot start to serve");
	uv_timer_init(server->loop, &server->due);
	uv_timer_init(server->loop, &server->second);
	server->readable.data = server->due.data = server->second.data = server;
	for (size_t i = 0; i < 2; i++) {
		uv_signal_init(server->loop, &server->end[i]);
		server->end[i].data = server;
		uv_signal_start(&server->end[i], on_end, signals[i]);
	}
	uv_timer_start(&server->second, on_second, SECOND_MS, SECOND_MS);
	uv_poll_start(&server->readable, UV_READABLE, on_readable);
	return 0;
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* What was taken in is written and answered, as far as the other side still listens. */
static void finish(struct server *server)
{
	server->ending = true;
	courier_stop(server->courier);
	lane_stop(server->writer);
	lane_stop(server->reader);
	server->writer = server->reader = NULL;
	doorman_end(&server->doorman);
	if (server->daemon != NULL) {
		events_end(server);
		MHD_run(server->daemon);
		MHD_run(server->daemon);
		MHD_stop_daemon(server->daemon);
	}
	uv_walk(server->loop, close_handle, NULL);
	uv_run(server->loop, UV_RUN_DEFAULT);
	store_close(server->read_store);
	lab_cache_clear(&server->labs);
	store_close(server->write_store);
}

/* A connection is a descriptor, and the customary limit of 1024 is of another time. */
static void raise_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int serve(struct server *server, struct error *err)
{
	char name[LISTEN_NAME_SIZE];
	bool loopback = false;
	if (open_stores(server, err) != 0)
		return -1;
	int fd = listen_open(server->settings->listen, name, &loopback, err);
	if (fd < 0)
		return -1;
	if (check_doors(server, loopback, name, err) != 0 || start_lanes(server, err) != 0 ||
	    courier_start(server->settings, &server->courier, err) != 0 ||
	    start_daemon(server, fd, err) != 0) {
		close(fd);
		return -1;
	}
	if (start_handles(server, err) != 0)
		return -1;
	printf("nestready-collector: http%s://%s/ keeps reports in %s%s\n",
	       server->settings->tls_certificate == NULL ? "" : "s", name,
	       server->write_store->place,
	       server->doorman.open ? "; no tokens: whoever reaches it may read and write" : "");
	fflush(stdout);
	uv_run(server->loop, UV_RUN_DEFAULT);
	return 0;
}

int server_run(const struct settings *settings, struct error *err)
{
	uv_loop_t loop;
	struct server server = { .settings = settings, .loop = &loop };
	raise_limit();
	int status = uv_loop_init(&loop);
	if (status != 0)
		return error_set(err, ERROR_INTERNAL, -status, "cannot start");
	status = serve(&server, err);
	finish(&server);
	uv_loop_close(&loop);
	return status;
}
