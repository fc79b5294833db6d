/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See episode.h.  Two pipes and one clock need no event loop: poll says it all. */
#include "agent/episode.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/process.h"
#include "base/text.h"

struct listener {
	struct episode *episode;
	struct process process;
	struct text heard; /* bytes of the wire that are no whole line yet */
	size_t searched;   /* so many of them hold no newline */
	bool wire_open;
	void (*progress)(const char *line);
	uint64_t now_ms;
	uint64_t heard_ms; /* when the last line came */
};

static void set_trouble(struct episode *episode, const char *trouble)
{
	if (episode->trouble[0] == '\0')
		snprintf(episode->trouble, sizeof episode->trouble, "%s", trouble);
}

/* Takes the whole lines out of what was heard. */
static void take_lines(struct listener *listener)
{
	struct text *heard = &listener->heard;
	struct intake *intake = &listener->episode->intake;
	struct error err = ERROR_INIT;
	size_t start = 0;
	const char *newline;
	while (!intake->done && (newline = memchr(heard->data + listener->searched, '\n',
	                                          heard->length - listener->searched)) != NULL) {
		size_t end = (size_t)(newline - heard->data);
		if (intake_line(intake, heard->data + start, end - start, listener->now_ms, &err) !=
		    0) {
			set_trouble(listener->episode, err.message);
			return;
		}
		listener->heard_ms = listener->now_ms;
		start = listener->searched = end + 1;
	}
	memmove(heard->data, heard->data + start, heard->length - start);
	heard->length -= start;
	listener->searched = heard->length;
	if (heard->length >= intake_line_max(intake))
		set_trouble(listener->episode, "a line that is too long");
}

static void hear_wire(struct listener *listener)
{
	char bytes[65536];
	ssize_t got = read(listener->process.out, bytes, sizeof bytes);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		listener->wire_open = false;
		return;
	}
	text_add_bytes(&listener->heard, bytes, (size_t)got);
	if (listener->heard.failed)
		set_trouble(listener->episode, "out of memory");
	else
		take_lines(listener);
}

/* Passes on the lines for who waits, and leaves the others.  Returns how much that is. */
static ssize_t take_progress(void (*progress)(const char *line), char *bytes)
{
	char *kept = bytes;
	for (char *line = bytes; *line != '\0';) {
		size_t length = strcspn(line, "\n");
		char *next = line + length + (line[length] == '\n');
		if (strncmp(line, WIRE_PROGRESS, strlen(WIRE_PROGRESS)) == 0) {
			line[length] = '\0';
			progress(line + strlen(WIRE_PROGRESS));
		} else {
			memmove(kept, line, (size_t)(next - line));
			kept += next - line;
		}
		line = next;
	}
	return kept - bytes;
}

/* Keeps the beginning; drops the rest, so that a talkative library does not block. */
static void hear_said(struct listener *listener)
{
	struct episode *episode = listener->episode;
	char bytes[4096];
	ssize_t got = read(listener->process.err, bytes, sizeof bytes - 1);
	if (got <= 0)
		return;
	if (listener->progress != NULL) {
		bytes[got] = '\0';
		got = take_progress(listener->progress, bytes);
	}
	size_t room = sizeof episode->said - 1 - episode->said_length;
	size_t kept = (size_t)got < room ? (size_t)got : room;
	memcpy(episode->said + episode->said_length, bytes, kept);
	episode->said_length += kept;
}

/* When something has to happen even if nothing is heard; *late is whose deadline that is. */
static uint64_t next_deadline(const struct listener *listener, uint64_t give_up_ms,
                              const struct flight **late)
{
	const struct intake *intake = &listener->episode->intake;
	uint64_t next = give_up_ms;
	*late = NULL;
	for (size_t i = 0; i < intake->flight_count; i++) {
		if (intake->flights[i].expires_ms <= next) {
			next = intake->flights[i].expires_ms;
			*late = &intake->flights[i];
		}
	}
	if (intake->flight_count == 0 && listener->heard_ms + SUPERVISOR_START_MS < next)
		next = listener->heard_ms + SUPERVISOR_START_MS;
	return next;
}

static void time_is_up(struct episode *episode, const struct flight *late, uint64_t give_up_ms,
                       uint64_t now_ms)
{
	char trouble[sizeof episode->trouble];
	episode->late = late;
	episode->out_of_time = late == NULL && now_ms >= give_up_ms;
	if (late != NULL)
		snprintf(trouble, sizeof trouble, "no answer within %u ms", late->deadline_ms);
	else
		snprintf(trouble, sizeof trouble, "%s",
		         episode->out_of_time ? "the time for the whole run is up"
		                              : "said nothing for too long");
	set_trouble(episode, trouble);
}

/* Until the worker is done, its wire is closed, or there is trouble. */
static void listen_to(struct listener *listener, uint64_t give_up_ms)
{
	struct episode *episode = listener->episode;
	struct pollfd fds[] = { { listener->process.out, POLLIN, 0 },
		                { listener->process.err, POLLIN, 0 } };
	while (!episode->intake.done && listener->wire_open && episode->trouble[0] == '\0') {
		const struct flight *late;
		uint64_t next = next_deadline(listener, give_up_ms, &late);
		if (listener->now_ms >= next) {
			time_is_up(episode, late, give_up_ms, listener->now_ms);
			return;
		}
		int ready = poll(fds, 2, (int)(next - listener->now_ms));
		listener->now_ms = process_clock_ms();
		if (ready <= 0)
			continue;
		if ((fds[1].revents & POLLIN) != 0)
			hear_said(listener);
		else if (fds[1].revents != 0)
			fds[1].fd = -1; /* closed: nothing to wait for */
		if (fds[0].revents != 0)
			hear_wire(listener);
	}
}

/* Sees a worker that did not end well out of the world, and finds out what it died of. */
static void part_from(struct listener *listener, struct supervision *result)
{
	struct episode *episode = listener->episode;
	struct process_end end;
	char description[sizeof episode->trouble];
	bool by_itself = episode->trouble[0] == '\0';
	bool gone = by_itself && process_wait(listener->process.pid, SUPERVISOR_DIE_MS, &end);
	if (gone) {
		process_describe_end(&end, description, sizeof description);
		set_trouble(episode, description);
		if (episode->intake.lines == 0 && end.known && end.signal == 0)
			episode->refused = end.status;
		return;
	}
	set_trouble(episode, "closed the wire and stayed");
	kill(listener->process.pid, SIGKILL);
	if (!process_wait(listener->process.pid, SUPERVISOR_DIE_MS, &end))
		supervision_note(result, "worker %d does not die (%s): left behind",
		                 (int)listener->process.pid, episode->trouble);
}

void supervision_reap(struct supervision *result, unsigned wait_ms)
{
	struct process_end end;
	if (result->leaving != 0)
		process_wait(result->leaving, wait_ms, &end);
	result->leaving = 0;
}

int episode_run(struct episode *episode, const struct episode_options *options, bool capture,
                struct supervision *result, struct error *err)
{
	struct listener listener = { .episode = episode,
		                     .wire_open = true,
		                     .progress = options->progress };
	*episode = (struct episode){ .intake = { .result = result, .capture = capture } };
	if (process_start(&listener.process, options->path, options->argv, options->input, err) !=
	    0)
		return -1;
	supervision_reap(result, SUPERVISOR_DIE_MS); /* the one before */
	result->workers++;
	listener.now_ms = listener.heard_ms = process_clock_ms();
	listen_to(&listener, options->give_up_ms);
	if (episode->intake.done)
		result->leaving = listener.process.pid;
	else
		part_from(&listener, result);
	hear_said(&listener);
	process_close(&listener.process);
	text_clear(&listener.heard);
	return 0;
}
