/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of report files, for who collects without a network.  What is
 * wrong with one file is said, and the others go in.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "collector/commands.h"
#include "collector/identity.h"
#include "collector/lab_cache.h"
#include "collector/server.h"
#include "collector/submission.h"

struct importing {
	struct store *store;
	struct lab_cache labs;
	const char *lab;
	unsigned body_max;
	unsigned added, known, refused, others;
};

/* A new buffer; NULL and *err.  Only regular files: a stick may hold anything. */
static char *read_report(int directory, const char *name, unsigned max, size_t *length,
                         struct error *err)
{
	struct stat stat;
	cleanup_fd int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &stat) != 0) {
		error_set(err, ERROR_NO_INPUT, errno, "cannot be read");
		return NULL;
	}
	if (!S_ISREG(stat.st_mode) || stat.st_size > max) {
		error_set(err, ERROR_BAD_INPUT, 0, "expected a file of at most %u bytes", max);
		return NULL;
	}
	char *bytes = malloc((size_t)stat.st_size + 1);
	ssize_t count = bytes == NULL ? -1 : read(fd, bytes, (size_t)stat.st_size);
	if (count != stat.st_size) {
		error_set(err, ERROR_NO_INPUT, bytes == NULL ? ENOMEM : errno, "cannot be read");
		free(bytes);
		return NULL;
	}
	*length = (size_t)count;
	return bytes;
}

/* Takes over the bytes.  What a serving collector keeps beside a report is kept here, too. */
static int take_report(struct importing *importing, char *bytes, size_t length, const char *lab,
                       const char *student, struct error *err)
{
	struct intake intake;
	bool well_formed;
	struct store_receipt receipt;
	const struct intake *batch[1] = { &intake };
	int64_t now = server_now();
	if (intake_read(bytes, length, lab, &intake, &well_formed, err) != 0)
		return -1;
	int status = importing->store->type->ingest(importing->store, batch, 1, now, &receipt, err);
	if (status == 0 && receipt.outcome != STORE_OTHER)
		status = identity_note(importing->store, batch, 1, now, err);
	if (status == 0 && receipt.outcome != STORE_OTHER && lab[0] != '\0')
		status = lab_note(importing->store, &importing->labs, lab, student, NULL, &intake,
		                  now, err);
	if (status == 0 && receipt.outcome == STORE_OTHER)
		status = error_set(err, ERROR_BAD_INPUT, 0, "another report has its id, %s",
		                   intake.id);
	else if (status == 0 && receipt.outcome == STORE_SAME)
		importing->known++;
	else if (status == 0)
		importing->added++;
	intake_clear(&intake);
	return status;
}

static int import_file(struct importing *importing, int directory, const char *name,
                       struct error *err)
{
	size_t length = 0;
	struct submission submission;
	bool is_submission;
	char *bytes = read_report(directory, name, importing->body_max, &length, err);
	if (bytes == NULL)
		return -1;
	if (submission_read(importing->store, bytes, length, &submission, &is_submission, err) !=
	    0) {
		free(bytes);
		return -1;
	}
	if (!is_submission)
		return take_report(importing, bytes, length, importing->lab, NULL, err);
	free(bytes);
	return take_report(importing, submission.report, submission.length, submission.lab,
	                   submission.student, err);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool is_report_name(const char *name)
{
	size_t length = strlen(name);
	return length > 5 && strcasecmp(name + length - 5, ".json") == 0;
}

static int import_named(struct importing *importing, int directory, const char *path,
                        struct error *err)
{
	struct error why = ERROR_INIT;
	char name[256];
	if (!is_report_name(path)) {
		importing->others++;
		return 0;
	}
	if (import_file(importing, directory, path, &why) == 0)
		return 0;
	importing->refused++;
	text_cut(name, sizeof name, path);
	utf8_sanitize(name, strlen(name));
	fprintf(stderr, "nestready-collector: %.150s: %s\n", name, why.message);
	if (why.code == ERROR_UNAVAILABLE || why.code == ERROR_INTERNAL)
		return error_set(err, why.code, 0, "stopped: the store cannot go on");
	return 0;
}

/* In the order of names, so that the same directory always gives the same store. */
static int import_all(struct importing *importing, const char *path, struct error *err)
{
	struct dirent **entries;
	cleanup_fd int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%.150s", path);
	int count = scandirat(directory, ".", &entries, is_visible, alphasort);
	if (count < 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%.150s", path);
	int status = 0;
	for (int i = 0; i < count; i++) {
		if (status == 0)
			status = import_named(importing, directory, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return status;
}

int command_import(const struct options *options, struct error *err)
{
	struct importing importing = { .lab = options->lab,
		                       .body_max = options->settings.body_max };
	if (options->operands[0] == NULL)
		return error_set(err, ERROR_USAGE, 0, "import: expected a DIRECTORY of reports");
	if (strlen(options->lab) > INTAKE_NAME_MAX)
		return error_set(err, ERROR_USAGE, 0, "--lab: at most %d bytes", INTAKE_NAME_MAX);
	if (store_open(options->settings.store, STORE_WRITE, &importing.store, err) != 0)
		return -1;
	int status = import_all(&importing, options->operands[0], err);
	lab_cache_clear(&importing.labs);
	store_close(importing.store);
	if (importing.others > 0)
		fprintf(stderr,
		        "nestready-collector: %u other names were not looked at: expected *.json\n",
		        importing.others);
	printf("%u added, %u there already, %u refused\n", importing.added, importing.known,
	       importing.refused);
	if (status == 0 && importing.refused > 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "%u of the files are no reports",
		                 importing.refused);
	return status;
}
