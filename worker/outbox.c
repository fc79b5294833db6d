/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See outbox.h.  Without its supervisor a worker has no purpose: a lost line ends the process. */
#include "worker/outbox.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define FLUSH_MS    1
#define FLUSH_BYTES ((size_t)64 << 10) /* the capacity of a pipe: more would only pile up here */

static void leave(const char *why)
{
	fprintf(stderr, "nestready-probe: %s\n", why);
	_exit(ERROR_INTERNAL);
}

/* To be called with the lock held, or when no other thread is left. */
static void write_pending(struct outbox *outbox)
{
	struct text *text = &outbox->pending;
	if (text->failed)
		leave("out of memory");
	for (size_t at = 0; at < text->length;) {
		ssize_t written = write(outbox->fd, text->data + at, text->length - at);
		if (written < 0 && errno != EINTR)
			leave("nobody listens");
		if (written > 0)
			at += (size_t)written;
	}
	text->length = 0;
	outbox->announced = false;
}

static void on_flush(uv_timer_t *timer)
{
	struct outbox *outbox = timer->data;
	uv_mutex_lock(&outbox->lock);
	write_pending(outbox);
	uv_mutex_unlock(&outbox->lock);
}

static void on_wake(uv_async_t *async)
{
	struct outbox *outbox = async->data;
	if (!uv_is_active((uv_handle_t *)&outbox->flush))
		uv_timer_start(&outbox->flush, on_flush, FLUSH_MS, 0);
}

int outbox_init(struct outbox *outbox, uv_loop_t *loop, int fd, bool at_once, struct error *err)
{
	*outbox = (struct outbox){ .fd = fd, .at_once = at_once };
	int failed = uv_mutex_init(&outbox->lock);
	if (failed != 0)
		return error_set(err, ERROR_INTERNAL, -failed, "mutex");
	failed = uv_async_init(loop, &outbox->wake, on_wake);
	if (failed != 0) {
		uv_mutex_destroy(&outbox->lock);
		return error_set(err, ERROR_INTERNAL, -failed, "wake-up");
	}
	uv_timer_init(loop, &outbox->flush);
	outbox->wake.data = outbox;
	outbox->flush.data = outbox;
	uv_unref((uv_handle_t *)&outbox->wake);
	uv_unref((uv_handle_t *)&outbox->flush);
	return 0;
}

struct text *outbox_lock(struct outbox *outbox)
{
	uv_mutex_lock(&outbox->lock);
	return &outbox->pending;
}

void outbox_commit(struct outbox *outbox)
{
	if (outbox->at_once || outbox->pending.failed || outbox->pending.length >= FLUSH_BYTES)
		write_pending(outbox);
	if (outbox->pending.length > 0 && !outbox->announced) {
		outbox->announced = true;
		uv_async_send(&outbox->wake);
	}
	uv_mutex_unlock(&outbox->lock);
}

void outbox_close(struct outbox *outbox)
{
	write_pending(outbox);
	text_clear(&outbox->pending);
	uv_mutex_destroy(&outbox->lock);
	uv_close((uv_handle_t *)&outbox->wake, NULL);
	uv_close((uv_handle_t *)&outbox->flush, NULL);
}
