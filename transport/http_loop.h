/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libcurl's transfers on a libuv loop; the pattern is curl's own, docs/examples/multi-uv.c. */
#ifndef NESTREADY_TRANSPORT_HTTP_LOOP_H
#define NESTREADY_TRANSPORT_HTTP_LOOP_H

#include <curl/curl.h>
#include <uv.h>

#include "base/error.h"

struct http_loop {
	uv_loop_t *loop;
	uv_timer_t timer;
	CURLM *multi;
	/* Called when a transfer ended; it is no longer part of `multi` then. */
	void (*ended)(CURL *easy, CURLcode result);
};

/* 0 or -1. */
int http_loop_init(struct http_loop *http, uv_loop_t *loop, void (*ended)(CURL *, CURLcode),
                   struct error *err);

/* Starts a transfer.  0 or -1. */
int http_loop_add(struct http_loop *http, CURL *easy, struct error *err);

/* Lets go of everything, once no transfer is left; the loop has to run once more. */
void http_loop_close(struct http_loop *http);

#endif
