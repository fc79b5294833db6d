/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See said.h. */
#include "transport/said.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/crc32.h"
#include "transport/spool_file.h"

#define MARK         "NRF1 "
#define DIGITS       "0123456789abcdef"
#define DIGIT_MAX    19 /* of seconds */
#define ENDING       ".said"
#define NAME_SIZE    (8 + 1 + 8 + sizeof ENDING)
#define LENGTH_LEAST (sizeof MARK - 1 + SHA256_HEX_SIZE + 37 + 2)
#define LENGTH_MOST  (LENGTH_LEAST - 1 + DIGIT_MAX)

/* Two that share a name are told apart by their digests, and at worst are told all. */
static void name_of(const char *destination, const char *about, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%08x-%08x" ENDING,
	         (unsigned)crc32_of(destination, strlen(destination)),
	         (unsigned)crc32_of(about, strlen(about)));
}

void said_encode(const struct said *said, struct text *bytes)
{
	text_printf(bytes, MARK "%s %s %" PRId64 "\n", said->digest, said->full, said->since);
}

bool said_decode(const char *bytes, size_t length, struct said *said)
{
	const char *digest = bytes + sizeof MARK - 1;
	const char *full = digest + SHA256_HEX_SIZE, *since = full + 37;
	if (length < LENGTH_LEAST || length > LENGTH_MOST ||
	    strncmp(bytes, MARK, sizeof MARK - 1) != 0 || bytes[length - 1] != '\n' ||
	    memchr(bytes, '\0', length) != NULL)
		return false;
	if (strspn(digest, DIGITS) != SHA256_HEX_SIZE - 1 || full[-1] != ' ' ||
	    strspn(full, DIGITS "-") != 36 || since[-1] != ' ' ||
	    strspn(since, "0123456789") != length - (size_t)(since - bytes) - 1)
		return false;
	snprintf(said->digest, sizeof said->digest, "%s", digest);
	snprintf(said->full, sizeof said->full, "%s", full);
	errno = 0;
	said->since = strtoll(since, NULL, 10);
	return errno == 0;
}

bool said_read(const struct spool *spool, const char *destination, const char *about,
               struct said *said)
{
	char name[NAME_SIZE], bytes[LENGTH_MOST + 2];
	name_of(destination, about, name);
	cleanup_fd int fd = spool_file_open(spool->directory, name);
	ssize_t length = fd < 0 ? -1 : read(fd, bytes, sizeof bytes - 1);
	if (length <= 0)
		return false;
	bytes[length] = '\0';
	return said_decode(bytes, (size_t)length, said);
}

int said_write(const struct spool *spool, const char *destination, const char *about,
               const struct said *said, struct error *err)
{
	char name[NAME_SIZE];
	cleanup_text struct text bytes = TEXT_INIT;
	name_of(destination, about, name);
	said_encode(said, &bytes);
	return spool_put(spool, name, &bytes, err);
}

bool said_refused(const struct spool *spool, const char *destination, const char *full)
{
	cleanup_free struct spool_entry *entries = NULL;
	size_t count;
	char key[9];
	bool refused = false;
	snprintf(key, sizeof key, "%08x", (unsigned)crc32_of(destination, strlen(destination)));
	if (spool_list(spool, &entries, &count, NULL) != 0)
		return true; /* nobody knows: a whole report is never wrong */
	/* Ids grow with time. */
	for (size_t i = 0; i < count && !refused; i++)
		refused = !entries[i].waiting && strncmp(entries[i].name, full, 36) >= 0 &&
		          strncmp(entries[i].name + SPOOL_KEY_AT, key, 8) == 0;
	return refused;
}
