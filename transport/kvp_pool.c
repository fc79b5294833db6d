/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See kvp_pool.h.  The file is changed in place: the daemon keeps it open for
 * its lock, so a new file under its name would be locked by nobody.
 */
#include "transport/kvp_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/kvp.h"

#define LOCK_WAIT_MS 20
#define POOL_MAX     (16u << 20)

/* A pool as it was read, and which of its records are ours. */
struct pool {
	int fd;
	const char *key;
	const struct mailbox *box;
	char *bytes;
	size_t count; /* records, before anything was appended */
	size_t end;   /* records, with what was appended */
	bool *used;   /* of the first `count`: holds something of the new mailbox */
};

/*
 * Both kinds of locks: the daemon takes fcntl's, others take flock's, and
 * neither keeps out the other.  An "open file description" lock meets the
 * daemon's, and is not lost when another thread closes the same file.
 */
static bool try_lock(int fd)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return false;
	if (fcntl(fd, F_OFD_SETLK, &all) == 0)
		return true;
	int reason = errno;
	flock(fd, LOCK_UN);
	errno = reason;
	return false;
}

static int lock(int fd, unsigned wait_ms, struct error *err)
{
	const struct timespec pause = { .tv_nsec = LOCK_WAIT_MS * 1000000 };
	for (unsigned waited = 0; !try_lock(fd); waited += LOCK_WAIT_MS) {
		if (errno != EWOULDBLOCK && errno != EACCES && errno != EINTR)
			return error_set(err, ERROR_UNAVAILABLE, errno, "cannot lock the pool");
		if (waited >= wait_ms)
			return error_set(err, ERROR_UNAVAILABLE, 0,
			                 "another program locks the pool");
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int read_pool(struct pool *pool, struct error *err)
{
	struct stat status;
	if (fstat(pool->fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > POOL_MAX)
		return error_set(err, ERROR_UNAVAILABLE, 0, "no pool of key-value pairs");
	/* What a torn write left at the end is no record for the daemon either. */
	pool->count = pool->end = (size_t)status.st_size / KVP_RECORD_SIZE;
	pool->bytes = malloc(pool->count * KVP_RECORD_SIZE + 1);
	pool->used = calloc(pool->count + 1, sizeof *pool->used);
	if (pool->bytes == NULL || pool->used == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (pread(pool->fd, pool->bytes, pool->count * KVP_RECORD_SIZE, 0) !=
	    (ssize_t)(pool->count * KVP_RECORD_SIZE))
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot read the pool");
	return 0;
}

/* Whether a record's key is KEY (0) or KEY.n (n); -1 when it is neither. */
static int number_of(const struct pool *pool, size_t index)
{
	const char *key = pool->bytes + index * KVP_RECORD_SIZE;
	size_t length = strlen(pool->key), number = 0;
	if (strncmp(key, pool->key, length) != 0)
		return -1;
	if (key[length] == '\0')
		return 0;
	const char *at = key + length + 1;
	if (key[length] != '.' || *at < '1' || *at > '9')
		return -1;
	for (; *at >= '0' && *at <= '9' && number <= KVP_PIECES_MAX; at++)
		number = number * 10 + (size_t)(*at - '0');
	return *at == '\0' && number <= KVP_PIECES_MAX ? (int)number : -1;
}

static int write_record(const struct pool *pool, size_t index, size_t number, const char *value,
                        struct error *err)
{
	char record[KVP_RECORD_SIZE] = "";
	if (number == 0)
		snprintf(record, KVP_KEY_SIZE, "%s", pool->key);
	else
		snprintf(record, KVP_KEY_SIZE, "%s.%zu", pool->key, number);
	snprintf(record + KVP_KEY_SIZE, KVP_VALUE_SIZE, "%s", value);
	if (pwrite(pool->fd, record, sizeof record, (off_t)(index * KVP_RECORD_SIZE)) !=
	    (ssize_t)sizeof record)
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot write to the pool");
	return 0;
}

/* Our record of that number; else one of ours that is too many; else a new one at the end. */
static size_t choose(struct pool *pool, size_t number)
{
	size_t chosen = pool->count;
	for (size_t i = 0; i < pool->count; i++) {
		int ours = number_of(pool, i);
		if (ours < 0 || pool->used[i])
			continue;
		if ((size_t)ours == number) {
			chosen = i;
			break;
		}
		if ((size_t)ours > pool->box->count && chosen == pool->count)
			chosen = i;
	}
	if (chosen == pool->count)
		return pool->end++;
	pool->used[chosen] = true;
	return chosen;
}

/* Before any piece changes, nothing says any more that they belong together. */
static int take_away_line(struct pool *pool, size_t *first, struct error *err)
{
	/* Ahead of its pieces, so that those that are too many are at the end. */
	*first = choose(pool, 0);
	if (write_record(pool, *first, 0, "", err) != 0)
		return -1;
	return fdatasync(pool->fd) == 0
	               ? 0
	               : error_set(err, ERROR_UNAVAILABLE, errno, "cannot write to the pool");
}

static int write_pieces(struct pool *pool, struct error *err)
{
	for (size_t n = 1; n <= pool->box->count; n++) {
		cleanup_text struct text value = TEXT_INIT;
		mailbox_add_piece(pool->box, n, &value);
		if (value.failed)
			return error_set(err, ERROR_INTERNAL, 0, "out of memory");
		if (write_record(pool, choose(pool, n), n, text_string(&value), err) != 0)
			return -1;
	}
	return 0;
}

/* Records of ours that are too many: cut off at the end, empty elsewhere. */
static int empty_rest(struct pool *pool, struct error *err)
{
	while (pool->end == pool->count && pool->count > 0 && !pool->used[pool->count - 1] &&
	       number_of(pool, pool->count - 1) >= 0)
		pool->end = --pool->count;
	for (size_t i = 0; i < pool->count; i++) {
		int ours = number_of(pool, i);
		if (ours >= 0 && !pool->used[i] &&
		    write_record(pool, i, (size_t)ours, "", err) != 0)
			return -1;
	}
	if (ftruncate(pool->fd, (off_t)(pool->end * KVP_RECORD_SIZE)) != 0 ||
	    fdatasync(pool->fd) != 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot write to the pool");
	return 0;
}

static int put_locked(struct pool *pool, struct error *err)
{
	char record[KVP_RECORD_SIZE];
	size_t first;
	if (read_pool(pool, err) != 0 || take_away_line(pool, &first, err) != 0 ||
	    write_pieces(pool, err) != 0 || empty_rest(pool, err) != 0 ||
	    write_record(pool, first, 0, pool->box->line, err) != 0)
		return -1;
	if (fdatasync(pool->fd) != 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "cannot write to the pool");
	ssize_t length = pread(pool->fd, record, sizeof record, (off_t)(first * KVP_RECORD_SIZE));
	if (length != (ssize_t)sizeof record || strcmp(record + KVP_KEY_SIZE, pool->box->line) != 0)
		return error_set(err, ERROR_UNAVAILABLE, 0,
		                 "the pool does not keep what is written");
	return 0;
}

int kvp_pool_put(const char *path, const char *key, const struct mailbox *box, unsigned wait_ms,
                 struct error *err)
{
	cleanup_fd int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return error_set(err, ERROR_UNAVAILABLE, errno, "%s", path);
	if (lock(fd, wait_ms, err) != 0)
		return -1;
	struct pool pool = { .fd = fd, .key = key, .box = box };
	int status = put_locked(&pool, err);
	free(pool.bytes);
	free(pool.used);
	return status;
}
