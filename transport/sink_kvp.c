/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kvp:KEY: the report as key-value pairs of Hyper-V's Data Exchange, where the
 * host reads it.  The latest report only; it is delivered when it is in the
 * pool, as nobody there answers.
 */
#include <stdlib.h>

#include "transport/kvp_pool.h"
#include "transport/sink.h"

struct job {
	uv_work_t work;
	struct attempt *attempt;
	struct mailbox box;
	unsigned wait_ms;
	struct error err;
};

/* On a thread of libuv's: locks and disks may take their time. */
static void put(uv_work_t *work)
{
	struct job *job = work->data;
	kvp_pool_put(KVP_POOL_GUEST, job->attempt->rest, &job->box, job->wait_ms, &job->err);
}

static void put_done(uv_work_t *work, int status)
{
	struct job *job = work->data;
	struct attempt *attempt = job->attempt;
	struct error err = job->err;
	(void)status;
	free(job);
	if (err.code == ERROR_NONE)
		attempt->done(attempt, OUTCOME_ACKNOWLEDGED, NULL, 0);
	else
		attempt->done(attempt, OUTCOME_LATER, err.message, 0);
}

static int start(struct attempt *attempt, struct error *err)
{
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	job->attempt = attempt;
	job->work.data = job;
	job->wait_ms = config_timeout(attempt->config) * 1000;
	if (mailbox_fill(attempt->id, attempt->report, KVP_PIECE, KVP_PIECES_MAX, &job->box, err) ==
	            0 &&
	    uv_queue_work(attempt->loop, &job->work, put, put_done) == 0)
		return 0;
	free(job);
	return error_set(err, ERROR_INTERNAL, 0, "no thread for it");
}

const struct sink sink_kvp = { .scheme = "kvp", .start = start };
