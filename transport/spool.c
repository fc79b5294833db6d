/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting reports on disk so that they stay there; what is on disk is read in spool_list.c. */
#include "transport/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/crc32.h"
#include "transport/spool_file.h"

/* Whoever holds the lock has a few files to write; then it is free, or something is very wrong. */
#define LOCK_WAIT_MS 10
#define LOCK_WAITS   200

#define COUNTER     "dropped"
#define COUNTER_MAX 24 /* digits of a uint64_t, and a newline */

int spool_open(struct spool *spool, const char *path, const struct spool_limits *limits,
               struct error *err)
{
	spool->limits = *limits;
	spool->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool->directory < 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "%s", path);
	return 0;
}

void spool_close(struct spool *spool)
{
	if (spool->directory >= 0)
		close(spool->directory);
	spool->directory = -1;
}

/* Bounded, as another user's process may hold it.  0 or -1. */
static int lock(const struct spool *spool, struct error *err)
{
	const struct timespec pause = { .tv_nsec = LOCK_WAIT_MS * 1000000 };
	for (int i = 0; i < LOCK_WAITS; i++) {
		if (flock(spool->directory, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		nanosleep(&pause, NULL);
	}
	return error_set(err, ERROR_UNAVAILABLE, errno, "the spool is locked");
}

static void unlock(const struct spool *spool)
{
	flock(spool->directory, LOCK_UN);
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

/*
 * Writes a file that has no name yet that anybody looks at.  The group may
 * read: that is how the sender, another user, gets at it.  0 or -1 with errno.
 */
static int write_temporary(const struct spool *spool, char name[SPOOL_TEMPORARY_SIZE],
                           const struct text *bytes)
{
	uint64_t random;
	if (getrandom(&random, sizeof random, 0) != sizeof random)
		return -1;
	snprintf(name, SPOOL_TEMPORARY_SIZE, SPOOL_TEMPORARY "%016" PRIx64, random);
	int fd = openat(spool->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return -1;
	int failed = write_all(fd, text_string(bytes), bytes->length) != 0 || fsync(fd) != 0;
	int reason = errno;
	if (close(fd) != 0 && !failed) {
		failed = 1;
		reason = errno;
	}
	if (failed)
		unlinkat(spool->directory, name, 0);
	errno = reason;
	return failed ? -1 : 0;
}

/* Gives it its name, and makes that last.  0 or -1 with errno. */
static int commit(const struct spool *spool, const char *temporary, const char *name)
{
	if (renameat(spool->directory, temporary, spool->directory, name) != 0) {
		int reason = errno;
		unlinkat(spool->directory, temporary, 0);
		errno = reason;
		return -1;
	}
	return fsync(spool->directory);
}

uint64_t spool_dropped(const struct spool *spool)
{
	char text[COUNTER_MAX + 1];
	cleanup_fd int fd = spool_file_open(spool->directory, COUNTER);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	return strtoull(text, NULL, 10);
}

static int count_dropped(const struct spool *spool, uint64_t more, struct error *err)
{
	char temporary[SPOOL_TEMPORARY_SIZE];
	cleanup_text struct text bytes = TEXT_INIT;
	text_printf(&bytes, "%" PRIu64 "\n", spool_dropped(spool) + more);
	if (bytes.failed || write_temporary(spool, temporary, &bytes) != 0 ||
	    commit(spool, temporary, COUNTER) != 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot count dropped reports");
	return 0;
}

/*
 * Drops the first `count` entries.  They are counted before they go: who is
 * killed in between has counted too many, never too few.
 */
static int drop(const struct spool *spool, const struct spool_entry *entries, size_t count,
                struct error *err)
{
	if (count == 0)
		return 0;
	if (count_dropped(spool, count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (unlinkat(spool->directory, entries[i].name, 0) != 0 && errno != ENOENT)
			return error_set(err, ERROR_UNAVAILABLE, errno, "cannot drop %s",
			                 entries[i].name);
	}
	return 0;
}

/* How many of the oldest have to go for `more` bytes, and for their age. */
static size_t surplus(const struct spool *spool, const struct spool_entry *entries, size_t count,
                      uint64_t more)
{
	int64_t now = (int64_t)time(NULL);
	uint64_t total = more;
	size_t old = 0;
	for (size_t i = 0; i < count; i++)
		total += entries[i].bytes;
	while (old < count && (total > spool->limits.bytes ||
	                       now - entries[old].since > (int64_t)spool->limits.age_seconds))
		total -= entries[old++].bytes;
	return old;
}

static int make_room(const struct spool *spool, uint64_t more, struct error *err)
{
	cleanup_free struct spool_entry *entries = NULL;
	size_t count;
	if (spool_list(spool, &entries, &count, err) != 0)
		return -1;
	return drop(spool, entries, surplus(spool, entries, count, more), err);
}

int spool_expire(struct spool *spool, struct error *err)
{
	if (lock(spool, err) != 0)
		return -1;
	spool_file_sweep(spool->directory);
	int status = make_room(spool, 0, err);
	unlock(spool);
	return status;
}

static int add_locked(const struct spool *spool, const char *temporary, const char *name,
                      uint64_t bytes, struct error *err)
{
	if (lock(spool, err) != 0)
		return -1;
	int status = make_room(spool, bytes, err);
	if (status == 0 && commit(spool, temporary, name) != 0)
		status = error_set(err, ERROR_UNAVAILABLE, errno, "cannot spool");
	unlock(spool);
	return status;
}

int spool_add(struct spool *spool, const char *id, const char *destination, const void *report,
              size_t length, struct error *err)
{
	char temporary[SPOOL_TEMPORARY_SIZE];
	char name[SPOOL_NAME_SIZE];
	cleanup_text struct text bytes = TEXT_INIT;
	spool_file_encode(destination, report, length, &bytes);
	if (bytes.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (strlen(destination) > SPOOL_DESTINATION_MAX || length > SPOOL_REPORT_MAX ||
	    bytes.length > spool->limits.bytes)
		return error_set(err, ERROR_UNAVAILABLE, 0,
		                 "cannot spool: %zu bytes are more than it may hold", bytes.length);
	snprintf(name, sizeof name, "%s-%08x" SPOOL_ENDING, id,
	         (unsigned)crc32_of(destination, strlen(destination)));
	if (write_temporary(spool, temporary, &bytes) != 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot spool");
	if (add_locked(spool, temporary, name, bytes.length, err) == 0)
		return 0;
	unlinkat(spool->directory, temporary, 0);
	return -1;
}

int spool_put(const struct spool *spool, const char *name, const struct text *bytes,
              struct error *err)
{
	char temporary[SPOOL_TEMPORARY_SIZE];
	if (bytes->failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (write_temporary(spool, temporary, bytes) != 0 || commit(spool, temporary, name) != 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot spool");
	return 0;
}

int spool_add_token(struct spool *spool, const char *destination, const char *token,
                    struct error *err)
{
	char name[SPOOL_NAME_SIZE];
	cleanup_text struct text bytes = TEXT_INIT;
	text_printf(&bytes, "%s\n", token);
	snprintf(name, sizeof name, "%08x" SPOOL_TOKEN,
	         (unsigned)crc32_of(destination, strlen(destination)));
	return spool_put(spool, name, &bytes, err);
}

void spool_token_path(const struct spool *spool, const char *name, char path[SPOOL_TOKEN_PATH_SIZE])
{
	snprintf(path, SPOOL_TOKEN_PATH_SIZE, "/proc/self/fd/%d/%.8s" SPOOL_TOKEN, spool->directory,
	         name + SPOOL_KEY_AT);
}

int spool_remove(const struct spool *spool, const char *name, struct error *err)
{
	if (unlinkat(spool->directory, name, 0) != 0 && errno != ENOENT)
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot remove %s", name);
	return 0;
}

int spool_set_aside(const struct spool *spool, const char *name, struct error *err)
{
	char aside[SPOOL_NAME_SIZE];
	snprintf(aside, sizeof aside, "%s%s", name, SPOOL_REFUSED);
	if (renameat(spool->directory, name, spool->directory, aside) != 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot set %s aside", name);
	return 0;
}
