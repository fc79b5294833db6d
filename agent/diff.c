/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nestready diff A B`: what changed.  Each side is a report (`check --format
 * json`) or a snapshot, which is judged first, as this version judges.
 */
#include "report/diff.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/check.h"
#include "agent/choice.h"
#include "agent/commands.h"
#include "agent/input.h"
#include "agent/output.h"
#include "machine/snapshot.h"
#include "report/report.h"

void diff_describe(struct text *out)
{
	text_add(out,
	         "A and B are reports (`nestready check --format json`) or snapshots (`capture`,\n"
	         "`import`); snapshots are judged first, for the target of the other side when\n"
	         "that is a report. First come gaps that opened or closed, then findings, then\n"
	         "facts; VMX controls that were lost or gained are named.\n\n"
	         "Exit status: 0 when readiness is the same, 1 when a verdict changed or a gap\n"
	         "opened or closed; 65 when A or B makes no sense, 66 when it cannot be read.\n\n");
}

/* One of the two files. */
struct given {
	const char *path;
	struct text bytes;
	json_t *json; /* NULL for a snapshot until it is judged */
};

/* "standard input" */
static const char *name_of(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int read_given(struct given *given, const char *path, struct error *err)
{
	json_error_t problem;
	given->path = path;
	if (input_read(path, SNAPSHOT_LIMIT, &given->bytes, err) != 0)
		return -1;
	given->json = json_loadb(text_string(&given->bytes), given->bytes.length,
	                         JSON_REJECT_DUPLICATES, &problem);
	if (given->json == NULL)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%s: expected a report or a snapshot, line %d makes no sense",
		                 name_of(path), problem.line);
	const char *schema = json_string_value(json_object_get(given->json, "schema"));
	if (schema != NULL && strncmp(schema, "nestready.snapshot/", 19) == 0) {
		json_decref(given->json);
		given->json = NULL;
	}
	return 0;
}

static int add_piece(const char *bytes, size_t length, void *out)
{
	text_add_bytes(out, bytes, length);
	return 0;
}

/* Turns a snapshot into the report that `check --format json` would print of it. */
static int judge_given(struct given *given, const struct options *options, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	const struct format_options plain = { .root = false };
	struct options checking = *options;
	struct supervision supervision;
	struct report report = { 0 };
	checking.snapshot = name_of(given->path);
	int status = check_ask_bytes(&checking, &given->bytes, &supervision, err);
	if (status == 0)
		status = check_judge(&checking, &supervision, &report, err);
	if (status == 0) {
		format_find("json")->write(&report, &plain, &out);
		given->json = json_loadb(text_string(&out), out.length, 0, NULL);
		if (given->json == NULL)
			status = error_set(err, ERROR_INTERNAL, 0, "out of memory");
	}
	report_clear(&report);
	supervision_clear(&supervision);
	return status;
}

static const char *target_of(const struct given *given)
{
	return json_string_value(json_object_get(json_object_get(given->json, "target"), "id"));
}

/* Judges what is not judged yet, both for one target. */
static int judge_both(struct given sides[2], const struct options *options, struct error *err)
{
	struct options judging = *options;
	for (int i = 0; i < 2 && judging.target == NULL; i++)
		judging.target = target_of(&sides[i]);
	for (int i = 0; i < 2; i++) {
		if (sides[i].json == NULL && judge_given(&sides[i], &judging, err) != 0)
			return -1;
		if (judging.target == NULL) /* the first one's own */
			judging.target = target_of(&sides[i]);
	}
	return 0;
}

static int print(const struct options *options, const json_t *diff, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	struct winsize size = { 0 };
	bool terminal = options->output == NULL && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
	const struct page page = { .out = &out,
		                   .columns = terminal && size.ws_col > 0 ? size.ws_col : 80 };
	if (options->format == NULL || strcmp(options->format, "text") == 0)
		diff_text(&page, diff);
	else if (json_dump_callback(diff, add_piece, &out, JSON_INDENT(1)) == 0)
		text_add(&out, "\n");
	else
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (output_write(options->output, &out, err) != 0)
		return -1;
	return diff_readiness_changed(diff) ? 1 : 0;
}

int command_diff(const struct options *options, struct error *err)
{
	struct given sides[2] = { { .json = NULL }, { .json = NULL } };
	json_t *diff = NULL;
	int status = -1;
	if (options->second == NULL)
		return error_set(err, ERROR_USAGE, 0,
		                 "`diff` needs two files: `nestready diff --help` says of what");
	if (options->format != NULL && strcmp(options->format, "text") != 0 &&
	    strcmp(options->format, "json") != 0)
		return error_set(err, ERROR_USAGE, 0, "`diff` prints text or json, not %s",
		                 options->format);
	if (read_given(&sides[0], options->operand, err) == 0 &&
	    read_given(&sides[1], options->second, err) == 0 &&
	    judge_both(sides, options, err) == 0) {
		const struct diff_side before = { name_of(options->operand), sides[0].json };
		const struct diff_side after = { name_of(options->second), sides[1].json };
		diff = diff_reports(&before, &after, err);
	}
	if (diff != NULL)
		status = print(options, diff, err);
	json_decref(diff);
	for (int i = 0; i < 2; i++) {
		json_decref(sides[i].json);
		text_clear(&sides[i].bytes);
	}
	return status;
}
