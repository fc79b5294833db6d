/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two lists under one lock: what waits for the thread, and what waits for the loop. */
#include "collector/lane.h"

#include <stdlib.h>

const unsigned lane_times_ms[LANE_TIMES] = { 1, 2, 5, 10, 20, 50, 100, 500, 2500 };

struct list {
	struct lane_job *first, **last;
	size_t length;
};

struct lane {
	struct lane_work work;
	uv_thread_t thread;
	uv_mutex_t lock;
	uv_cond_t wake; /* something waits, or the lane is to stop */
	uv_async_t told;
	struct list waiting, finished;
	struct lane_counts counts;
	bool stop;
};

static void list_init(struct list *list)
{
	list->first = NULL;
	list->last = &list->first;
	list->length = 0;
}

static void list_add(struct list *list, struct lane_job *job)
{
	job->next = NULL;
	*list->last = job;
	list->last = &job->next;
	list->length++;
}

static struct lane_job *list_take(struct list *list)
{
	struct lane_job *job = list->first;
	list->first = job->next;
	if (list->first == NULL)
		list->last = &list->first;
	list->length--;
	return job;
}

/* Waits for work.  How many jobs it put into `jobs`; 0 at the end. */
static size_t next_batch(struct lane *lane, struct lane_job **jobs)
{
	size_t count = 0;
	uv_mutex_lock(&lane->lock);
	while (lane->waiting.length == 0 && !lane->stop)
		uv_cond_wait(&lane->wake, &lane->lock);
	while (lane->waiting.length > 0 && count < lane->work.batch_max)
		jobs[count++] = list_take(&lane->waiting);
	uv_mutex_unlock(&lane->lock);
	return count;
}

static void count(struct lane_counts *counts, uint64_t ns)
{
	counts->batches++;
	counts->ns += ns;
	for (size_t i = 0; i < LANE_TIMES; i++)
		counts->within[i] += ns <= lane_times_ms[i] * (uint64_t)1000000;
}

static void thread_main(void *argument)
{
	struct lane *lane = argument;
	struct lane_job *jobs[LANE_BATCH_MAX];
	size_t taken;
	while ((taken = next_batch(lane, jobs)) > 0) {
		uint64_t begin = uv_hrtime();
		lane->work.run(lane->work.context, jobs, taken);
		uv_mutex_lock(&lane->lock);
		count(&lane->counts, uv_hrtime() - begin);
		for (size_t i = 0; i < taken; i++)
			list_add(&lane->finished, jobs[i]);
		uv_mutex_unlock(&lane->lock);
		uv_async_send(&lane->told);
	}
}

static void hand_back(struct lane *lane)
{
	uv_mutex_lock(&lane->lock);
	struct lane_job *job = lane->finished.first;
	list_init(&lane->finished);
	uv_mutex_unlock(&lane->lock);
	while (job != NULL) {
		struct lane_job *next = job->next;
		job->done(job);
		job = next;
	}
}

static void on_told(uv_async_t *told)
{
	hand_back(told->data);
}

static void on_closed(uv_handle_t *told)
{
	free(told->data);
}

int lane_start(uv_loop_t *loop, const struct lane_work *work, struct lane **lane, struct error *err)
{
	struct lane *new = calloc(1, sizeof *new);
	if (new == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	new->work = *work;
	new->told.data = new;
	list_init(&new->waiting);
	list_init(&new->finished);
	int status = uv_async_init(loop, &new->told, on_told);
	if (status != 0) {
		free(new);
		return error_set(err, ERROR_INTERNAL, -status, "cannot start a thread");
	}
	if ((status = uv_mutex_init(&new->lock)) != 0)
		goto no_lock;
	if ((status = uv_cond_init(&new->wake)) != 0)
		goto no_wake;
	if ((status = uv_thread_create(&new->thread, thread_main, new)) != 0)
		goto no_thread;
	*lane = new;
	return 0;
no_thread:
	uv_cond_destroy(&new->wake);
no_wake:
	uv_mutex_destroy(&new->lock);
no_lock:
	uv_close((uv_handle_t *)&new->told, on_closed);
	return error_set(err, ERROR_INTERNAL, -status, "cannot start a thread");
}

bool lane_put(struct lane *lane, struct lane_job *job)
{
	uv_mutex_lock(&lane->lock);
	bool room = lane->waiting.length < lane->work.queue_max;
	if (room)
		list_add(&lane->waiting, job);
	uv_cond_signal(&lane->wake);
	uv_mutex_unlock(&lane->lock);
	return room;
}

size_t lane_length(struct lane *lane)
{
	if (lane == NULL)
		return 0;
	uv_mutex_lock(&lane->lock);
	size_t length = lane->waiting.length;
	uv_mutex_unlock(&lane->lock);
	return length;
}

struct lane_counts lane_counts(struct lane *lane)
{
	uv_mutex_lock(&lane->lock);
	struct lane_counts counts = lane->counts;
	uv_mutex_unlock(&lane->lock);
	return counts;
}

void lane_stop(struct lane *lane)
{
	if (lane == NULL)
		return;
	uv_mutex_lock(&lane->lock);
	lane->stop = true;
	uv_cond_signal(&lane->wake);
	uv_mutex_unlock(&lane->lock);
	uv_thread_join(&lane->thread);
	hand_back(lane);
	uv_cond_destroy(&lane->wake);
	uv_mutex_destroy(&lane->lock);
	uv_close((uv_handle_t *)&lane->told, on_closed);
}
