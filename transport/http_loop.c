/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See http_loop.h. */
#include "transport/http_loop.h"

#include <stdlib.h>

/* One socket of curl's; freed when libuv has let go of it. */
struct watch {
	uv_poll_t poll;
	curl_socket_t socket;
	struct http_loop *http;
};

/* A message is read before its transfer is removed, which would invalidate it. */
static void collect(struct http_loop *http)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;
		curl_multi_remove_handle(http->multi, easy);
		http->ended(easy, result);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct http_loop *http = timer->data;
	int running;
	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(http);
}

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
	struct http_loop *http = context;
	(void)multi;
	if (timeout_ms < 0)
		return uv_timer_stop(&http->timer);
	/* Never at once: curl must not be called from within its own callback. */
	return uv_timer_start(&http->timer, on_timer, timeout_ms == 0 ? 1 : (uint64_t)timeout_ms,
	                      0);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct http_loop *http = watch->http;
	int running;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(http->multi, watch->socket, flags, &running);
	collect(http);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static struct watch *make_watch(struct http_loop *http, curl_socket_t socket)
{
	struct watch *watch = calloc(1, sizeof *watch);
	if (watch == NULL)
		return NULL;
	if (uv_poll_init_socket(http->loop, &watch->poll, socket) != 0) {
		free(watch);
		return NULL;
	}
	watch->socket = socket;
	watch->http = http;
	watch->poll.data = watch;
	curl_multi_assign(http->multi, socket, watch);
	return watch;
}

static int set_socket(CURL *easy, curl_socket_t socket, int action, void *context, void *known)
{
	struct http_loop *http = context;
	struct watch *watch = known;
	(void)easy;
	if (action == CURL_POLL_REMOVE) {
		if (watch != NULL) {
			uv_poll_stop(&watch->poll);
			curl_multi_assign(http->multi, socket, NULL);
			uv_close((uv_handle_t *)&watch->poll, on_closed);
		}
		return 0;
	}
	if (watch == NULL)
		watch = make_watch(http, socket);
	if (watch == NULL)
		return -1;
	return uv_poll_start(&watch->poll,
	                     (action & CURL_POLL_IN ? UV_READABLE : 0) |
	                             (action & CURL_POLL_OUT ? UV_WRITABLE : 0),
	                     on_socket);
}

int http_loop_init(struct http_loop *http, uv_loop_t *loop, void (*ended)(CURL *, CURLcode),
                   struct error *err)
{
	*http = (struct http_loop){ .ended = ended };
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || (http->multi = curl_multi_init()) == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "libcurl does not start");
	http->loop = loop;
	uv_timer_init(loop, &http->timer);
	http->timer.data = http;
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	return 0;
}

int http_loop_add(struct http_loop *http, CURL *easy, struct error *err)
{
	CURLMcode code = curl_multi_add_handle(http->multi, easy);
	if (code != CURLM_OK)
		return error_set(err, ERROR_INTERNAL, 0, "%s", curl_multi_strerror(code));
	return 0;
}

void http_loop_close(struct http_loop *http)
{
	if (http->loop == NULL)
		return;
	/* Takes leave of its sockets by set_socket and of its timer by set_timer. */
	curl_multi_cleanup(http->multi);
	uv_close((uv_handle_t *)&http->timer, NULL);
	curl_global_cleanup();
	http->loop = NULL;
}
