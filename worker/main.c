/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nestready-probe: the one program that touches the machine.  It runs probes
 * and writes what they say, as lines (report/wire.h), to standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "machine/adapters.h"
#include "machine/snapshot.h"
#include "report/wire.h"
#include "worker/catalogue.h"
#include "worker/options.h"
#include "worker/risky.h"
#include "worker/runner.h"
#include "worker/sandbox.h"

#define SNAPSHOT_MAX ((size_t)64 << 20) /* bytes; a recorded machine is some hundred KiB */

/* The whole file; rewound first where that is possible, as another worker may have read it. */
static int read_snapshot(const char *path, struct text *text, struct error *err)
{
	cleanup_fd int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY);
	if (fd < 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	lseek(fd, 0, SEEK_SET);
	char buffer[65536];
	ssize_t got;
	while ((got = read(fd, buffer, sizeof buffer)) > 0 && text->length <= SNAPSHOT_MAX)
		text_add_bytes(text, buffer, (size_t)got);
	if (got < 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	if (text->length > SNAPSHOT_MAX)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: longer than any snapshot", path);
	if (text->failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return 0;
}

/* Told of each answer when the machine gave it, from the thread that asked. */
static void on_answer(void *context, const char *key, const struct answer *answer)
{
	struct outbox *outbox = context;
	json_t *json = answer_to_json(answer);
	if (json == NULL)
		return;
	wire_asked(outbox_lock(outbox), key, json);
	outbox_commit(outbox);
	json_decref(json);
}

/* A line that begins so is for who waits, and no accident. */
static void on_progress(const char *nic, const char *what)
{
	fprintf(stderr, WIRE_PROGRESS "%s: %s\n", nic, what);
}

static bool sends_frames(const struct worker_options *options)
{
	return options->settings.mac_test && !options->settings.passive &&
	       options->snapshot == NULL;
}

static struct machine *open_live(const struct worker_options *options, struct error *err)
{
	const struct live_options live = {
		.mac_allowed = sends_frames(options),
		.mac_dhcp = options->settings.mac_dhcp,
		.l2_challenge = options->settings.challenge,
		.mac_echo = options->mac_echo,
		.mac_vlan = options->settings.vlan == NULL
		                    ? 0
		                    : (unsigned short)strtoul(options->settings.vlan, NULL, 10),
		.mac_spare = options->mac_spare,
		.mac_progress = options->progress ? on_progress : NULL,
	};
	return machine_live_open(&live, err);
}

static struct machine *open_machine(const struct worker_options *options, struct outbox *outbox,
                                    struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	struct machine *machine;
	if (options->snapshot != NULL) {
		if (read_snapshot(options->snapshot, &text, err) != 0)
			return NULL;
		machine = machine_snapshot_open("snapshot", text_string(&text), text.length, err);
	} else {
		machine = open_live(options, err);
	}
	if (machine == NULL)
		return NULL;
	return machine_recorder_open(machine, options->capture ? on_answer : NULL, outbox, err);
}

/*
 * Standard output becomes the wire; what a library prints there goes to
 * standard error instead.  Returns the wire's new descriptor.
 */
static int take_wire(struct error *err)
{
	int wire = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (wire < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return error_set(err, ERROR_INTERNAL, errno, "the wire");
	return wire;
}

/* The last line, after so many probes.  The supervisor may go once it has it; we tidy up in peace.
 */
static void say_done(struct outbox *outbox, size_t probes)
{
	prctl(PR_SET_PDEATHSIG, 0);
	wire_done(outbox_lock(outbox), probes);
	outbox_commit(outbox);
	outbox_flush(outbox);
}

/* Says of a probe that died elsewhere what it can no longer say itself. */
static int bury(const struct worker_options *options, struct outbox *outbox, struct error *err)
{
	struct voice voice;
	const struct probe *probe =
	        selection_find(probe_registry, options->obituary, strlen(options->obituary));
	if (probe == NULL)
		return error_set(err, ERROR_USAGE, 0, "unknown probe \"%s\"", options->obituary);
	struct machine *machine =
	        options->snapshot == NULL ? open_machine(options, outbox, err) : NULL;
	if (machine != NULL)
		risky_settle(machine);
	machine_close(machine);
	voice_begin(&voice, outbox, probe);
	voice_nothing(&voice, STATUS_FAILED, options->reason);
	voice_end(&voice, STATUS_FAILED, options->reason);
	say_done(outbox, 1);
	return 0;
}

static int probe(const struct worker_options *options, struct outbox *outbox, struct error *err)
{
	const struct runner_options runner_options = {
		.settings = &options->settings,
		.live = options->snapshot == NULL,
	};
	struct selection selection;
	struct watch watch;
	int result = -1;
	if (selection_make(&selection, probe_registry, options->only, options->skip, err) != 0)
		return -1;
	struct machine *machine = open_machine(options, outbox, err);
	if (machine != NULL && watch_begin(&watch, outbox, err) == 0) {
		runner_run(&watch, machine, &selection, &runner_options);
		say_done(outbox, selection.count);
		watch_end(&watch);
		result = 0;
	}
	machine_close(machine);
	selection_clear(&selection);
	return result;
}

static int work(const struct worker_options *options, struct error *err)
{
	struct error refused = ERROR_INIT;
	struct outbox outbox;
	cleanup_fd int wire = take_wire(err);
	if (wire < 0)
		return -1;
	if (sandbox_enter(sends_frames(options), &refused) != 0)
		fprintf(stderr, "nestready-probe: not sandboxed: %s\n", refused.message);
	if (outbox_init(&outbox, wire, options->careful, err) != 0)
		return -1;
	int result = options->obituary != NULL ? bury(options, &outbox, err)
	                                       : probe(options, &outbox, err);
	outbox_close(&outbox);
	return result;
}

static int list(struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	catalogue_write(&text, probe_registry);
	if (text.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (fputs(text_string(&text), stdout) == EOF || fflush(stdout) != 0)
		return error_set(err, ERROR_INTERNAL, errno, "standard output");
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct worker_options options;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (worker_options_parse(&options, argc, argv, &err) == 0) {
		if (options.list)
			list(&err);
		else
			work(&options, &err);
	}
	if (err.code == ERROR_NONE)
		return 0;
	fprintf(stderr, "nestready-probe: %s\n", err.message);
	return (int)err.code;
}
