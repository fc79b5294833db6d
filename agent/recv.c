/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nestready recv`: the host's end of the channels that carry frames.  What
 * comes out of one was written by a guest, which need not mean well.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/commands.h"
#include "agent/output.h"
#include "agent/recv_loop.h"
#include "agent/reporting.h"
#include "report/arrived.h"

/* What take() needs. */
struct receiving {
	const struct options *options;
	struct reporting reporting;
	struct error err; /* the first */
};

void recv_describe(struct text *out)
{
	text_add(out,
	         "SOURCE is the host's end of a serial port, a virtio-serial port or a vsock:\n"
	         "a UNIX socket to connect to, a file, a device, vsock:PORT to listen on, or -\n"
	         "for standard input. Each report is printed as a line of JSON, once, unless\n"
	         "--report says where it goes; then the guest is told that it arrived.\n\n"
	         "Exit status: 0; 65 when a report came damaged or was none, 66 when SOURCE\n"
	         "cannot be opened, 69 when a report could not be forwarded.\n\n");
	reporting_describe(out);
}

static void say(const struct recv_loop *loop, const char *id, const struct error *err)
{
	fprintf(stderr, "nestready: %s: %s: %s\n", loop->from, id, err->message);
}

static int hand_over(struct receiving *receiving, const char *id, const struct text *body,
                     const struct text *line, struct error *err)
{
	if (receiving->options->reports.count > 0)
		return reporting_forward(receiving->options, &receiving->reporting, id, body, line,
		                         err);
	if (output_write_all(STDOUT_FILENO, text_string(line), line->length) != 0)
		return error_set(err, ERROR_INTERNAL, errno, "cannot write to standard output");
	return 0;
}

static bool take(struct recv_loop *loop, const char *id, const char *bytes, size_t length)
{
	struct receiving *receiving = loop->context;
	struct error err = ERROR_INIT;
	cleanup_text struct text body = TEXT_INIT, line = TEXT_INIT;
	text_add_bytes(&body, bytes, length);
	if (body.failed)
		error_set(&err, ERROR_INTERNAL, 0, "out of memory");
	else if (arrived_read(bytes, length, id, &line, &err) == 0)
		hand_over(receiving, id, &body, &line, &err);
	if (err.code == ERROR_NONE)
		return true;
	say(loop, id, &err);
	error_set(&receiving->err, err.code, 0, "%s: a report was not taken", loop->from);
	return false;
}

int command_recv(const struct options *options, struct error *err)
{
	struct receiving receiving = { .options = options, .err = ERROR_INIT };
	struct recv_loop loop = { .from = options->from,
		                  .follow = options->follow,
		                  .take = take,
		                  .context = &receiving };
	if (options->from == NULL)
		return error_set(err, ERROR_USAGE, 0,
		                 "`recv` needs --from SOURCE: `nestready recv --help` says which");
	if (reporting_prepare(options, &receiving.reporting, err) != 0)
		return -1;
	int status = recv_loop_run(&loop, err);
	reporting_end(&receiving.reporting);
	if (status == 0 && receiving.err.code != ERROR_NONE) {
		*err = receiving.err;
		return -1;
	}
	if (status == 0 && loop.incomplete > 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: %zu reports did not arrive whole",
		                 options->from, loop.incomplete);
	return status;
}
