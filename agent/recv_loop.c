/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See recv_loop.h. */
#include "agent/recv_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "transport/framing.h"
#include "transport/source.h"

/* Connections at a time: each may make us hold FRAMING_OPEN_MAX reports. */
#define LINKS 8
/* Reports that are remembered, so that one that is sent again is not given again. */
#define REMEMBERED 1024
/* How soon a source that ended is looked at again. */
#define REST_MS 200

struct state;

/* One from which bytes come. */
struct link {
	struct state *state; /* NULL: free */
	int fd;
	bool answers;   /* who sends reads what we write */
	bool resting;   /* at its end, which may not be the last */
	uint64_t heard; /* when, in the loop's turns */
	struct framing_decoder decoder;
};

struct state {
	struct recv_loop *loop;
	struct source source;
	struct link links[LINKS];
	char remembered[REMEMBERED][FRAMING_ID_SIZE];
	size_t next; /* in `remembered` */
	uint64_t turns;
	bool ended;
};

static bool known(void *context, const char *id)
{
	const struct link *link = context;
	for (size_t i = 0; i < REMEMBERED; i++) {
		if (strcmp(link->state->remembered[i], id) == 0)
			return true;
	}
	return false;
}

/* Who does not get it sends the report again. */
static void acknowledge(const struct link *link, const char *id)
{
	cleanup_text struct text line = TEXT_INIT;
	framing_add_ack(id, &line);
	if (link->answers && write(link->fd, text_string(&line), line.length) < 0)
		fprintf(stderr, "nestready: %s: cannot answer %s: %s\n", link->state->loop->from,
		        id, strerror(errno));
}

static void on_report(void *context, const char *id, const char *bytes, size_t length)
{
	struct link *link = context;
	struct state *state = link->state;
	if (bytes != NULL) {
		if (!state->loop->take(state->loop, id, bytes, length))
			return;
		memcpy(state->remembered[state->next], id, FRAMING_ID_SIZE);
		state->next = (state->next + 1) % REMEMBERED;
	}
	acknowledge(link, id);
}

static void on_damaged(void *context, const char *what)
{
	const struct link *link = context;
	fprintf(stderr, "nestready: %s: %s\n", link->state->loop->from, what);
}

static const struct framing_events events = { known, on_report, NULL, on_damaged };

/* What it did not send whole is named, and counts. */
static void end_link(struct link *link)
{
	struct state *state = link->state;
	state->loop->incomplete += framing_end(&link->decoder);
	if (link->decoder.no_memory)
		state->loop->incomplete++;
	framing_clear(&link->decoder);
	if (state->source.kind == SOURCE_LISTENER)
		close(link->fd);
	link->state = NULL;
}

/* A free one; else that of who said nothing for longest, so that nobody can hold them all. */
static void begin_link(struct state *state, int fd, bool answers)
{
	struct link *link = &state->links[0];
	for (size_t i = 0; i < LINKS && link->state != NULL; i++) {
		if (state->links[i].state == NULL || state->links[i].heard < link->heard)
			link = &state->links[i];
	}
	if (link->state != NULL)
		end_link(link);
	*link = (struct link){
		.state = state, .fd = fd, .answers = answers, .heard = state->turns
	};
	framing_init(&link->decoder, &events, link);
}

static int open_source(struct state *state, struct error *err)
{
	struct source *source = &state->source;
	if (source_open(state->loop->from, source, err) != 0)
		return -1;
	if (source->kind != SOURCE_LISTENER)
		begin_link(state, source->fd, source->kind != SOURCE_FILE);
	return 0;
}

/* A socket has to be connected again, a file may have been made anew; else there may be more. */
static void look_again(struct link *link)
{
	struct state *state = link->state;
	struct stat status;
	struct error err = ERROR_INIT;
	link->resting = false;
	if (state->source.kind == SOURCE_SOCKET) {
		source_close(&state->source);
		if (source_open(state->loop->from, &state->source, &err) == 0)
			link->fd = state->source.fd;
		else
			link->resting = true;
	} else if (state->source.kind == SOURCE_FILE && fstat(link->fd, &status) == 0 &&
	           S_ISREG(status.st_mode) && status.st_size < lseek(link->fd, 0, SEEK_CUR)) {
		lseek(link->fd, 0, SEEK_SET);
	}
}

static void read_link(struct link *link)
{
	char buffer[65536];
	struct state *state = link->state;
	ssize_t count = read(link->fd, buffer, sizeof buffer);
	if (count > 0) {
		link->heard = state->turns;
		framing_feed(&link->decoder, buffer, (size_t)count);
		return;
	}
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (state->loop->follow && state->source.kind != SOURCE_LISTENER) {
		link->resting = true;
		return;
	}
	end_link(link);
	state->ended = !state->loop->follow;
}

static void accept_link(struct state *state)
{
	int fd = accept4(state->source.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		begin_link(state, fd, true);
}

/* One round: waits, and does what there is to do. */
static void turn(struct state *state, int signals)
{
	struct pollfd polled[2 + LINKS] = { { .fd = signals, .events = POLLIN } };
	bool listens = state->source.kind == SOURCE_LISTENER;
	bool resting = false;
	state->turns++;
	polled[1] = (struct pollfd){ .fd = listens ? state->source.fd : -1, .events = POLLIN };
	for (size_t i = 0; i < LINKS; i++) {
		const struct link *link = &state->links[i];
		bool asleep = link->state != NULL && link->resting;
		polled[2 + i] =
		        (struct pollfd){ .fd = link->state == NULL || asleep ? -1 : link->fd,
			                 .events = POLLIN };
		resting = resting || asleep;
	}
	if (poll(polled, 2 + LINKS, resting ? REST_MS : -1) < 0)
		return;
	struct signalfd_siginfo taken;
	state->ended = read(signals, &taken, sizeof taken) == sizeof taken;
	for (size_t i = 0; i < LINKS && !state->ended; i++) {
		if (state->links[i].state != NULL && state->links[i].resting)
			look_again(&state->links[i]);
		else if (polled[2 + i].revents != 0)
			read_link(&state->links[i]);
	}
	if (polled[1].revents != 0)
		accept_link(state);
}

/* A signal to end is a way to end in order: a terminal is set back, what is missing is named. */
static int block_signals(sigset_t *before)
{
	sigset_t ending;
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, before);
	return signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
}

int recv_loop_run(struct recv_loop *loop, struct error *err)
{
	sigset_t before;
	cleanup_free struct state *state = calloc(1, sizeof *state);
	if (state == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	state->loop = loop;
	if (open_source(state, err) != 0)
		return -1;
	cleanup_fd int signals = block_signals(&before);
	while (!state->ended)
		turn(state, signals);
	for (size_t i = 0; i < LINKS; i++) {
		if (state->links[i].state != NULL)
			end_link(&state->links[i]);
	}
	source_close(&state->source);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return 0;
}
