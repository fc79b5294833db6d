/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See imported.h. */
#include "agent/imported.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine/snapshot.h"
#include "report/fact_read.h"

/* Puts the bytes into memory that looks like a file.  A descriptor, or -1 with errno. */
static int file_of(const struct text *bytes)
{
	int fd = memfd_create("snapshot", MFD_CLOEXEC);
	size_t at = 0;
	while (fd >= 0 && at < bytes->length) {
		ssize_t count = write(fd, bytes->data + at, bytes->length - at);
		if (count > 0) {
			at += (size_t)count;
		} else if (errno != EINTR) {
			close(fd);
			return -1;
		}
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

int imported_file(const struct text *bytes, struct error *err)
{
	int fd = file_of(bytes);
	return fd >= 0 ? fd : error_set(err, ERROR_INTERNAL, errno, "a file in memory");
}

static int take(void *context, const struct fact *fact, struct error *err)
{
	struct fact_set *facts = context;
	const struct fact *probed = fact_set_find(facts, fact->key);
	if (probed != NULL &&
	    (probed->status == STATUS_OBSERVED || probed->status == STATUS_ABSENT))
		return 0;
	if (fact_set_add(facts, fact) != 0)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return 0;
}

static int add_origin(json_t *format, struct fact_set *facts, struct error *err)
{
	const struct fact origin = { .key = FACT_IMPORTED,
		                     .status = STATUS_OBSERVED,
		                     .value = format,
		                     .source = "nestready import" };
	return format == NULL ? 0 : take(facts, &origin, err);
}

int imported_add(const char *path, const struct text *bytes, struct fact_set *facts,
                 struct error *err)
{
	/* Recordings of ours are not parsed a second time to find out that they are. */
	if (memmem(text_string(bytes), bytes->length, "\"imported\"", 10) == NULL &&
	    memmem(text_string(bytes), bytes->length, "\"facts\"", 7) == NULL)
		return 0;
	json_t *root = snapshot_parse(path, text_string(bytes), bytes->length, err);
	if (root == NULL)
		return -1;
	int failed = facts_read(json_object_get(root, "facts"), take, facts, err);
	if (failed == 0)
		failed = add_origin(json_object_get(root, "imported"), facts, err);
	json_decref(root);
	return failed == 0 ? 0 : error_wrap(err, "%s", path);
}
