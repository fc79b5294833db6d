/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `lab add`: roster and rubric from files, and reports that were there before them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/grade.h"
#include "collector/grow.h"
#include "collector/lab_cache.h"
#include "collector/lab_command.h"
#include "collector/lab_sum.h"
#include "collector/roster.h"
#include "collector/rubric.h"
#include "collector/server.h"

#define FILE_MAX (8 << 20)

static int read_file(const char *path, struct text *bytes, struct error *err)
{
	char buffer[8192];
	ssize_t count = 1;
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%.150s", path);
	while (count > 0 && bytes->length <= FILE_MAX) {
		count = read(fd, buffer, sizeof buffer);
		text_add_bytes(bytes, buffer, count > 0 ? (size_t)count : 0);
	}
	if (count < 0)
		return error_set(err, ERROR_NO_INPUT, errno, "%.150s", path);
	if (count > 0 || bytes->failed)
		return error_set(err, ERROR_BAD_INPUT, 0, "%.150s: expected at most %d bytes", path,
		                 FILE_MAX);
	return 0;
}

/* *value is NULL where no file was named. */
static int read_part(const char *path, json_t *(*parse)(const char *, size_t, struct error *),
                     json_t **value, struct error *err)
{
	cleanup_text struct text bytes = TEXT_INIT;
	*value = NULL;
	if (path == NULL)
		return 0;
	if (read_file(path, &bytes, err) != 0)
		return -1;
	*value = parse(text_string(&bytes), bytes.length, err);
	return *value != NULL ? 0 : error_wrap(err, "%.150s", path);
}

struct noting {
	struct store *store;
	const char *lab;
	struct seen {
		char id[37];
		int64_t received;
	} * seen;
	size_t count, room;
	struct lab_cache labs;
};

static int take_seen(void *context, const struct store_report *row)
{
	struct noting *noting = context;
	struct seen *all = grow(noting->seen, noting->count, &noting->room, sizeof *all);
	if (all == NULL)
		return -1;
	noting->seen = all;
	struct seen *seen = &noting->seen[noting->count++];
	text_cut(seen->id, sizeof seen->id, row->id);
	seen->received = row->received;
	return 0;
}

static int take_body(void *context, const char *body, size_t length)
{
	text_add_bytes(context, body, length);
	return 0;
}

static int note_one(struct noting *noting, const struct seen *seen, struct error *err)
{
	struct text body = TEXT_INIT; /* the intake's */
	struct intake intake;
	bool well_formed;
	if (noting->store->type->body(noting->store, seen->id, take_body, &body, err) != 0 ||
	    body.data == NULL) {
		text_clear(&body);
		return err->code == ERROR_NONE ? 0 : -1;
	}
	if (intake_read(body.data, body.length, noting->lab, &intake, &well_formed, err) != 0)
		return -1;
	int status = lab_note(noting->store, &noting->labs, noting->lab, NULL, NULL, &intake,
	                      seen->received, err);
	intake_clear(&intake);
	return status;
}

/* Reports that came before their guest was in the roster. */
static int note_stored(struct store *store, const char *lab, struct error *err)
{
	struct noting noting = { .store = store, .lab = lab };
	const struct store_filter filter = { .lab = lab };
	int status = store->type->since(store, &filter, 0, false, UINT32_MAX >> 1, take_seen,
	                                &noting, err);
	for (size_t i = 0; i < noting.count && status == 0; i++)
		status = note_one(&noting, &noting.seen[i], err);
	free(noting.seen);
	lab_cache_clear(&noting.labs);
	return status;
}

static int put(struct store *store, const struct options *options, json_t *students, json_t *rubric,
               struct lab *lab, struct error *err)
{
	bool done;
	char who[64];
	if (lab_load(store, options->operands[1], lab, err) != 0)
		return -1;
	if (lab->document == NULL && (students == NULL || rubric == NULL))
		return error_set(err, ERROR_USAGE, 0,
		                 "lab add: a new lab needs --roster FILE and --rubric FILE");
	lab_command_caller(who);
	if (lab_put(store, lab, students, rubric, who, server_now(), &done, err) != 0)
		return -1;
	if (!done)
		return error_set(err, ERROR_UNAVAILABLE, 0,
		                 "%.60s: changed by somebody else meanwhile: try again", lab->name);
	lab_clear(lab);
	return lab_load(store, options->operands[1], lab, err);
}

int lab_command_add(struct store *store, const struct options *options, struct error *err)
{
	json_t *students = NULL, *rubric = NULL;
	struct lab lab = { .version = 0 };
	if (!enrolment_is_lab(options->operands[1]))
		return error_set(err, ERROR_USAGE, 0,
		                 "lab add %.60s: expected a name of a-z, 0-9, - and ., at most %d "
		                 "bytes",
		                 options->operands[1], ENROLMENT_LAB_SIZE - 1);
	if (options->roster == NULL && options->rubric == NULL)
		return error_set(err, ERROR_USAGE, 0,
		                 "lab add: expected --roster FILE, --rubric FILE or both");
	int status = read_part(options->roster, roster_read, &students, err);
	if (status == 0)
		status = read_part(options->rubric, rubric_read, &rubric, err);
	if (status == 0)
		status = put(store, options, students, rubric, &lab, err);
	/* Whose a report is, only the roster says. */
	if (status == 0 && students != NULL)
		status = note_stored(store, lab.name, err);
	if (status == 0)
		status = lab_sums_renew(store, &lab, server_now(), err);
	if (status == 0)
		printf("%s: %zu students, %zu items, %g points\n", lab.name,
		       json_array_size(lab.students),
		       json_array_size(json_object_get(lab.rubric, "items")),
		       (double)grade_possible(lab.rubric) / 100);
	lab_clear(&lab);
	json_decref(students);
	json_decref(rubric);
	return status;
}
