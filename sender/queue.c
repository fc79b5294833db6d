/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See queue.h. */
#include "sender/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "transport/address.h"
#include "transport/backoff.h"
#include "transport/beat.h"
#include "transport/sink.h"

/* How soon a report that came while others wait is seen. */
#define LOOK_AGAIN_MS 5000

/* Where an entry's name has the checksum of its destination. */
#define KEY_AT   37
#define KEY_SIZE 9

/* Reports for one address, known by its checksum until one of them was read. */
struct destination {
	struct destination *next;
	struct queue *queue;
	char key[KEY_SIZE];
	char name[SPOOL_NAME_SIZE]; /* of the report that was tried last */
	bool busy;
	unsigned failures; /* in a row */
	uint64_t due;      /* in the loop's milliseconds */
	struct attempt attempt;
	struct text address, report;
	char token[SPOOL_TOKEN_PATH_SIZE];
	struct config_report config; /* with a token of the spool */
	char id[37];
};

static void pump(struct queue *queue);

static uint64_t random_number(void)
{
	uint64_t random = 0;
	return getrandom(&random, sizeof random, GRND_NONBLOCK) < 0 ? 0 : random;
}

static void say(const struct destination *destination, const char *what, const char *why)
{
	fprintf(stderr, "nestready-send: %.36s to %s: %s%s%s\n", destination->name,
	        text_string(&destination->address), what, why == NULL ? "" : ": ",
	        why == NULL ? "" : why);
}

static struct destination *find_destination(struct queue *queue, const char *name)
{
	struct destination *found = queue->destinations;
	while (found != NULL && strncmp(found->key, name + KEY_AT, KEY_SIZE - 1) != 0)
		found = found->next;
	if (found != NULL)
		return found;
	found = calloc(1, sizeof *found);
	if (found == NULL)
		return NULL;
	memcpy(found->key, name + KEY_AT, KEY_SIZE - 1);
	found->queue = queue;
	found->next = queue->destinations;
	queue->destinations = found;
	return found;
}

static int list_again(struct queue *queue)
{
	free(queue->entries);
	queue->entries = NULL;
	if (spool_list(queue->spool, &queue->entries, &queue->entry_count, &queue->err) != 0)
		return -1;
	queue->left = 0;
	for (size_t i = 0; i < queue->entry_count; i++)
		queue->left += queue->entries[i].waiting;
	return 0;
}

/* Takes an entry out of the list in memory. */
static void forget(struct queue *queue, const char *name)
{
	for (size_t i = 0; i < queue->entry_count; i++) {
		if (queue->entries[i].waiting && strcmp(queue->entries[i].name, name) == 0) {
			queue->entries[i].waiting = false;
			queue->left--;
			return;
		}
	}
}

/* A report that will never be taken stays on disk for whoever wants to know why. */
static void set_aside(struct queue *queue, const char *name)
{
	struct error err = ERROR_INIT;
	if (spool_set_aside(queue->spool, name, &err) != 0)
		fprintf(stderr, "nestready-send: %s\n", err.message);
	queue->failed++;
	forget(queue, name);
}

static void postpone(struct destination *destination, unsigned after_seconds)
{
	struct queue *queue = destination->queue;
	uint64_t pause = after_seconds > 0 ? backoff_asked_ms(after_seconds, random_number())
	                                   : backoff_ms(++destination->failures, random_number());
	destination->due = uv_now(queue->loop) + pause;
	queue->failed++;
	if (queue->once)
		forget(queue, destination->name);
}

static void done(struct attempt *attempt, enum outcome outcome, const char *why,
                 unsigned after_seconds)
{
	struct destination *destination = attempt->owner;
	struct queue *queue = destination->queue;
	destination->busy = false;
	switch (outcome) {
	case OUTCOME_ACKNOWLEDGED:
		say(destination, attempt->whole ? "delivered whole" : "delivered", NULL);
		if (attempt->whole)
			beat_replaced(queue->spool, text_string(&destination->address),
			              &destination->report);
		if (spool_remove(queue->spool, destination->name, &queue->err) != 0) {
			uv_stop(queue->loop);
			return;
		}
		forget(queue, destination->name);
		destination->failures = 0;
		break;
	case OUTCOME_REFUSED:
		say(destination, "refused for good", why);
		set_aside(queue, destination->name);
		break;
	case OUTCOME_LATER:
		say(destination, "not delivered", why);
		postpone(destination, after_seconds);
		break;
	}
	pump(queue);
}

/* What the configuration says of an address; where it names no token, the spool may have one. */
static const struct config_report *configured(struct destination *destination, const char *address)
{
	const struct queue *queue = destination->queue;
	const struct config_report *said = config_find(queue->config, address);
	spool_token_path(queue->spool, destination->name, destination->token);
	if ((said != NULL && said->token_file != NULL) || access(destination->token, F_OK) != 0)
		return said;
	destination->config = said == NULL ? (struct config_report){ 0 } : *said;
	destination->config.token_file = destination->token;
	return &destination->config;
}

/* Reads the report and starts the attempt. */
static void try_entry(struct destination *destination, const char *name)
{
	struct queue *queue = destination->queue;
	struct error err = ERROR_INIT;
	const char *rest;
	text_clear(&destination->address);
	text_clear(&destination->report);
	size_t progress = strcmp(destination->name, name) == 0 ? destination->attempt.progress : 0;
	memcpy(destination->name, name, sizeof destination->name);
	spool_id(name, destination->id);
	if (spool_read(queue->spool, name, &destination->address, &destination->report, &err) !=
	    0) {
		if (err.code == ERROR_NO_INPUT) {
			forget(queue, name);
			return;
		}
		fprintf(stderr, "nestready-send: %s\n", err.message);
		set_aside(queue, name);
		return;
	}
	const char *address = text_string(&destination->address);
	const struct scheme *scheme = address_parse(address, &rest, &err);
	const struct sink *sink = scheme == NULL ? NULL : sink_find(scheme->name);
	if (sink == NULL) {
		say(destination, "nothing sends there", scheme == NULL ? err.message : NULL);
		set_aside(queue, name);
		return;
	}
	destination->attempt = (struct attempt){ .loop = queue->loop,
		                                 .http = &queue->http,
		                                 .rest = rest,
		                                 .address = address,
		                                 .config = configured(destination, address),
		                                 .id = destination->id,
		                                 .report = &destination->report,
		                                 .progress = progress,
		                                 .done = done,
		                                 .owner = destination };
	destination->busy = true;
	if (sink->start(&destination->attempt, &err) == 0)
		return;
	destination->busy = false;
	say(destination, "not delivered", err.message);
	postpone(destination, 0);
}

/* The report of a destination whose turn it is: after the one tried last when that failed. */
static const char *next_entry(const struct queue *queue, const struct destination *destination)
{
	const char *first = NULL;
	for (size_t i = 0; i < queue->entry_count; i++) {
		const struct spool_entry *entry = &queue->entries[i];
		if (!entry->waiting ||
		    strncmp(entry->name + KEY_AT, destination->key, KEY_SIZE - 1) != 0)
			continue;
		if (destination->failures == 0 || strcmp(entry->name, destination->name) > 0)
			return entry->name;
		if (first == NULL)
			first = entry->name;
	}
	return first;
}

static void try_destination(struct destination *destination)
{
	struct queue *queue = destination->queue;
	const char *name;
	while (!destination->busy && (queue->once || destination->due <= uv_now(queue->loop)) &&
	       (name = next_entry(queue, destination)) != NULL) {
		char copy[SPOOL_NAME_SIZE];
		text_cut(copy, sizeof copy, name);
		try_entry(destination, copy);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct queue *queue = timer->data;
	if (!queue->once && (spool_expire(queue->spool, NULL), list_again(queue)) != 0)
		uv_stop(queue->loop);
	else
		pump(queue);
}

/* Starts whatever is due, and sees to being called again. */
static void pump(struct queue *queue)
{
	bool busy = false;
	uint64_t now = uv_now(queue->loop);
	uint64_t next = now + LOOK_AGAIN_MS;
	for (size_t i = 0; i < queue->entry_count; i++) {
		if (queue->entries[i].waiting &&
		    find_destination(queue, queue->entries[i].name) == NULL)
			error_set(&queue->err, ERROR_INTERNAL, 0, "out of memory");
	}
	for (struct destination *at = queue->destinations; at != NULL; at = at->next) {
		try_destination(at);
		busy = busy || at->busy;
		if (!at->busy && at->due > now && at->due < next)
			next = at->due;
	}
	if (!busy && queue->left == 0 && !queue->once && list_again(queue) == 0 && queue->left > 0)
		next = now;
	if (queue->err.code != ERROR_NONE || (!busy && queue->left == 0))
		uv_stop(queue->loop);
	else
		uv_timer_start(&queue->timer, on_timer, next - now, 0);
}

static void free_destinations(struct queue *queue)
{
	while (queue->destinations != NULL) {
		struct destination *first = queue->destinations;
		queue->destinations = first->next;
		text_clear(&first->address);
		text_clear(&first->report);
		free(first);
	}
}

int queue_run(struct queue *queue, struct error *err)
{
	queue->err = (struct error)ERROR_INIT;
	uv_timer_init(queue->loop, &queue->timer);
	queue->timer.data = queue;
	if (spool_expire(queue->spool, &queue->err) == 0 && list_again(queue) == 0) {
		uv_timer_start(&queue->timer, on_timer, 0, 0);
		uv_run(queue->loop, UV_RUN_DEFAULT);
	}
	http_loop_close(&queue->http);
	uv_close((uv_handle_t *)&queue->timer, NULL);
	uv_run(queue->loop, UV_RUN_DEFAULT);
	free(queue->entries);
	free_destinations(queue);
	*err = queue->err;
	if (err->code != ERROR_NONE)
		return -1;
	return queue->once && queue->failed > 0 ? 1 : 0;
}
