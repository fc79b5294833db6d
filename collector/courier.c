/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread that may wait, for a webhook or for a disk, and holds up nobody. */
#include "collector/courier.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "collector/documents.h"
#include "collector/hook.h"
#include "collector/rows.h"
#include "collector/server.h"
#include "collector/transition.h"

#define LOOK_MS   1000
#define LOOK_ROWS 100 /* changes at a time */
#define PAST_ROWS 200 /* of a guest; more reports than that in one state are one state */
#define RETRY_MIN 1   /* seconds */
#define RETRY_MAX 300
#define KIND      "courier"
#define KEY       "transitions"

struct courier {
	uv_thread_t thread;
	uv_mutex_t mutex; /* of what is below, up to counts */
	uv_cond_t ended;
	bool ending;
	struct courier_counts counts;

	/* The thread's alone. */
	struct store *store;
	struct hook hook;
	int64_t settle;
	int64_t cursor; /* -1: not known yet */
	unsigned retry; /* seconds until the webhook is asked again; 0: it is well */
	bool complained;
};

/* A change as it is kept while the store is asked about others. */
struct candidate {
	int64_t seq, received;
	enum readiness readiness;
	char guest[INTAKE_GUEST_SIZE], target[41], id[37];
	json_t *row;
};

struct candidates {
	struct candidate list[LOOK_ROWS];
	size_t count;
	int64_t settled; /* what was received later has to wait */
	bool failed;
};

static int take_candidate(void *context, const struct store_report *row)
{
	struct candidates *candidates = context;
	if (row->received > candidates->settled)
		return 1;
	struct candidate *candidate = &candidates->list[candidates->count];
	*candidate = (struct candidate){ .seq = row->seq,
		                         .received = row->received,
		                         .readiness = readiness_of(row->verdict),
		                         .row = row_report(row, 0) };
	text_cut(candidate->guest, sizeof candidate->guest, row->guest);
	text_cut(candidate->target, sizeof candidate->target, row->target);
	text_cut(candidate->id, sizeof candidate->id, row->id);
	candidates->failed = candidate->row == NULL;
	candidates->count++;
	return candidates->failed ? 1 : 0;
}

/* ---- is it one? ------------------------------------------------------------- */

struct past {
	const char *target;
	struct moment list[PAST_ROWS];
	size_t count;
	enum readiness readiness; /* of the state whose end is looked for */
	int64_t end;
};

static int take_past(void *context, const struct store_report *row)
{
	struct past *past = context;
	if (strcmp(row->target, past->target) == 0)
		past->list[past->count++] =
		        (struct moment){ readiness_of(row->verdict), row->received };
	return 0;
}

static int take_end(void *context, const struct store_report *row)
{
	struct past *past = context;
	enum readiness readiness = readiness_of(row->verdict);
	if (readiness == READINESS_UNSURE || readiness == past->readiness)
		return 0;
	past->end = row->received;
	return 1;
}

static int is_transition(const struct courier *courier, const struct candidate *candidate, bool *is,
                         struct error *err)
{
	const struct store_filter later = { .guest = candidate->guest,
		                            .target = candidate->target };
	const struct moment now = { candidate->readiness, candidate->received };
	struct past past = { .target = candidate->target,
		             .readiness = candidate->readiness,
		             .end = server_now() };
	struct store *store = courier->store;
	if (store->type->history(store, candidate->guest, candidate->seq, PAST_ROWS, take_past,
	                         &past, err) != 0 ||
	    (past.count > 0 && store->type->since(store, &later, candidate->seq, true, LOOK_ROWS,
	                                          take_end, &past, err) != 0))
		return -1;
	*is = transition_is(past.list, past.count, &now, past.end, courier->settle);
	return 0;
}

/* ---- telling ---------------------------------------------------------------- */

static int tell(struct courier *courier, const struct candidate *candidate, struct error *err)
{
	cleanup_text struct text body = TEXT_INIT;
	if (courier->hook.url == NULL)
		return 0;
	json_t *json = json_pack("{s:s, s:s, s:s, s:O}", "schema", "nestready.transition/1", "id",
	                         candidate->id, "readiness",
	                         candidate->readiness == READINESS_NONE ? "lost" : "gained",
	                         "report", candidate->row);
	char *dump = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (dump == NULL)
		return error_set(err, ERROR_UNAVAILABLE, 0, "out of memory");
	text_add(&body, dump);
	free(dump);
	int status = hook_send(&courier->hook, candidate->id, &body, err);
	uv_mutex_lock(&courier->mutex);
	courier->counts.told += status == 0;
	courier->counts.failed += status != 0;
	uv_mutex_unlock(&courier->mutex);
	return status;
}

static void count(struct courier *courier, const struct candidate *candidate)
{
	uv_mutex_lock(&courier->mutex);
	courier->counts.lost += candidate->readiness == READINESS_NONE;
	courier->counts.gained += candidate->readiness == READINESS_USABLE;
	uv_mutex_unlock(&courier->mutex);
}

static int save(struct courier *courier, int64_t cursor, struct error *err)
{
	json_t *body = json_pack("{s:I}", "cursor", (json_int_t)cursor);
	const struct document_change change = { KIND, KEY, STORE_ANY_VERSION, body };
	bool done = false;
	int status = cursor == courier->cursor ? 0
	                                       : documents_change(courier->store, &change, 1, NULL,
	                                                          server_now(), &done, err);
	if (status == 0)
		courier->cursor = cursor;
	json_decref(body);
	return status;
}

/* Where it left off; a store that never had a courier begins with what comes from now on. */
static int load(struct courier *courier, struct error *err)
{
	struct document document;
	if (document_load(courier->store, KIND, KEY, &document, err) != 0)
		return -1;
	int status = 0;
	if (document.body == NULL) {
		int64_t last = 0;
		courier->cursor = -1;
		status = courier->store->type->last(courier->store, &last, err);
		if (status == 0)
			status = save(courier, last, err);
	} else {
		courier->cursor = json_integer_value(json_object_get(document.body, "cursor"));
	}
	json_decref(document.body);
	return status;
}

/* Whether there may be more at once; -1 when it has to be tried again. */
static int work(struct courier *courier, struct error *err)
{
	struct candidates candidates = { .settled = server_now() - courier->settle };
	int64_t cursor = courier->cursor;
	int status = courier->store->type->since(courier->store, NULL, cursor, true, LOOK_ROWS,
	                                         take_candidate, &candidates, err);
	for (size_t i = 0; i < candidates.count && status == 0 && !candidates.failed; i++) {
		const struct candidate *candidate = &candidates.list[i];
		bool is = false;
		status = is_transition(courier, candidate, &is, err);
		if (status == 0 && is)
			status = tell(courier, candidate, err);
		if (status != 0)
			break;
		if (is)
			count(courier, candidate);
		cursor = candidate->seq;
	}
	for (size_t i = 0; i < candidates.count; i++)
		json_decref(candidates.list[i].row);
	/* What was told is remembered even when the next one failed. */
	int saved = save(courier, cursor, status == 0 ? err : NULL);
	if (status != 0 || saved != 0)
		return -1;
	return candidates.count == LOOK_ROWS ? 1 : 0;
}

/* Says it once, and not at every attempt. */
static void complain(struct courier *courier, const struct error *err)
{
	if (!courier->complained)
		fprintf(stderr, "nestready-collector: transitions: %s; trying again\n",
		        err->message);
	courier->complained = true;
	courier->retry = courier->retry == 0 ? RETRY_MIN : courier->retry * 2;
	courier->retry = courier->retry > RETRY_MAX ? RETRY_MAX : courier->retry;
}

static bool wait(struct courier *courier, uint64_t ms)
{
	uv_mutex_lock(&courier->mutex);
	if (!courier->ending && ms > 0)
		uv_cond_timedwait(&courier->ended, &courier->mutex, ms * 1000000);
	bool ending = courier->ending;
	uv_mutex_unlock(&courier->mutex);
	return !ending;
}

static void run(void *context)
{
	struct courier *courier = context;
	uint64_t ms = 0;
	while (wait(courier, ms)) {
		struct error err = ERROR_INIT;
		int status = courier->cursor < 0 ? load(courier, &err) : work(courier, &err);
		if (status < 0) {
			complain(courier, &err);
		} else {
			courier->retry = 0;
			courier->complained = false;
		}
		ms = status > 0 ? 0 : status < 0 ? courier->retry * 1000ull : LOOK_MS;
	}
}

/* ---- beginning and end ------------------------------------------------------ */

int courier_start(const struct settings *settings, struct courier **courier, struct error *err)
{
	struct courier *made = calloc(1, sizeof *made);
	if (made == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	made->settle = (int64_t)settings->settle_s * 1000;
	made->cursor = -1;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	int status = hook_open(settings->webhook, settings->webhook_secret, &made->hook, err);
	/*
	 * Not STORE_WRITE, which makes the file: closing a descriptor of it takes away the locks
	 * that this process's other handles have (fcntl(2), sqlite.org/howtocorrupt.html 2.2).
	 */
	if (status == 0)
		status = store_open(settings->store, STORE_MAINTAIN, &made->store, err);
	if (status == 0 && load(made, NULL) != 0)
		made->cursor = -1; /* a disk that is full now is asked again */
	uv_mutex_init(&made->mutex);
	uv_cond_init(&made->ended);
	if (status == 0 && uv_thread_create(&made->thread, run, made) != 0)
		status = error_set(err, ERROR_INTERNAL, 0, "cannot start a thread");
	if (status == 0) {
		*courier = made;
		return 0;
	}
	store_close(made->store);
	hook_close(&made->hook);
	uv_cond_destroy(&made->ended);
	uv_mutex_destroy(&made->mutex);
	free(made);
	curl_global_cleanup();
	return -1;
}

struct courier_counts courier_counts(struct courier *courier)
{
	uv_mutex_lock(&courier->mutex);
	struct courier_counts counts = courier->counts;
	uv_mutex_unlock(&courier->mutex);
	return counts;
}

void courier_stop(struct courier *courier)
{
	if (courier == NULL)
		return;
	uv_mutex_lock(&courier->mutex);
	courier->ending = true;
	uv_cond_signal(&courier->ended);
	uv_mutex_unlock(&courier->mutex);
	uv_thread_join(&courier->thread);
	store_close(courier->store);
	hook_close(&courier->hook);
	uv_cond_destroy(&courier->ended);
	uv_mutex_destroy(&courier->mutex);
	free(courier);
	curl_global_cleanup();
}
