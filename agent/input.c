/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See input.h. */
#include "agent/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Reads to the end; a directory fails at the first read. */
static int read_all(int fd, const char *path, size_t limit, struct text *bytes, struct error *err)
{
	char buffer[65536];
	for (;;) {
		ssize_t count = read(fd, buffer, sizeof buffer);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
		if (count == 0)
			break;
		text_add_bytes(bytes, buffer, (size_t)count);
		if (bytes->length > limit)
			return error_set(err, ERROR_BAD_INPUT, 0, "%s: larger than %zu MiB", path,
			                 limit >> 20);
	}
	return bytes->failed ? error_set(err, ERROR_INTERNAL, 0, "%s: out of memory", path) : 0;
}

int input_read(const char *path, size_t limit, struct text *bytes, struct error *err)
{
	struct stat status;
	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", limit, bytes, err);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &status) != 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%s", path);
	if (S_ISREG(status.st_mode) && (size_t)status.st_size > limit)
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: larger than %zu MiB", path,
		                 limit >> 20);
	return read_all(fd, path, limit, bytes, err);
}
