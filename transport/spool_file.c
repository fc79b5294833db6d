/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a spool, in which another user may have put anything. */
#include "transport/spool_file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "transport/spool.h"

#define MARK "NRS1 "

/* A writer is done in less; older than this its file is nobody's. */
#define ABANDONED_SECONDS 3600

/* What a spool holds at most that is listed: a bound against being flooded. */
#define ENTRIES_MAX 100000

void spool_file_encode(const char *destination, const void *report, size_t length,
                       struct text *bytes)
{
	text_printf(bytes, MARK "%zu\n%s\n", length, destination);
	text_add_bytes(bytes, report, length);
}

/* The length in the first line; -1 when that is not ours. */
static long long stated_length(const char *line)
{
	const char *digits = line + strlen(MARK);
	if (strncmp(line, MARK, strlen(MARK)) != 0 || !isdigit((unsigned char)digits[0]))
		return -1;
	char *end;
	errno = 0;
	long long length = strtoll(digits, &end, 10);
	return *end == '\n' && errno == 0 ? length : -1;
}

int spool_file_decode(const char *bytes, size_t length, struct text *destination,
                      struct text *report, struct error *err)
{
	const char *first = memchr(bytes, '\n', length);
	const char *second =
	        first == NULL ? NULL
	                      : memchr(first + 1, '\n', length - (size_t)(first + 1 - bytes));
	if (second == NULL || stated_length(bytes) != (long long)(bytes + length - second - 1))
		return error_set(err, ERROR_BAD_INPUT, 0, "no whole report of a spool");
	if (second - first - 1 > SPOOL_DESTINATION_MAX || second == first + 1 ||
	    memchr(first, '\0', (size_t)(second - first)) != NULL)
		return error_set(err, ERROR_BAD_INPUT, 0, "a spooled report without destination");
	text_add_bytes(destination, first + 1, (size_t)(second - first - 1));
	text_add_bytes(report, second + 1, (size_t)(bytes + length - second - 1));
	return destination->failed || report->failed
	               ? error_set(err, ERROR_INTERNAL, 0, "out of memory")
	               : 0;
}

int spool_file_open(int directory, const char *name)
{
	struct stat status;
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/* An own position in the directory, whoever else reads it. */
static DIR *open_directory(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	if (stream == NULL && fd >= 0)
		close(fd);
	return stream;
}

void spool_file_sweep(int directory)
{
	const struct dirent *entry;
	struct stat status;
	cleanup_dir DIR *stream = open_directory(directory);
	time_t now = time(NULL);
	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		if (strncmp(entry->d_name, SPOOL_TEMPORARY, strlen(SPOOL_TEMPORARY)) != 0 ||
		    fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (now - status.st_mtime > ABANDONED_SECONDS)
			unlinkat(directory, entry->d_name, 0);
	}
}

/* Whether a name is one that spool_add or spool_set_aside gave; `waiting`: still to be sent. */
static bool ours(const char *name, bool *waiting)
{
	for (size_t i = 0; i < SPOOL_STEM; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23 || i == 36;
		if (dash ? name[i] != '-' : !isxdigit((unsigned char)name[i]))
			return false;
	}
	*waiting = strcmp(name + SPOOL_STEM, SPOOL_ENDING) == 0;
	return *waiting || strcmp(name + SPOOL_STEM, SPOOL_ENDING SPOOL_REFUSED) == 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct spool_entry *)a)->name, ((const struct spool_entry *)b)->name);
}

static int list(DIR *stream, int directory, struct spool_entry **entries, size_t *count)
{
	const struct dirent *entry;
	struct stat status;
	size_t capacity = 0;
	bool waiting;
	while ((entry = readdir(stream)) != NULL && *count < ENTRIES_MAX) {
		if (!ours(entry->d_name, &waiting) ||
		    fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (*count == capacity) {
			capacity = capacity == 0 ? 16 : 2 * capacity;
			struct spool_entry *more =
			        reallocarray(*entries, capacity, sizeof **entries);
			if (more == NULL)
				return -1;
			*entries = more;
		}
		struct spool_entry *to = &(*entries)[(*count)++];
		text_cut(to->name, sizeof to->name, entry->d_name);
		to->waiting = waiting;
		to->bytes = (uint64_t)status.st_size;
		to->since = status.st_mtime;
	}
	return 0;
}

int spool_list(const struct spool *spool, struct spool_entry **entries, size_t *count,
               struct error *err)
{
	cleanup_dir DIR *stream = open_directory(spool->directory);
	*entries = NULL;
	*count = 0;
	if (stream == NULL)
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot list the spool");
	if (list(stream, spool->directory, entries, count) != 0) {
		free(*entries);
		*entries = NULL;
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	}
	if (*count > 0)
		qsort(*entries, *count, sizeof **entries, compare);
	return 0;
}

int spool_read(const struct spool *spool, const char *name, struct text *destination,
               struct text *report, struct error *err)
{
	char buffer[16384];
	cleanup_text struct text bytes = TEXT_INIT;
	cleanup_fd int fd = spool_file_open(spool->directory, name);
	if (fd < 0)
		return error_set(err, errno == ENOENT ? ERROR_NO_INPUT : ERROR_BAD_INPUT, errno,
		                 "%s", name);
	for (;;) {
		ssize_t n = read(fd, buffer, sizeof buffer);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, ERROR_NO_INPUT, errno, "%s", name);
		if (n == 0)
			break;
		text_add_bytes(&bytes, buffer, (size_t)n);
		if (bytes.failed || bytes.length > SPOOL_REPORT_MAX + 2 * SPOOL_DESTINATION_MAX)
			return error_set(err, ERROR_BAD_INPUT, 0, "%s: too large", name);
	}
	if (spool_file_decode(text_string(&bytes), bytes.length, destination, report, err) != 0)
		return error_wrap(err, "%s", name);
	return 0;
}

void spool_id(const char *name, char id[37])
{
	text_cut(id, 37, name);
}
