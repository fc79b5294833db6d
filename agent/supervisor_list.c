/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the worker what it knows, instead of what it finds; see supervisor.h. */
#include "agent/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/process.h"
#include "base/text.h"

#define LIST_MAX ((size_t)1 << 20)
#define LIST_MS  5000

/* Everything until the other side closes; false when that takes too long or is too much. */
static bool read_all(int fd, struct text *text)
{
	uint64_t until = process_clock_ms() + LIST_MS;
	struct pollfd readable = { fd, POLLIN, 0 };
	char bytes[16384];
	for (uint64_t now; (now = process_clock_ms()) < until;) {
		if (poll(&readable, 1, (int)(until - now)) <= 0)
			continue;
		ssize_t got = read(fd, bytes, sizeof bytes);
		if (got == 0)
			return !text->failed;
		if (got > 0)
			text_add_bytes(text, bytes, (size_t)got);
		if (text->length > LIST_MAX)
			return false;
	}
	return false;
}

json_t *supervisor_list(const struct supervisor_options *options, struct error *err)
{
	char found[4096];
	const char *path = options->worker;
	if (path == NULL && supervisor_find_worker(false, found, sizeof found, err) != 0)
		return NULL;
	path = path == NULL ? found : path;
	const char *const argv[] = { "nestready-probe", "--list", NULL };
	cleanup_text struct text text = TEXT_INIT;
	struct process process;
	struct process_end end;
	if (process_start(&process, path, (char *const *)(uintptr_t)argv, -1, err) != 0)
		return NULL;
	bool whole = read_all(process.out, &text);
	process_close(&process);
	if (!whole)
		kill(process.pid, SIGKILL);
	process_wait(process.pid, SUPERVISOR_DIE_MS, &end);
	json_t *list =
	        whole ? json_loadb(text_string(&text), text.length, JSON_REJECT_DUPLICATES, NULL)
	              : NULL;
	if (list == NULL)
		error_set(err, ERROR_INTERNAL, 0, "%s does not say what it knows", path);
	return list;
}
