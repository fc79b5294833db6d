/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files, directories, links, disks and uname.  Reads are bounded and never
 * wait for anybody: what is not a regular file is not read.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "machine/live.h"
#include "machine/sorted.h"

/* Files of /proc say that they have 0 bytes, those of /sys 4096, the common ones have less. */
#define FIRST_READ ((size_t)4096)

/* A growing buffer, one byte longer than what it holds. */
struct buffer {
	char *bytes;
	size_t length;
	size_t capacity;
};

static int grow(struct buffer *buffer, size_t capacity)
{
	char *bytes = realloc(buffer->bytes, capacity + 1);
	if (bytes == NULL)
		return -ENOMEM;
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return 0;
}

/* Reads to the end, or one byte beyond the limit.  0 or a negative errno. */
static int read_all(int fd, struct buffer *buffer)
{
	while (buffer->length <= MACHINE_FILE_LIMIT) {
		if (buffer->length == buffer->capacity) {
			int failed = grow(buffer, buffer->capacity * 2);
			if (failed != 0)
				return failed;
		}
		ssize_t count =
		        read(fd, buffer->bytes + buffer->length, buffer->capacity - buffer->length);
		if (count == 0)
			return 0;
		if (count > 0)
			buffer->length += (size_t)count;
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/* Gives the bytes away to the answer. */
static void keep(struct buffer *buffer, struct answer *answer)
{
	answer->truncated = buffer->length > MACHINE_FILE_LIMIT;
	answer->length = answer->truncated ? MACHINE_FILE_LIMIT : buffer->length;
	answer->text = buffer->bytes;
	answer->text[answer->length] = '\0';
	answer->status = STATUS_OBSERVED;
	buffer->bytes = NULL;
}

void live_file(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	/* O_NONBLOCK: a FIFO without a writer opens at once, and is refused below. */
	cleanup_fd int fd = open(question->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	if (fd < 0 || fstat(fd, &status) != 0) {
		answer_set_errno(answer, errno, question->path);
		return;
	}
	if (!S_ISREG(status.st_mode)) {
		answer_set_status(answer, STATUS_FAILED, "%.80s: not a regular file",
		                  question->path);
		return;
	}
	struct buffer buffer = { NULL, 0, 0 };
	int failed = grow(&buffer, FIRST_READ);
	if (failed == 0)
		failed = read_all(fd, &buffer);
	if (failed == 0)
		keep(&buffer, answer);
	else
		answer_set_errno(answer, -failed, question->path);
	free(buffer.bytes);
}

static int read_names(DIR *dir, struct sorted *names)
{
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (entry == NULL)
			return -errno;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		int failed = sorted_add(names, entry->d_name);
		if (failed != 0)
			return failed;
	}
}

void live_dir(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	cleanup_dir DIR *dir = opendir(question->path);
	if (dir == NULL) {
		answer_set_errno(answer, errno, question->path);
		return;
	}
	cleanup_sorted struct sorted names = SORTED_INIT;
	int failed = read_names(dir, &names);
	if (failed == 0)
		sorted_answer(&names, answer);
	else
		answer_set_errno(answer, -failed, question->path);
}

void live_link(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	char target[PATH_MAX];
	ssize_t length = readlink(question->path, target, sizeof target);
	if (length < 0)
		answer_set_errno(answer, errno, question->path);
	else
		answer_set_text(answer, target, (size_t)length);
}

void live_disk(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	struct statvfs disk;
	if (statvfs(question->path, &disk) != 0) {
		answer_set_errno(answer, errno, question->path);
		return;
	}
	const uint64_t numbers[] = { (uint64_t)disk.f_bavail * disk.f_frsize,
		                     (uint64_t)disk.f_blocks * disk.f_frsize };
	answer_set_numbers(answer, numbers, 2);
}

void live_uname(struct live *live, const struct question *question, struct answer *answer)
{
	(void)live;
	(void)question;
	struct utsname name;
	cleanup_text struct text text = TEXT_INIT;
	if (uname(&name) != 0) {
		answer_set_errno(answer, errno, "uname");
		return;
	}
	text_printf(&text, "%s\n%s\n%s\n%s\n", name.sysname, name.release, name.version,
	            name.machine);
	if (text.failed)
		answer_set_status(answer, STATUS_FAILED, "out of memory");
	else
		answer_set_text(answer, text_string(&text), text.length);
}
