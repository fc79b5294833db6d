/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See outbox.h.  Without its supervisor a worker has no purpose: a lost line ends the process. */
#include "worker/outbox.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define FLUSH_BYTES ((size_t)64 << 10) /* the capacity of a pipe: more would only pile up here */

static void leave(const char *why)
{
	fprintf(stderr, "nestready-probe: %s\n", why);
	_exit(ERROR_INTERNAL);
}

/* To be called with the lock held. */
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
}

int outbox_init(struct outbox *outbox, int fd, bool at_once, struct error *err)
{
	*outbox = (struct outbox){ .fd = fd, .at_once = at_once };
	int failed = uv_mutex_init(&outbox->lock);
	return failed == 0 ? 0 : error_set(err, ERROR_INTERNAL, -failed, "mutex");
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
	uv_mutex_unlock(&outbox->lock);
}

void outbox_flush(struct outbox *outbox)
{
	uv_mutex_lock(&outbox->lock);
	write_pending(outbox);
	uv_mutex_unlock(&outbox->lock);
}

void outbox_close(struct outbox *outbox)
{
	outbox_flush(outbox);
	text_clear(&outbox->pending);
	uv_mutex_destroy(&outbox->lock);
}
