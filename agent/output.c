/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing the finished text, so that nobody ever reads half of it. */
#include "agent/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A chain of symbolic links is no longer than the kernel's own limit. */
#define LINKS_MAX 40

void output_guard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

int output_write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);
		if (n >= 0) {
			bytes += n;
			length -= (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd slow = { .fd = fd, .events = POLLOUT };
			poll(&slow, 1, -1);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

/* To a stream that is open already, or to a device or pipe: as it is, without a rename. */
static int write_stream(int fd, const char *name, const struct text *text, struct error *err)
{
	if (output_write_all(fd, text_string(text), text->length) != 0 || close(fd) != 0)
		return error_set(err, ERROR_INTERNAL, errno, "cannot write to %s", name);
	return 0;
}

/* Follows symbolic links, also one that leads to a file yet to be made. */
static int follow_links(const char *path, char *real, struct error *err)
{
	char link[PATH_MAX];
	if ((size_t)snprintf(real, PATH_MAX, "%s", path) >= PATH_MAX)
		return error_set(err, ERROR_INTERNAL, ENAMETOOLONG, "%s", path);
	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t length = readlink(real, link, sizeof link - 1);
		if (length < 0)
			return 0;
		link[length] = '\0';
		char *slash = strrchr(real, '/');
		size_t directory = slash == NULL || link[0] == '/' ? 0 : (size_t)(slash + 1 - real);
		if (directory + (size_t)length >= PATH_MAX)
			return error_set(err, ERROR_INTERNAL, ENAMETOOLONG, "%s", path);
		memcpy(real + directory, link, (size_t)length + 1);
	}
	return error_set(err, ERROR_INTERNAL, ELOOP, "%s", path);
}

/* A new file beside `path`, its name in `name`.  A descriptor or -1 with errno. */
static int open_beside(const char *path, char *name)
{
	const char *slash = strrchr(path, '/');
	int directory = slash == NULL ? 0 : (int)(slash + 1 - path);
	for (int attempt = 0; attempt < 100; attempt++) {
		uint32_t random;
		if (getrandom(&random, sizeof random, 0) != sizeof random)
			return -1;
		if (snprintf(name, PATH_MAX, "%.*s.nestready-%08x", directory, path, random) >=
		    PATH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static int replace_file(const char *path, const struct text *text, struct error *err)
{
	char name[PATH_MAX];
	int fd = open_beside(path, name);
	if (fd < 0)
		return error_set(err, ERROR_INTERNAL, errno, "cannot write %s", path);
	int failed = output_write_all(fd, text_string(text), text->length) != 0 || fsync(fd) != 0;
	int reason = errno;
	if (close(fd) != 0 && !failed) {
		failed = 1;
		reason = errno;
	}
	if (!failed && rename(name, path) != 0) {
		failed = 1;
		reason = errno;
	}
	if (!failed)
		return 0;
	unlink(name);
	return error_set(err, ERROR_INTERNAL, reason, "cannot write %s", path);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int write_file(const char *path, const struct text *text, struct error *err)
{
	char real[PATH_MAX];
	struct stat status, standard;
	if (stat(path, &status) == 0) {
		/* "-o /dev/stdout > FILE": the shell's file, at the shell's place in it */
		if (fstat(STDOUT_FILENO, &standard) == 0 && same_file(&status, &standard))
			return write_stream(STDOUT_FILENO, path, text, err);
		if (access(path, W_OK) != 0)
			return error_set(err, ERROR_INTERNAL, errno, "cannot write %s", path);
		if (S_ISDIR(status.st_mode))
			return error_set(err, ERROR_INTERNAL, EISDIR, "cannot write %s", path);
		if (!S_ISREG(status.st_mode)) {
			int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
			if (fd < 0)
				return error_set(err, ERROR_INTERNAL, errno, "cannot write %s",
				                 path);
			return write_stream(fd, path, text, err);
		}
	}
	if (follow_links(path, real, err) != 0)
		return -1;
	return replace_file(real, text, err);
}

int output_write(const char *path, const struct text *text, struct error *err)
{
	if (text->failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (path == NULL || strcmp(path, "-") == 0)
		return write_stream(STDOUT_FILENO, "standard output", text, err);
	return write_file(path, text, err);
}
