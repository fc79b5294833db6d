/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See courier.h; what is written to nestready-send and what it answers is in sender/ask.h. */
#include "agent/courier.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/output.h"
#include "agent/process.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"

#define SENDER     "nestready-send"
#define ANSWER_MAX (5u << 20)
#define ANSWER_MS  90000 /* it gives up by itself much earlier */
#define DIE_MS     1000

/* The request as nestready-send reads it.  A descriptor or -1. */
static int write_request(const char *token, const char *body, size_t length, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	text_printf(&text, "%s\n%s\n", body == NULL ? "GET" : "POST", token);
	text_add_bytes(&text, body == NULL ? "" : body, length);
	int fd = memfd_create("request", MFD_CLOEXEC);
	if (text.failed || fd < 0 || output_write_all(fd, text_string(&text), text.length) != 0 ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		error_set(err, ERROR_INTERNAL, errno, "cannot write a request");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* Takes what is there; false at the end. */
static bool take(int fd, struct text *text)
{
	char bytes[16384];
	ssize_t count = read(fd, bytes, sizeof bytes);
	if (count > 0 && text->length < ANSWER_MAX)
		text_add_bytes(text, bytes, (size_t)count);
	return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Both pipes until both are closed, or it takes too long. */
static void read_both(const struct process *process, struct text *out, struct text *said)
{
	struct pollfd ends[2] = { { process->out, POLLIN, 0 }, { process->err, POLLIN, 0 } };
	struct text *texts[2] = { out, said };
	uint64_t until = process_clock_ms() + ANSWER_MS;
	for (uint64_t now;
	     (now = process_clock_ms()) < until && (ends[0].fd >= 0 || ends[1].fd >= 0);) {
		if (poll(ends, 2, (int)(until - now)) <= 0)
			continue;
		for (int i = 0; i < 2; i++) {
			if (ends[i].revents != 0 && !take(ends[i].fd, texts[i]))
				ends[i].fd = -1;
		}
	}
}

static int run(char *const argv[], int input, struct text *out, struct error *err)
{
	char path[4096];
	cleanup_text struct text said = TEXT_INIT;
	struct process process;
	struct process_end end;
	if (process_find(SENDER, path, sizeof path) != 0)
		return error_set(err, ERROR_NO_INPUT, 0, "no sender: %s is not there", path);
	if (process_start(&process, path, argv, input, err) != 0)
		return -1;
	read_both(&process, out, &said);
	process_close(&process);
	if (!process_wait(process.pid, DIE_MS, &end)) {
		kill(process.pid, SIGKILL);
		process_wait(process.pid, DIE_MS, &end);
		return error_set(err, ERROR_UNAVAILABLE, 0, "no answer in time");
	}
	if (end.known && end.signal == 0 && end.status == 0)
		return 0;
	char *line = said.data == NULL ? NULL : said.data;
	static const char prefix[] = SENDER ": ";
	if (line != NULL) {
		line[strcspn(line, "\n")] = '\0';
		utf8_sanitize(line, strlen(line));
		if (strncmp(line, prefix, strlen(prefix)) == 0)
			line += strlen(prefix);
	}
	bool usual = end.known && end.signal == 0 && end.status >= ERROR_USAGE &&
	             end.status <= ERROR_INTERNAL;
	return error_set(err, usual ? (enum error_code)end.status : ERROR_INTERNAL, 0, "%.200s",
	                 line == NULL ? SENDER " failed" : line);
}

int courier_ask(const struct courier *courier, const char *path, const char *token,
                const char *body, size_t length, struct courier_answer *answer, struct error *err)
{
	cleanup_text struct text url = TEXT_INIT;
	cleanup_text struct text out = TEXT_INIT;
	*answer = (struct courier_answer){ 0 };
	text_printf(&url, "%s%s", courier->url, path);
	const char *argv[] = { SENDER,
		               "--ask",
		               text_string(&url),
		               courier->ca_file == NULL ? NULL : "--ca-file",
		               courier->ca_file,
		               NULL };
	cleanup_fd int input = write_request(token, body, length, err);
	if (input < 0 || run((char *const *)(uintptr_t)argv, input, &out, err) != 0)
		return -1;
	const char *rest = strchr(text_string(&out), '\n');
	if (rest == NULL)
		return error_set(err, ERROR_INTERNAL, 0, SENDER " said nothing");
	answer->status = (unsigned)strtoul(text_string(&out), NULL, 10);
	answer->body = json_loads(rest, JSON_REJECT_DUPLICATES, NULL);
	return 0;
}

void courier_problem(const struct courier_answer *answer, char *text, size_t size)
{
	const char *said = json_string_value(json_object_get(answer->body, "detail"));
	if (said == NULL)
		said = json_string_value(json_object_get(answer->body, "title"));
	text_cut(text, size, said == NULL ? "" : said);
	utf8_sanitize(text, strlen(text));
}
