/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Markers as files of a few lines:
 *
 *   nestready-marker 1
 *   state running | survived
 *   boot BOOT-ID
 *   probe ID
 *   kernel RELEASE
 *   platform TEXT
 *   end
 */
#include "worker/marker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MARKER_PREFIX "risk-"
#define MARKER_HEAD   "nestready-marker 1\n"
#define MARKER_MAX    640 /* more than the longest marker: every field is bounded */

enum record { RECORD_NONE, RECORD_RUNNING, RECORD_SURVIVED, RECORD_DAMAGED };

/* Copies one line of text: what would end the line becomes '?'. */
static void copy_line(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
	for (char *c = to; *c != '\0'; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
}

/* FNV-1a (Fowler, Noll, Vo; RFC 9923): tells file names apart, needs no more strength than that. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	while (*text++ != '\0');
	return hash;
}

/* Leaves `path` empty when there is no such place. */
static void state_directory(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	path[0] = '\0';
	if (geteuid() == 0)
		snprintf(path, size, "%s", STATEDIR);
	else if (state != NULL && state[0] == '/')
		snprintf(path, size, "%s/nestready", state);
	else if (home != NULL && home[0] == '/')
		snprintf(path, size, "%s/.local/state/nestready", home);
}

static void copy_directory(char *path, size_t size, const char *directory)
{
	if (directory == NULL)
		state_directory(path, size);
	else
		snprintf(path, size, "%s", directory);
}

void marker_init(struct marker *marker, const char *directory, const struct marker_key *key)
{
	copy_directory(marker->directory, sizeof marker->directory, directory);
	copy_line(marker->probe, sizeof marker->probe, key->probe);
	copy_line(marker->kernel, sizeof marker->kernel, key->kernel);
	copy_line(marker->platform, sizeof marker->platform, key->platform);
	copy_line(marker->boot_id, sizeof marker->boot_id, key->boot_id);
	uint64_t hash = hash_text(hash_text(0xcbf29ce484222325, marker->kernel), marker->platform);
	snprintf(marker->name, sizeof marker->name, MARKER_PREFIX "%s-%016" PRIx64, marker->probe,
	         hash);
}

static int open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Makes a new directory entry survive a crash: it is the parent that has to be synced. */
static int sync_parent(const char *path)
{
	char parent[PATH_MAX];
	snprintf(parent, sizeof parent, "%s", path);
	char *slash = strrchr(parent, '/');
	if (slash == NULL)
		return 0;
	slash[slash == parent] = '\0';
	cleanup_fd int fd = open_directory(parent);
	return fd < 0 ? -1 : fsync(fd);
}

/* Creates the directory and those above it.  0 or -1 with errno. */
static int make_directory(const char *path)
{
	mode_t mode = geteuid() == 0 ? 0755 : 0700;
	char part[PATH_MAX];
	snprintf(part, sizeof part, "%s", path);
	for (char *c = part + 1;; c++) {
		if (*c != '/' && *c != '\0')
			continue;
		char end = *c;
		*c = '\0';
		if (mkdir(part, mode) == 0) {
			if (sync_parent(part) < 0)
				return -1;
		} else if (errno != EEXIST) {
			return -1;
		}
		*c = end;
		if (end == '\0')
			return 0;
	}
}

/* The value of the line "KEY VALUE" that `*text` begins with, ended by a NUL; NULL otherwise. */
static const char *take_line(char **text, const char *key)
{
	size_t length = strlen(key);
	char *end = strchr(*text, '\n');
	if (end == NULL || strncmp(*text, key, length) != 0 || (*text)[length] != ' ')
		return NULL;
	const char *value = *text + length + 1;
	*end = '\0';
	*text = end + 1;
	return value;
}

/* Reads a whole marker into `text`.  1, 0 when there is none, or -1 with errno. */
static int read_marker(int directory, const char *name, char text[static MARKER_MAX + 1])
{
	cleanup_fd int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	ssize_t length = read(fd, text, MARKER_MAX);
	if (length < 0)
		return -1;
	text[length] = '\0';
	return 1;
}

/* What a marker's text says; `boot` gets its boot id, which points into `text`. */
static enum record parse_marker(char *text, const struct marker *about, const char **boot)
{
	if (strncmp(text, MARKER_HEAD, strlen(MARKER_HEAD)) != 0)
		return RECORD_DAMAGED;
	text += strlen(MARKER_HEAD);
	const char *state = take_line(&text, "state");
	*boot = take_line(&text, "boot");
	const char *probe = take_line(&text, "probe");
	const char *kernel = take_line(&text, "kernel");
	const char *platform = take_line(&text, "platform");
	if (state == NULL || *boot == NULL || probe == NULL || kernel == NULL || platform == NULL ||
	    strcmp(text, "end\n") != 0)
		return RECORD_DAMAGED;
	bool same = about == NULL ||
	            (strcmp(probe, about->probe) == 0 && strcmp(kernel, about->kernel) == 0 &&
	             strcmp(platform, about->platform) == 0);
	if (strcmp(state, "running") == 0)
		return same ? RECORD_RUNNING : RECORD_NONE;
	if (strcmp(state, "survived") == 0)
		return same ? RECORD_SURVIVED : RECORD_NONE;
	return RECORD_DAMAGED;
}

static int write_all(int fd, const char *text)
{
	size_t length = strlen(text);
	ssize_t written = write(fd, text, length);
	if (written >= 0 && (size_t)written != length)
		errno = ENOSPC;
	return written == (ssize_t)length ? 0 : -1;
}

/* Writes, syncs and renames into place.  0 or -1 with errno; leaves nothing behind on failure. */
static int replace_file(int directory, const char *name, const char *text)
{
	char temporary[128];
	snprintf(temporary, sizeof temporary, "%s.%ld.new", name, (long)getpid());
	unlinkat(directory, temporary, 0);
	cleanup_fd int fd = openat(directory, temporary,
	                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	if (write_all(fd, text) < 0 || fsync(fd) < 0 ||
	    renameat(directory, temporary, directory, name) < 0) {
		int saved = errno;
		unlinkat(directory, temporary, 0);
		errno = saved;
		return -1;
	}
	return fsync(directory);
}

static int write_marker(const struct marker *marker, const char *state, struct error *err)
{
	char text[MARKER_MAX + 1];
	snprintf(text, sizeof text,
	         MARKER_HEAD "state %s\nboot %s\nprobe %s\nkernel %s\nplatform %s\nend\n", state,
	         marker->boot_id, marker->probe, marker->kernel, marker->platform);
	if (make_directory(marker->directory) < 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "%s", marker->directory);
	cleanup_fd int directory = open_directory(marker->directory);
	if (directory < 0 || replace_file(directory, marker->name, text) < 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "%s", marker->directory);
	return 0;
}

/* What is on disk about this marker.  0, or -1 when that cannot be known. */
static int find_record(const struct marker *marker, enum record *record, bool *this_boot,
                       struct error *err)
{
	*record = RECORD_NONE;
	cleanup_fd int directory = open_directory(marker->directory);
	if (directory < 0 && errno == ENOENT)
		return 0;
	char text[MARKER_MAX + 1];
	int found = directory < 0 ? -1 : read_marker(directory, marker->name, text);
	if (found < 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "%s/%s", marker->directory,
		                 marker->name);
	const char *boot = "";
	if (found > 0)
		*record = parse_marker(text, marker, &boot);
	*this_boot = boot != NULL && strcmp(boot, marker->boot_id) == 0;
	return 0;
}

enum marker_state marker_before(const struct marker *marker, bool retry, struct error *err)
{
	enum record record;
	bool this_boot = false;
	if (marker->directory[0] != '/' || marker->boot_id[0] == '\0') {
		error_set(err, ERROR_UNAVAILABLE, 0,
		          marker->boot_id[0] == '\0' ? "no boot id" : "no state directory");
		return MARKER_UNAVAILABLE;
	}
	if (find_record(marker, &record, &this_boot, err) < 0)
		return MARKER_UNAVAILABLE;
	if (record == RECORD_SURVIVED)
		return MARKER_SURVIVED;
	if (record == RECORD_RUNNING && this_boot)
		return MARKER_WRITTEN;
	if (record == RECORD_RUNNING && !retry)
		return MARKER_LOST;
	if (record == RECORD_DAMAGED && !retry) {
		error_set(err, ERROR_BAD_INPUT, 0, "%s/%s is damaged", marker->directory,
		          marker->name);
		return MARKER_DAMAGED;
	}
	return write_marker(marker, "running", err) < 0 ? MARKER_UNAVAILABLE : MARKER_WRITTEN;
}

int marker_survived(const struct marker *marker, struct error *err)
{
	return write_marker(marker, "survived", err);
}

/* Removes the marker NAME if it is of this boot.  0 or -1 with errno. */
static int settle_one(int directory, const char *name, const char *boot_id)
{
	char text[MARKER_MAX + 1];
	const char *boot = NULL;
	int found = read_marker(directory, name, text);
	if (found <= 0)
		return found;
	if (parse_marker(text, NULL, &boot) != RECORD_RUNNING || strcmp(boot, boot_id) != 0)
		return 0;
	return unlinkat(directory, name, 0);
}

int marker_settle(const char *path, const char *boot_id, struct error *err)
{
	char directory[PATH_MAX];
	copy_directory(directory, sizeof directory, path);
	cleanup_dir DIR *stream = opendir(directory);
	if (stream == NULL)
		return errno == ENOENT ? 0
		                       : error_set(err, ERROR_UNAVAILABLE, errno, "%s", directory);
	int result = 0;
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		if (strncmp(entry->d_name, MARKER_PREFIX, strlen(MARKER_PREFIX)) != 0)
			continue;
		if (settle_one(dirfd(stream), entry->d_name, boot_id) < 0)
			result = error_set(err, ERROR_UNAVAILABLE, errno, "%s/%s", directory,
			                   entry->d_name);
	}
	if (fsync(dirfd(stream)) < 0)
		result = error_set(err, ERROR_UNAVAILABLE, errno, "%s", directory);
	return result;
}
