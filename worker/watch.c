/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See watch.h. */
#include "worker/watch.h"

#include <stdio.h>
#include <unistd.h>

#include "worker/runner.h"

#define TICK_NS 20000000 /* lines wait no longer than this; a whole check takes 2 to 4 ms */

/* A thread cannot be stopped, only the process. */
static void check_deadline(const struct watch *watch)
{
	if (watch->probe == NULL)
		return;
	uint64_t limit_ms = (uint64_t)watch->probe->deadline_ms + RUNNER_GRACE_MS;
	if (uv_hrtime() < watch->began + limit_ms * 1000000)
		return;
	fprintf(stderr, "nestready-probe: %s did not end within %u ms\n", watch->probe->id,
	        watch->probe->deadline_ms);
	_exit(ERROR_INTERNAL);
}

static void keep_watch(void *argument)
{
	struct watch *watch = argument;
	uv_mutex_lock(&watch->lock);
	while (!watch->is_over) {
		if (uv_cond_timedwait(&watch->over, &watch->lock, TICK_NS) != UV_ETIMEDOUT)
			continue;
		check_deadline(watch);
		outbox_flush(watch->outbox);
	}
	uv_mutex_unlock(&watch->lock);
}

int watch_begin(struct watch *watch, struct outbox *outbox, struct error *err)
{
	*watch = (struct watch){ .outbox = outbox };
	uv_mutex_init(&watch->lock);
	uv_cond_init(&watch->over);
	int failed = uv_thread_create(&watch->thread, keep_watch, watch);
	if (failed == 0)
		return 0;
	uv_cond_destroy(&watch->over);
	uv_mutex_destroy(&watch->lock);
	return error_set(err, ERROR_INTERNAL, -failed, "a thread to keep watch");
}

void watch_probe(struct watch *watch, const struct probe *probe)
{
	uv_mutex_lock(&watch->lock);
	watch->probe = probe;
	watch->began = uv_hrtime();
	uv_mutex_unlock(&watch->lock);
}

void watch_end(struct watch *watch)
{
	uv_mutex_lock(&watch->lock);
	watch->is_over = true;
	uv_cond_signal(&watch->over);
	uv_mutex_unlock(&watch->lock);
	uv_thread_join(&watch->thread);
	uv_cond_destroy(&watch->over);
	uv_mutex_destroy(&watch->lock);
}
