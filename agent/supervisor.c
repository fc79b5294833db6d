/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See supervisor.h: which worker is started when, and who is to blame. */
#include "agent/supervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/episode.h"
#include "agent/process.h"
#include "base/text.h"

#define WORKER_NAME         "nestready-probe"
#define NETWORK_WORKER_NAME "nestready-probe-net"
#define OBITUARY_MS         5000 /* for a worker that only has to say what a dead one cannot */
#define ARGUMENTS           40

/* How one worker is started, besides what the caller of supervisor_run wants of all of them. */
struct task {
	const char *only;
	const char *skip;
	bool careful;
	const char *obituary; /* with the reason; then nothing is run */
	const char *reason;
};

struct supervisor {
	const struct supervisor_options *options;
	struct supervision *result;
	char worker[4096];
	uint64_t give_up_ms;
	bool stopped; /* nothing more can be run */
};

int supervisor_find_worker(bool network, char *path, size_t size, struct error *err)
{
	return process_find(network ? NETWORK_WORKER_NAME : WORKER_NAME, path, size) == 0
	               ? 0
	               : error_set(err, ERROR_NO_INPUT, 0, "no worker: %s is not there", path);
}

static void add_option(const char **argv, size_t *count, const char *option, const char *value)
{
	argv[(*count)++] = option;
	if (value != NULL)
		argv[(*count)++] = value;
}

/* The names with commas between; empty without any. */
static void join_nics(const struct supervisor_options *options, char *nics, size_t size)
{
	size_t used = 0;
	nics[0] = '\0';
	for (size_t i = 0; i < SUPERVISOR_NICS && options->nics[i] != NULL && used < size; i++)
		used += (size_t)snprintf(nics + used, size - used, "%s%s", i == 0 ? "" : ",",
		                         options->nics[i]);
}

static void add_network(const struct supervisor_options *options, const char *nics,
                        const char **argv, size_t *count)
{
	add_option(argv, count, "--network", NULL);
	if (nics[0] != '\0')
		add_option(argv, count, "--nics", nics);
	if (options->mac_echo != NULL)
		add_option(argv, count, "--mac-echo", options->mac_echo);
	if (options->mac_vlan != NULL)
		add_option(argv, count, "--mac-vlan", options->mac_vlan);
	if (options->mac_spare != NULL)
		add_option(argv, count, "--mac-spare-ip", options->mac_spare);
}

/* `nics` must live as long as argv. */
static void make_arguments(const struct supervisor *supervisor, const struct task *task,
                           const char *nics, const char **argv)
{
	const struct supervisor_options *options = supervisor->options;
	size_t count = 0;
	argv[count++] = WORKER_NAME;
	if (task->only != NULL)
		add_option(argv, &count, "--only", task->only);
	if (task->skip != NULL)
		add_option(argv, &count, "--skip", task->skip);
	if (task->obituary != NULL) {
		add_option(argv, &count, "--obituary", task->obituary);
		add_option(argv, &count, "--reason", task->reason);
	}
	const struct {
		bool wanted;
		const char *option;
	} flags[] = {
		{ task->careful, "--careful" },
		{ options->passive, "--passive" },
		{ options->every_cpu, "--every-cpu" },
		{ options->retry_risky, "--retry-risky" },
		{ options->risky_l2, "--risky-l2" },
		{ options->capture, "--capture" },
		{ options->mac_test, "--mac-test" },
		{ options->mac_dhcp, "--mac-dhcp" },
		{ options->progress != NULL, "--progress" },
	};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (flags[i].wanted)
			add_option(argv, &count, flags[i].option, NULL);
	if (options->challenge != NULL)
		add_option(argv, &count, "--challenge", options->challenge);
	if (options->network)
		add_network(options, nics, argv, &count);
	if (options->snapshot_fd >= 0)
		add_option(argv, &count, "--snapshot", "-");
	argv[count] = NULL;
}

/* What the worker said on standard error, a note a line. */
static void note_said(struct supervision *result, const char *said)
{
	while (*said != '\0') {
		size_t length = strcspn(said, "\n");
		if (length > 0)
			supervision_note(result, "%.*s", (int)length, said);
		said += length + (said[length] == '\n');
	}
}

static int run_task(struct supervisor *supervisor, const struct task *task, struct episode *episode,
                    struct error *err)
{
	const char *argv[ARGUMENTS];
	char nics[SUPERVISOR_NICS * 16];
	join_nics(supervisor->options, nics, sizeof nics);
	make_arguments(supervisor, task, nics, argv);
	uint64_t obituary_ms = process_clock_ms() + OBITUARY_MS;
	struct episode_options options = {
		.path = supervisor->worker,
		/* exec wants pointers to what it promises not to change */
		.argv = (char *const *)(uintptr_t)argv,
		.input = supervisor->options->snapshot_fd,
		.progress = supervisor->options->progress,
		.give_up_ms = task->obituary != NULL ? obituary_ms : supervisor->give_up_ms,
	};
	if (episode_run(episode, &options, supervisor->options->capture, supervisor->result, err) !=
	    0)
		return -1;
	if (episode->refused == 0)
		note_said(supervisor->result, episode->said);
	return 0;
}

/* The probe failed; a fresh worker says so of each of its facts, as only workers know them. */
static void condemn(struct supervisor *supervisor, const char *probe, const char *reason)
{
	struct task task = { .obituary = probe, .reason = reason };
	struct episode episode;
	supervision_note(supervisor->result, "probe %s: %s", probe, reason);
	run_task(supervisor, &task, &episode, NULL);
	if (!supervision_has_probe(supervisor->result, probe))
		supervision_add_probe(supervisor->result, probe, STATUS_FAILED, reason, 0);
}

static void stop(struct supervisor *supervisor, const char *why)
{
	supervision_note(supervisor->result, "probes were left out: %s", why);
	supervisor->stopped = true;
}

/*
 * Gives the probe a worker of its own, so that it cannot suffer for what
 * another did to the process.
 */
static void try_alone(struct supervisor *supervisor, const char *probe)
{
	struct task task = { .only = probe, .careful = true };
	struct episode episode;
	if (run_task(supervisor, &task, &episode, NULL) != 0)
		stop(supervisor, "no worker can be started");
	else if (episode.trouble[0] != '\0')
		condemn(supervisor, probe, episode.trouble);
}

/* What the bad end of a worker means for those that it had under way. */
static void blame(struct supervisor *supervisor, const struct episode *episode, bool careful)
{
	if (episode->out_of_time)
		stop(supervisor, episode->trouble);
	for (size_t i = 0; i < episode->intake.flight_count; i++) {
		const struct flight *flight = &episode->intake.flights[i];
		if (flight == episode->late || episode->out_of_time)
			condemn(supervisor, flight->id, episode->trouble);
		else if (careful)
			try_alone(supervisor, flight->id);
	}
}

/* The probes that need not run: the caller's, and those that ended. */
static void list_settled(const struct supervisor *supervisor, struct text *list)
{
	const struct supervision *result = supervisor->result;
	if (supervisor->options->skip != NULL)
		text_add(list, supervisor->options->skip);
	for (size_t i = 0; i < result->probe_count; i++) {
		text_add(list, list->length == 0 ? "" : ",");
		text_add(list, result->probes[i].id);
	}
}

/* Runs what is left, worker after worker, until one ends well. */
static void clear_up(struct supervisor *supervisor)
{
	while (!supervisor->stopped) {
		cleanup_text struct text skip = TEXT_INIT;
		struct episode episode;
		size_t settled = supervisor->result->probe_count;
		list_settled(supervisor, &skip);
		struct task task = { .only = supervisor->options->only,
			             .skip = skip.length == 0 ? NULL : skip.data,
			             .careful = true };
		if (supervisor->result->workers >= SUPERVISOR_WORKERS || skip.failed) {
			stop(supervisor, "too many workers came to grief");
			return;
		}
		if (run_task(supervisor, &task, &episode, NULL) != 0) {
			stop(supervisor, "no worker can be started");
			return;
		}
		if (episode.trouble[0] == '\0')
			return;
		blame(supervisor, &episode, true);
		if (!supervisor->stopped && supervisor->result->probe_count == settled)
			stop(supervisor, episode.trouble);
	}
}

/* The error of a worker that would not begin, in its own words where it has some. */
static int report_refusal(const struct episode *episode, struct error *err)
{
	static const char prefix[] = WORKER_NAME ": ";
	const char *said = episode->said;
	enum error_code code = episode->refused >= ERROR_USAGE && episode->refused <= ERROR_INTERNAL
	                               ? (enum error_code)episode->refused
	                               : ERROR_INTERNAL;
	if (strncmp(said, prefix, sizeof prefix - 1) == 0)
		said += sizeof prefix - 1;
	size_t length = strcspn(said, "\n");
	if (length == 0)
		return error_set(err, code, 0, "the worker %s", episode->trouble);
	return error_set(err, code, 0, "%.*s", (int)length, said);
}

static int prepare(struct supervisor *supervisor, struct error *err)
{
	const struct supervisor_options *options = supervisor->options;
	struct supervision *result = supervisor->result;
	unsigned total_ms = options->total_ms == 0 ? SUPERVISOR_TOTAL_MS : options->total_ms;
	supervisor->give_up_ms = process_clock_ms() + total_ms;
	result->facts = fact_set_new();
	result->answers = options->capture ? json_object() : NULL;
	if (result->facts == NULL || (options->capture && result->answers == NULL))
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (options->worker == NULL)
		return supervisor_find_worker(supervisor->options->network, supervisor->worker,
		                              sizeof supervisor->worker, err);
	snprintf(supervisor->worker, sizeof supervisor->worker, "%s", options->worker);
	return 0;
}

int supervisor_run(const struct supervisor_options *options, struct supervision *result,
                   struct error *err)
{
	struct supervisor supervisor = { .options = options, .result = result };
	struct task task = { .only = options->only, .skip = options->skip };
	struct episode episode;
	*result = (struct supervision){ 0 };
	if (prepare(&supervisor, err) != 0 || run_task(&supervisor, &task, &episode, err) != 0)
		return -1;
	if (episode.trouble[0] == '\0')
		return 0;
	if (episode.refused != 0)
		return report_refusal(&episode, err);
	supervision_note(result, "the worker came to grief: %s", episode.trouble);
	blame(&supervisor, &episode, false);
	clear_up(&supervisor);
	return 0;
}

void supervision_clear(struct supervision *result)
{
	supervision_reap(result, 0);
	fact_set_free(result->facts);
	free(result->probes);
	json_decref(result->answers);
	*result = (struct supervision){ 0 };
}
