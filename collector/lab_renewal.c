/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See lab_renewal.h. */
#include "collector/lab_renewal.h"

#include <stddef.h>
#include <string.h>

#include "collector/lab_cache.h"
#include "collector/lab_sum.h"
#include "collector/server.h"

static struct lab_renewal *renewal_of(struct lane_job *job)
{
	return (struct lab_renewal *)(void *)((char *)job - offsetof(struct lab_renewal, job));
}

/* On the writer's thread.  Whatever goes wrong, the next reader finds what is left. */
static void work(struct lane_job *job)
{
	struct lab_renewal *renewal = renewal_of(job);
	struct server *server = renewal->server;
	const struct lab *lab;
	struct error err = ERROR_INIT;
	renewal->over =
	        lab_cache_load(&server->labs, server->write_store, renewal->lab, &lab, &err) != 0 ||
	        lab->document == NULL ||
	        lab_sums_bring_up(server->write_store, lab, renewal->next, server_now(), &err) != 0;
	renewal->next += LAB_SUMS_BROUGHT_UP;
	renewal->over = renewal->over || renewal->next >= json_array_size(lab->students);
}

static void on_worked(struct lane_job *job)
{
	struct lab_renewal *renewal = renewal_of(job);
	struct server *server = renewal->server;
	renewal->busy = !renewal->over && !server->ending && lane_put(server->writer, job);
}

void lab_renewal_ask(struct lab_renewal *renewal, struct server *server, const char *lab)
{
	if (renewal->busy || server->ending)
		return;
	renewal->server = server;
	renewal->job = (struct lane_job){ .work = work, .done = on_worked };
	renewal->next = 0;
	text_cut(renewal->lab, sizeof renewal->lab, lab);
	renewal->busy = lane_put(server->writer, &renewal->job);
}
