/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever is in a pool of key-value pairs, a report that is put into it is
 * there afterwards, whole, and every record of others is as and where it was.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/kvp.h"
#include "transport/kvp_pool.h"

#define KEY "nr"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* KEY, or KEY. and a number without a leading zero. */
static bool ours(const char *key)
{
	if (strncmp(key, KEY, strlen(KEY)) != 0)
		return false;
	const char *rest = key + strlen(KEY);
	if (rest[0] == '\0')
		return true;
	size_t digits = strspn(rest + 1, "0123456789");
	return rest[0] == '.' && rest[1] != '0' && digits > 0 && digits < 4 &&
	       rest[1 + digits] == '\0' && atoi(rest + 1) <= KVP_PIECES_MAX;
}

static void check(const uint8_t *before, size_t records, const char *after, size_t length,
                  const struct mailbox *box)
{
	require(length % KVP_RECORD_SIZE == 0);
	for (size_t at = 0; at < records * KVP_RECORD_SIZE; at += KVP_RECORD_SIZE) {
		const char *key = (const char *)before + at;
		if (memchr(key, '\0', KVP_KEY_SIZE) == NULL || !ours(key))
			require(at + KVP_RECORD_SIZE <= length &&
			        memcmp(before + at, after + at, KVP_RECORD_SIZE) == 0);
	}
	const char *line = kvp_find(after, length, KEY);
	require(line != NULL && strcmp(line, box->line) == 0);
	for (size_t n = 1; n <= box->count; n++) {
		char key[16];
		cleanup_text struct text piece = TEXT_INIT;
		snprintf(key, sizeof key, KEY ".%zu", n);
		mailbox_add_piece(box, n, &piece);
		const char *value = kvp_find(after, length, key);
		require(value != NULL && strcmp(value, text_string(&piece)) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	struct mailbox box;
	cleanup_text struct text report = TEXT_INIT;
	struct error err = ERROR_INIT;
	static char after[1 << 20];
	if (size > sizeof after / 2)
		return 0;
	/* Of one to four pieces. */
	for (size_t i = 0; i < KVP_PIECE / 2 + size % (3 * KVP_PIECE); i++)
		text_add_bytes(&report, "x", 1);
	require(mailbox_fill("01970000-0000-7000-8000-000000000001", &report, KVP_PIECE,
	                     KVP_PIECES_MAX, &box, &err) == 0);
	snprintf(path, sizeof path, "/dev/shm/nestready-fuzz-%ld", (long)getpid());
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	require(kvp_pool_put(path, KEY, &box, 0, &err) == 0);
	ssize_t length = pread(fd, after, sizeof after, 0);
	close(fd);
	unlink(path);
	require(length >= 0);
	check(data, size / KVP_RECORD_SIZE, after, (size_t)length, &box);
	return 0;
}
