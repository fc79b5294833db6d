/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel's log says of virtualization.  One system call brings the
 * whole ring; /dev/kmsg would take one for each of a thousand lines.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/klog.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "machine/live.h"

/* syslog(2) */
#define READ_ALL    3
#define SIZE_BUFFER 10

/* CONFIG_LOG_BUF_SHIFT goes to 25; log_buf_len= may ask for more than is of use here. */
#define BUFFER_MAX (1 << 22)
#define LINES_MAX  40

static bool has_word(const char *line, size_t length)
{
	static const char *const words[] = { "kvm", "VMX", "SVM" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (memmem(line, length, words[i], strlen(words[i])) != NULL)
			return true;
	return false;
}

/* The line without its "<6>". */
static const char *without_level(const char *line, size_t *length)
{
	const char *end = *length > 0 && line[0] == '<' ? memchr(line, '>', *length) : NULL;
	if (end == NULL)
		return line;
	*length -= (size_t)(end + 1 - line);
	return end + 1;
}

static void add_lines(struct text *text, const char *log, size_t size)
{
	const char *end = log + size;
	for (int count = 0; log < end && count < LINES_MAX;) {
		const char *newline = memchr(log, '\n', (size_t)(end - log));
		size_t length = (size_t)((newline == NULL ? end : newline) - log);
		const char *next = log + length + 1;
		const char *line = without_level(log, &length);
		if (has_word(line, length)) {
			text_add_bytes(text, line, length);
			text_add(text, "\n");
			count++;
		}
		log = next;
	}
}

void live_log(struct live *live, const struct question *question, struct answer *answer)
{
	cleanup_text struct text text = TEXT_INIT;
	(void)live;
	(void)question;
	int size = klogctl(SIZE_BUFFER, NULL, 0);
	if (size > BUFFER_MAX)
		size = BUFFER_MAX; /* the kernel then gives the newest */
	cleanup_free char *log = size < 0 ? NULL : malloc((size_t)size + 1);
	int got = log == NULL ? -1 : klogctl(READ_ALL, log, size);
	if (got < 0) {
		answer_set_errno(answer, errno, "kernel log");
		return;
	}
	add_lines(&text, log, (size_t)got);
	if (text.failed)
		answer_set_status(answer, STATUS_FAILED, "out of memory");
	else
		answer_set_text(answer, text_string(&text), text.length);
}
