/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See stream.h. */
#include "transport/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/framing.h"
#include "transport/tty.h"

/* How often it is asked whether a port has sent everything; nothing wakes us for that. */
#define DRAIN_MS 20

#define NOBODY "nobody reads it"

struct stream {
	struct attempt *attempt;
	enum stream_kind kind;
	bool one_way;    /* nobody answers: written is delivered */
	bool connecting; /* the socket is not connected yet */
	int fd;
	struct tty tty;
	uv_poll_t poll;
	uv_timer_t deadline, drain;
	unsigned closing; /* handles that libuv still has */
	struct framing_decoder decoder;
	struct text out; /* what is not written yet, from `at` on */
	size_t at;
	size_t total, sent; /* frames of the report, and those that were put into `out` */
	enum outcome outcome;
	char why[160];
};

static void on_poll(uv_poll_t *poll, int status, int events);

static void on_closed(uv_handle_t *handle)
{
	struct stream *stream = handle->data;
	if (--stream->closing > 0)
		return;
	struct attempt *attempt = stream->attempt;
	enum outcome outcome = stream->outcome;
	char why[sizeof stream->why];
	memcpy(why, stream->why, sizeof why);
	/* Closing a port waits up to half a minute for what it could not send. */
	if (stream->kind == STREAM_TTY && outcome != OUTCOME_ACKNOWLEDGED)
		tcflush(stream->fd, TCOFLUSH);
	tty_restore(&stream->tty);
	close(stream->fd);
	framing_clear(&stream->decoder);
	text_clear(&stream->out);
	free(stream);
	attempt->done(attempt, outcome, outcome == OUTCOME_ACKNOWLEDGED ? NULL : why, 0);
}

static void finish(struct stream *stream, enum outcome outcome, const char *why)
{
	if (stream->closing > 0)
		return;
	/* A sending that was cut off goes on with the first frame that did not go out whole. */
	size_t whole = stream->sent - (stream->at < stream->out.length);
	stream->attempt->progress = (stream->attempt->progress + whole) % stream->total;
	stream->outcome = outcome;
	text_cut(stream->why, sizeof stream->why, why);
	stream->closing = 3;
	uv_close((uv_handle_t *)&stream->poll, on_closed);
	uv_close((uv_handle_t *)&stream->deadline, on_closed);
	uv_close((uv_handle_t *)&stream->drain, on_closed);
}

static void on_deadline(uv_timer_t *timer)
{
	struct stream *stream = timer->data;
	char why[120];
	if (stream->connecting)
		snprintf(why, sizeof why, "no connection in time");
	else if (stream->sent == stream->total && stream->at == stream->out.length)
		snprintf(why, sizeof why, "sent, but nobody acknowledged it");
	else
		snprintf(why, sizeof why, "its reader took %zu of %zu frames in time", stream->sent,
		         stream->total);
	finish(stream, OUTCOME_LATER, why);
}

static void on_acknowledged(void *context, const char *id)
{
	struct stream *stream = context;
	if (strcmp(id, stream->attempt->id) == 0)
		finish(stream, OUTCOME_ACKNOWLEDGED, "");
}

/* Whatever else comes in is not for us: other frames, a login's echo. */
static const struct framing_events answers = { .acknowledged = on_acknowledged };

static void take_answer(struct stream *stream)
{
	char buffer[4096];
	ssize_t count = read(stream->fd, buffer, sizeof buffer);
	if (count > 0)
		framing_feed(&stream->decoder, buffer, (size_t)count);
	else if (count == 0)
		finish(stream, OUTCOME_LATER, NOBODY);
	else if (errno != EAGAIN && errno != EINTR)
		finish(stream, OUTCOME_LATER, strerror(errno));
}

/* Nobody is at the other end, and whoever waited here for room would do so for ever. */
static bool abandoned(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLOUT };
	return poll(&polled, 1, 0) == 1 && (polled.revents & (POLLHUP | POLLERR)) != 0;
}

static void on_drain(uv_timer_t *timer)
{
	struct stream *stream = timer->data;
	int waiting = 0;
	if (ioctl(stream->fd, TIOCOUTQ, &waiting) == 0 && waiting > 0)
		return;
	/* A few bytes at most are in the port itself now. */
	if (stream->kind == STREAM_TTY)
		tcdrain(stream->fd);
	finish(stream, OUTCOME_ACKNOWLEDGED, "");
}

static void all_written(struct stream *stream)
{
	uv_poll_start(&stream->poll, UV_READABLE, on_poll);
	if (stream->one_way)
		uv_timer_start(&stream->drain, on_drain, 0, DRAIN_MS);
}

/* The next frame; false when there is none. */
static bool next_frame(struct stream *stream)
{
	const struct attempt *attempt = stream->attempt;
	if (stream->sent == stream->total)
		return false;
	size_t seq = (attempt->progress + stream->sent) % stream->total + 1;
	text_clear(&stream->out);
	stream->at = 0;
	/* Whatever was on the line before is not part of the first one. */
	if (stream->sent == 0)
		text_add(&stream->out, "\n");
	framing_add_frame(attempt->id, text_string(attempt->report), attempt->report->length, seq,
	                  &stream->out);
	stream->sent++;
	return true;
}

/* Writes until it would have to wait; a loop that others need too gets its turn. */
static void send_more(struct stream *stream)
{
	while (stream->at < stream->out.length || next_frame(stream)) {
		if (stream->out.failed) {
			finish(stream, OUTCOME_LATER, "out of memory");
			return;
		}
		ssize_t count = write(stream->fd, stream->out.data + stream->at,
		                      stream->out.length - stream->at);
		if (count > 0) {
			stream->at += (size_t)count;
			continue;
		}
		if (count < 0 && errno != EAGAIN && errno != EINTR)
			finish(stream, OUTCOME_LATER, strerror(errno));
		else if (abandoned(stream->fd))
			finish(stream, OUTCOME_LATER, NOBODY);
		return;
	}
	all_written(stream);
}

static bool connected(struct stream *stream)
{
	int reason = 0;
	socklen_t size = sizeof reason;
	getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &reason, &size);
	stream->connecting = false;
	if (reason == 0)
		return true;
	finish(stream, OUTCOME_LATER, strerror(reason));
	return false;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct stream *stream = poll->data;
	if (stream->connecting && !connected(stream))
		return;
	if (status < 0) {
		finish(stream, OUTCOME_LATER, NOBODY);
		return;
	}
	if (events & UV_READABLE)
		take_answer(stream);
	if ((events & UV_WRITABLE) && stream->closing == 0)
		send_more(stream);
}

/* What keeps a report from being sent this way at all; NULL: nothing. */
static const char *obstacle(const struct stream *stream)
{
	if (stream->total == 0)
		return "no report has so many bytes, or none";
	if (stream->one_way && stream->kind == STREAM_SOCKET)
		return "acknowledge = written is for ports: who is connected can answer";
	return NULL;
}

static int begin(struct stream *stream, struct error *err)
{
	uv_loop_t *loop = stream->attempt->loop;
	int reason = uv_poll_init(loop, &stream->poll, stream->fd);
	if (reason != 0)
		return error_set(err, ERROR_INTERNAL, 0, "cannot be waited for: %s",
		                 uv_strerror(reason));
	uv_timer_init(loop, &stream->deadline);
	uv_timer_init(loop, &stream->drain);
	stream->poll.data = stream->deadline.data = stream->drain.data = stream;
	framing_init(&stream->decoder, &answers, stream);
	if (stream->kind == STREAM_TTY)
		tty_set_raw(&stream->tty, stream->fd);
	uv_timer_start(&stream->deadline, on_deadline,
	               config_timeout(stream->attempt->config) * UINT64_C(1000), 0);
	uv_poll_start(&stream->poll, UV_READABLE | UV_WRITABLE, on_poll);
	return 0;
}

int stream_start(struct attempt *attempt, int fd, enum stream_kind kind, struct error *err)
{
	struct stream *stream = calloc(1, sizeof *stream);
	if (stream == NULL) {
		close(fd);
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	}
	*stream = (struct stream){ .attempt = attempt,
		                   .kind = kind,
		                   .one_way = attempt->config != NULL && attempt->config->one_way,
		                   .connecting = kind == STREAM_SOCKET,
		                   .fd = fd,
		                   .total = framing_total(attempt->report->length) };
	const char *wrong = obstacle(stream);
	int status =
	        wrong == NULL ? begin(stream, err) : error_set(err, ERROR_USAGE, 0, "%s", wrong);
	if (status != 0) {
		close(fd);
		free(stream);
	}
	return status;
}
