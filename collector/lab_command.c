/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nestready-collector lab`: what a grader types.  A table of subcommands, each on an open store.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_at.h"
#include "base/utf8.h"
#include "collector/commands.h"
#include "collector/csv.h"
#include "collector/grade.h"
#include "collector/lab.h"
#include "collector/lab_command.h"
#include "collector/lab_export.h"
#include "collector/rubric.h"
#include "collector/server.h"
#include "collector/words.h"

/* Names and notes are strangers' words; a terminal gets no control character from here. */
static void print_word(const char *word)
{
	cleanup_text struct text copy = TEXT_INIT;
	text_add(&copy, word);
	if (copy.length > 0)
		utf8_sanitize(copy.data, copy.length);
	fputs(text_string(&copy), stdout);
}

void lab_command_caller(char who[64])
{
	const struct passwd *user = getpwuid(getuid());
	snprintf(who, 64, "command line (%.40s)", user == NULL ? "?" : user->pw_name);
}

static int no_lab(const struct options *options, struct error *err)
{
	return error_set(err, ERROR_NO_INPUT, 0,
	                 "%.60s: no such lab: `nestready-collector lab list`",
	                 options->operands[1]);
}

/* The lab of a command; fails when it is not there. */
static int load(struct store *store, const struct options *options, struct lab *lab,
                struct error *err)
{
	if (lab_load(store, options->operands[1], lab, err) != 0)
		return -1;
	return lab->document == NULL ? no_lab(options, err) : 0;
}

/* ---- list, log ------------------------------------------------------------------ */

static int list_lab(void *context, const struct store_document *row)
{
	char when[WORD_TIME_SIZE];
	(void)context;
	word_time_write(row->updated, when);
	json_t *body = json_loadb(row->body, row->length, 0, NULL);
	printf("%-20s %5zu students  changed %s  ", row->key,
	       json_array_size(json_object_get(body, "students")), when);
	print_word(json_at_text(json_object_get(body, "rubric"), "title"));
	putchar('\n');
	json_decref(body);
	return 0;
}

static int lab_list(struct store *store, const struct options *options, struct error *err)
{
	(void)options;
	return store->type->documents(store, "lab", "", NULL, UINT32_MAX >> 1, list_lab, NULL, err);
}

static int list_audit(void *context, const struct store_audit *row)
{
	char when[WORD_TIME_SIZE];
	const char *student = strchr(row->key, '/');
	/* of ws-1 and ws-1/STUDENT, and not of ws-10 */
	if (row->key[strlen(context)] != '\0' && row->key[strlen(context)] != '/')
		return 0;
	word_time_write(row->time, when);
	printf("%s  ", when);
	print_word(row->who);
	fputs("  ", stdout);
	print_word(student == NULL ? row->key : student + 1);
	fputs("  ", stdout);
	print_word(row->what);
	if (row->note[0] != '\0') {
		fputs("  ", stdout);
		print_word(row->note);
	}
	putchar('\n');
	return 0;
}

static int lab_log(struct store *store, const struct options *options, struct error *err)
{
	struct lab lab;
	int status = load(store, options, &lab, err);
	if (status == 0)
		status = store->type->audits(store, "lab", lab.name, 0, UINT32_MAX >> 1, list_audit,
		                             lab.name, err);
	lab_clear(&lab);
	return status;
}

/* ---- token ---------------------------------------------------------------------- */

static int print_code(struct store *store, const struct options *options, const struct lab *lab,
                      const json_t *entry, struct error *err)
{
	char code[ENROLMENT_CODE_SIZE], who[64];
	cleanup_text struct text line = TEXT_INIT;
	lab_command_caller(who);
	if (lab_code(store, lab, json_at_text(entry, "student"), who, server_now(), code, err) != 0)
		return -1;
	csv_add(&line, json_at_text(entry, "student"));
	text_add(&line, ",");
	csv_add(&line, json_at_text(entry, "name"));
	text_printf(&line, ",%s", code);
	if (options->url != NULL)
		text_printf(&line, ",nestready submit %s#%s", options->url, code);
	puts(text_string(&line));
	return 0;
}

static int lab_token(struct store *store, const struct options *options, struct error *err)
{
	struct lab lab;
	int status = load(store, options, &lab, err);
	const char *only = options->operands[2];
	const json_t *one = only == NULL || status != 0 ? NULL : lab_student(&lab, only);
	if (status == 0 && only != NULL && one == NULL)
		status = error_set(err, ERROR_NO_INPUT, 0, "%.60s: not in the roster of %s", only,
		                   lab.name);
	if (status == 0)
		puts(options->url == NULL ? "student,name,code" : "student,name,code,command");
	for (size_t i = 0; i < json_array_size(lab.students) && status == 0; i++) {
		const json_t *entry = json_array_get(lab.students, i);
		bool has = false;
		/* Codes that were handed out stay good, unless a student is named. */
		if (one == NULL)
			status = lab_has_code(store, &lab, json_at_text(entry, "student"), &has,
			                      err);
		if (status == 0 && (one == NULL ? !has : one == entry))
			status = print_code(store, options, &lab, entry, err);
	}
	lab_clear(&lab);
	return status;
}

/* ---- grade, export --------------------------------------------------------------- */

static void print_flags(const json_t *flags)
{
	for (size_t i = 0; i < json_array_size(flags); i++) {
		const json_t *flag = json_array_get(flags, i),
		             *with = json_object_get(flag, "with");
		printf("    ! %s: %s", json_at_text(flag, "flag"), json_at_text(flag, "what"));
		for (size_t k = 0; k < json_array_size(with); k++) {
			fputs(k == 0 ? " " : ", ", stdout);
			print_word(json_string_value(json_array_get(with, k)));
		}
		json_int_t more = json_integer_value(json_object_get(flag, "more"));
		if (more > 0)
			printf(" and %" JSON_INTEGER_FORMAT " more", more);
		putchar('\n');
	}
}

static void print_student(const json_t *marks, bool items)
{
	const json_t *list = json_object_get(marks, "items");
	print_word(json_at_text(marks, "student"));
	fputs("  ", stdout);
	print_word(json_at_text(marks, "name"));
	printf("  %g of %g", json_number_value(json_object_get(marks, "points")),
	       json_number_value(json_object_get(marks, "possible")));
	if (json_at_text(marks, "last_seen")[0] == '\0')
		printf("  nothing received\n");
	else
		printf("  %lld received, last heard of %s%s\n",
		       (long long)json_integer_value(json_object_get(marks, "attempts")),
		       json_at_text(marks, "last_seen"),
		       json_is_true(json_object_get(marks, "stale")) ? ", stale" : "");
	for (size_t i = 0; items && i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		printf("    %-12s %g/%g  %s: ", json_at_text(item, "state"),
		       json_number_value(json_object_get(item, "points")),
		       json_number_value(json_object_get(item, "possible")),
		       json_at_text(item, "id"));
		print_word(json_at_text(item, "reason")[0] == '\0' ? json_at_text(item, "title")
		                                                   : json_at_text(item, "reason"));
		putchar('\n');
	}
	print_flags(json_object_get(marks, "flags"));
}

static int load_marks(struct store *store, const struct options *options, struct lab_marks *marks,
                      struct error *err)
{
	int64_t stale = server_now() - (int64_t)options->settings.stale_s * 1000;
	if (lab_marks_load(store, options->operands[1], stale, marks, err) != 0)
		return -1;
	return marks->lab.document == NULL ? no_lab(options, err) : lab_marks_all(marks, err);
}

static int lab_grade(struct store *store, const struct options *options, struct error *err)
{
	struct lab_marks marks;
	const char *only = options->operands[2];
	int status = load_marks(store, options, &marks, err);
	if (status == 0 && only != NULL && lab_student(&marks.lab, only) == NULL)
		status = error_set(err, ERROR_NO_INPUT, 0, "%.60s: not in the roster of %s", only,
		                   marks.lab.name);
	for (size_t i = 0; i < json_array_size(marks.lab.students) && status == 0; i++) {
		const json_t *entry = json_array_get(marks.lab.students, i);
		if (only != NULL && strcmp(only, json_at_text(entry, "student")) != 0)
			continue;
		json_t *made;
		status = lab_marks_of(&marks, entry, &made, err);
		if (status == 0)
			print_student(made, only != NULL);
		json_decref(made);
	}
	lab_marks_clear(&marks);
	return status;
}

static int lab_export(struct store *store, const struct options *options, struct error *err)
{
	const struct lab_export *format =
	        lab_export_find(options->format == NULL ? "csv" : options->format);
	struct lab_marks marks;
	cleanup_text struct text out = TEXT_INIT;
	if (format == NULL)
		return error_set(err, ERROR_USAGE, 0, "--format %.20s: expected csv, junit or json",
		                 options->format);
	int status = load_marks(store, options, &marks, err);
	if (status == 0)
		status = lab_export_write(format, &marks, &out, err);
	if (status == 0)
		fwrite(text_string(&out), 1, out.length, stdout);
	lab_marks_clear(&marks);
	return status;
}

/* ---- override --------------------------------------------------------------------- */

/* "7" or "7.25" in hundredths; -1 when it is neither. */
static int64_t read_points(const char *word)
{
	char *end;
	if (word[0] < '0' || word[0] > '9')
		return -1;
	unsigned long long whole = strtoull(word, &end, 10);
	unsigned long long parts = 0, weight = 10;
	if (whole > RUBRIC_POINTS_MAX || (*end != '\0' && *end != '.'))
		return -1;
	if (*end == '.') {
		const char *digit = end + 1;
		if (*digit == '\0' || strlen(digit) > 2 ||
		    strspn(digit, "0123456789") != strlen(digit))
			return -1;
		for (; *digit != '\0'; digit++, weight /= 10)
			parts += (unsigned long long)(*digit - '0') * weight;
	}
	return (int64_t)(whole * 100 + parts);
}

static int read_override(const struct options *options, struct lab_override *override,
                         struct error *err)
{
	*override = (struct lab_override){ .student = options->operands[2],
		                           .item = options->operands[3],
		                           .note = options->note,
		                           .excused = options->excused,
		                           .clear = options->clear };
	if (override->student == NULL || override->item == NULL ||
	    (options->points != NULL) + options->excused + options->clear != 1)
		return error_set(err, ERROR_USAGE, 0,
		                 "lab override: expected LAB STUDENT ITEM and one of --points N, "
		                 "--excused and --clear");
	if (options->note[0] == '\0')
		return error_set(err, ERROR_USAGE, 0,
		                 "lab override: expected --note TEXT: the "
		                 "student reads why");
	if (options->points != NULL && (override->points = read_points(options->points)) < 0)
		return error_set(err, ERROR_USAGE, 0,
		                 "--points %.20s: expected 0 to %d, with at "
		                 "most two decimals",
		                 options->points, RUBRIC_POINTS_MAX);
	return 0;
}

static int lab_override_command(struct store *store, const struct options *options,
                                struct error *err)
{
	struct lab lab;
	struct lab_override override;
	char who[64];
	if (read_override(options, &override, err) != 0)
		return -1;
	int status = load(store, options, &lab, err);
	if (status == 0 && lab_student(&lab, override.student) == NULL)
		status = error_set(err, ERROR_NO_INPUT, 0, "%.60s: not in the roster of %s",
		                   override.student, lab.name);
	if (status == 0 && rubric_item(lab.rubric, override.item) == NULL)
		status = error_set(err, ERROR_NO_INPUT, 0, "%.60s: no item of the rubric of %s",
		                   override.item, lab.name);
	lab_command_caller(who);
	if (status == 0)
		status = lab_override(store, &lab, &override, who, server_now(), err);
	lab_clear(&lab);
	return status;
}

static const struct subcommand {
	const char *name, *form;
	int (*run)(struct store *store, const struct options *options, struct error *err);
	unsigned least, most; /* words behind its name */
	enum store_mode mode;
} subcommands[] = {
	{ "add", "LAB --roster FILE --rubric FILE", lab_command_add, 1, 1, STORE_WRITE },
	{ "list", "", lab_list, 0, 0, STORE_MAINTAIN },
	{ "token", "LAB [STUDENT]", lab_token, 1, 2, STORE_MAINTAIN },
	{ "grade", "LAB [STUDENT]", lab_grade, 1, 2, STORE_MAINTAIN },
	{ "override", "LAB STUDENT ITEM", lab_override_command, 3, 3, STORE_MAINTAIN },
	{ "export", "LAB [--format csv|junit|json]", lab_export, 1, 1, STORE_MAINTAIN },
	{ "log", "LAB", lab_log, 1, 1, STORE_MAINTAIN },
};

int command_lab(const struct options *options, struct error *err)
{
	const char *name = options->operands[0] == NULL ? "" : options->operands[0];
	const struct subcommand *found = NULL;
	struct store *store;
	for (size_t i = 0; i < sizeof subcommands / sizeof subcommands[0]; i++) {
		if (strcmp(subcommands[i].name, name) == 0)
			found = &subcommands[i];
	}
	if (found == NULL)
		return error_set(err, ERROR_USAGE, 0,
		                 "lab %.20s: expected add, list, token, grade, override, export or "
		                 "log",
		                 name);
	if (options->operand_count - 1 < found->least || options->operand_count - 1 > found->most)
		return error_set(err, ERROR_USAGE, 0, "lab %s: expected lab %s %s", name, name,
		                 found->form);
	if (store_open(options->settings.store, found->mode, &store, err) != 0)
		return -1;
	int status = found->run(store, options, err);
	store_close(store);
	return status;
}
