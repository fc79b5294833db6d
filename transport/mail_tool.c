/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mail_tool.h. */
#include "transport/mail_tool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

/* A line of ours, or a complaint of the program's. */
#define SAID_MAX 255

/* What one of the program's streams said, its beginning. */
struct said {
	uv_pipe_t pipe;
	char text[SAID_MAX + 1];
	size_t length;
	char buffer[1024];
};

struct mail {
	struct attempt *attempt;
	const struct mail_tool *tool;
	struct mailbox box;
	size_t step;
	uv_process_t process;
	struct said out, err;
	uv_timer_t deadline;
	bool late;
	unsigned open; /* handles of this step that libuv has */
	int64_t status;
	int signal;
};

static int next_step(struct mail *mail, bool *more, struct error *err);

void mail_tool_add_word(struct text *words, const char *word)
{
	text_add_bytes(words, word, strlen(word) + 1);
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void finish(struct mail *mail, enum outcome outcome, const char *why)
{
	struct attempt *attempt = mail->attempt;
	char copy[SAID_MAX + 100];
	text_cut(copy, sizeof copy, why);
	uv_close((uv_handle_t *)&mail->deadline, on_timer_closed);
	attempt->done(attempt, outcome, outcome == OUTCOME_ACKNOWLEDGED ? NULL : copy, 0);
}

/* The first line of what was said, printable. */
static const char *first_line(struct said *said)
{
	said->text[said->length] = '\0';
	said->text[strcspn(said->text, "\r\n")] = '\0';
	utf8_sanitize(said->text, strlen(said->text));
	return said->text;
}

/* A step is over: the next one, or the end. */
static void step_over(struct mail *mail)
{
	char why[SAID_MAX + 60];
	bool more = true;
	struct error err = ERROR_INIT;
	const char *complaint = first_line(&mail->err);
	if (mail->late) {
		finish(mail, OUTCOME_LATER, "its program did not end in time");
	} else if (mail->status != 0 || mail->signal != 0) {
		snprintf(why, sizeof why, "its program failed with %d: %s",
		         mail->signal != 0 ? 128 + mail->signal : (int)mail->status, complaint);
		finish(mail, OUTCOME_LATER, why);
	} else if (next_step(mail, &more, &err) != 0) {
		finish(mail, OUTCOME_LATER, err.message);
	} else if (!more && strcmp(first_line(&mail->out), mail->box.line) == 0) {
		finish(mail, OUTCOME_ACKNOWLEDGED, "");
	} else if (!more) {
		finish(mail, OUTCOME_LATER, "what was written there is not there");
	}
}

static void on_closed(uv_handle_t *handle)
{
	struct mail *mail = handle->data;
	if (--mail->open == 0)
		step_over(mail);
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
	struct mail *mail = process->data;
	mail->status = status;
	mail->signal = signal;
	uv_close((uv_handle_t *)process, on_closed);
}

static void give_buffer(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
	struct mail *mail = handle->data;
	struct said *said = handle == (uv_handle_t *)&mail->out.pipe ? &mail->out : &mail->err;
	(void)wanted;
	*buffer = uv_buf_init(said->buffer, sizeof said->buffer);
}

static void on_said(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct mail *mail = stream->data;
	struct said *said = stream == (uv_stream_t *)&mail->out.pipe ? &mail->out : &mail->err;
	if (count < 0) {
		uv_close((uv_handle_t *)stream, on_closed);
		return;
	}
	size_t room = SAID_MAX - said->length;
	size_t taken = (size_t)count < room ? (size_t)count : room;
	memcpy(said->text + said->length, buffer->base, taken);
	said->length += taken;
}

/* A child of the program's may keep the streams open: nobody waits for that one. */
static void on_deadline(uv_timer_t *timer)
{
	struct mail *mail = timer->data;
	mail->late = true;
	if (uv_is_active((uv_handle_t *)&mail->process))
		uv_process_kill(&mail->process, SIGKILL);
	uv_handle_t *const pipes[] = { (uv_handle_t *)&mail->out.pipe,
		                       (uv_handle_t *)&mail->err.pipe };
	for (size_t i = 0; i < 2; i++) {
		if (!uv_is_closing(pipes[i]))
			uv_close(pipes[i], on_closed);
	}
}

/* The array that a program is started with; points into `words`. */
static char **make_arguments(struct text *words)
{
	size_t count = 0;
	for (size_t i = 0; i < words->length; i++)
		count += words->data[i] == '\0';
	char **arguments = calloc(count + 1, sizeof *arguments);
	char *at = words->data;
	for (size_t i = 0; arguments != NULL && i < count; i++) {
		arguments[i] = at;
		at += strlen(at) + 1;
	}
	return arguments;
}

static void open_stream(struct mail *mail, struct said *said, uv_stdio_container_t *stdio)
{
	*said = (struct said){ 0 };
	uv_pipe_init(mail->attempt->loop, &said->pipe, 0);
	said->pipe.data = mail;
	stdio->flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	stdio->data.stream = (uv_stream_t *)&said->pipe;
}

/* Starts a program.  On failure its handles are closing all the same. */
static int run(struct mail *mail, char **arguments)
{
	uv_stdio_container_t stdio[3] = { { .flags = UV_IGNORE } };
	const uv_process_options_t options = { .exit_cb = on_ended,
		                               .file = arguments[0],
		                               .args = arguments,
		                               .stdio = stdio,
		                               .stdio_count = 3 };
	open_stream(mail, &mail->out, &stdio[1]);
	open_stream(mail, &mail->err, &stdio[2]);
	mail->process.data = mail;
	mail->open = 3;
	int reason = uv_spawn(mail->attempt->loop, &mail->process, &options);
	if (reason != 0) {
		snprintf(mail->err.text, sizeof mail->err.text, "%s: %s", arguments[0],
		         uv_strerror(reason));
		mail->err.length = strlen(mail->err.text);
		mail->status = 127; /* as a shell says it */
		uv_close((uv_handle_t *)&mail->process, on_closed);
		uv_close((uv_handle_t *)&mail->out.pipe, on_closed);
		uv_close((uv_handle_t *)&mail->err.pipe, on_closed);
		return 0;
	}
	uv_read_start((uv_stream_t *)&mail->out.pipe, give_buffer, on_said);
	uv_read_start((uv_stream_t *)&mail->err.pipe, give_buffer, on_said);
	return 0;
}

static int next_step(struct mail *mail, bool *more, struct error *err)
{
	cleanup_text struct text words = TEXT_INIT;
	*more = mail->tool->step(&mail->box, mail->attempt->rest, mail->step++, &words);
	if (!*more)
		return 0;
	cleanup_free char **arguments = words.failed ? NULL : make_arguments(&words);
	if (arguments == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return run(mail, arguments);
}

int mail_tool_start(struct attempt *attempt, const struct mail_tool *tool, struct error *err)
{
	bool more;
	struct mail *mail = calloc(1, sizeof *mail);
	if (mail == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	mail->attempt = attempt;
	mail->tool = tool;
	if (mailbox_fill(attempt->id, attempt->report, tool->piece, tool->most, &mail->box, err) !=
	            0 ||
	    next_step(mail, &more, err) != 0) {
		free(mail);
		return -1;
	}
	uv_timer_init(attempt->loop, &mail->deadline);
	mail->deadline.data = mail;
	/* For all steps together. */
	uv_timer_start(&mail->deadline, on_deadline,
	               config_timeout(attempt->config) * UINT64_C(1000), 0);
	return 0;
}
