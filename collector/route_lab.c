/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about labs and marks. */
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/asked.h"
#include "collector/grade.h"
#include "collector/lab.h"
#include "collector/lab_export.h"
#include "collector/routes.h"
#include "collector/words.h"

static int take_lab(void *context, const struct store_document *row)
{
	char when[WORD_TIME_SIZE];
	json_t *body = json_loadb(row->body, row->length, 0, NULL);
	const json_t *rubric = json_object_get(body, "rubric");
	word_time_write(row->updated, when);
	json_array_append_new(
	        context,
	        json_pack("{s:s, s:s, s:I, s:I, s:o, s:s}", "lab", row->key, "title",
	                  json_at_text(rubric, "title"), "students",
	                  (json_int_t)json_array_size(json_object_get(body, "students")), "items",
	                  (json_int_t)json_array_size(json_object_get(rubric, "items")), "possible",
	                  grade_number(grade_possible(rubric)), "updated", when));
	json_decref(body);
	return 0;
}

int route_labs(struct exchange *exchange, struct store *store, struct error *err)
{
	json_t *list = json_array();
	int status = store->type->documents(store, "lab", "", NULL, UINT32_MAX >> 1, take_lab, list,
	                                    err);
	if (status == 0)
		answer_json(&exchange->answer, json_pack("{s:O}", "labs", list));
	json_decref(list);
	return status;
}

static void not_found(struct exchange *exchange, const char *what)
{
	answer_problem(&exchange->answer, 404, "not-found", what, NULL);
}

int route_lab(struct exchange *exchange, struct store *store, struct error *err)
{
	struct lab lab;
	char when[WORD_TIME_SIZE];
	int status = lab_load(store, exchange->parameter, &lab, err);
	word_time_write(lab.updated, when);
	if (status == 0 && lab.document == NULL)
		not_found(exchange, "There is no such lab");
	else if (status == 0)
		answer_json(&exchange->answer,
		            json_pack("{s:s, s:I, s:s, s:O, s:O}", "lab", lab.name, "version",
		                      (json_int_t)lab.version, "updated", when, "rubric",
		                      lab.rubric, "students", lab.students));
	lab_clear(&lab);
	return status;
}

/* Loads what marks are made of; false with an answer when there is no such lab, or *status -1. */
static bool load_marks(struct exchange *exchange, struct store *store, struct lab_marks *marks,
                       int *status, struct error *err)
{
	*status = lab_marks_load(store, exchange->parameter, asked_stale(exchange), marks, err);
	if (*status == 0 && marks->lab.document == NULL)
		not_found(exchange, "There is no such lab");
	return *status == 0 && marks->lab.document != NULL;
}

/* The same, with what flags are made of. */
static bool load_all(struct exchange *exchange, struct store *store, struct lab_marks *marks,
                     int *status, struct error *err)
{
	if (!load_marks(exchange, store, marks, status, err))
		return false;
	*status = lab_marks_all(marks, err);
	exchange->old_sums = marks->old_sums;
	return *status == 0;
}

static int export_as(struct exchange *exchange, struct store *store,
                     const struct lab_export *format, struct error *err)
{
	struct lab_marks marks;
	int status;
	if (load_all(exchange, store, &marks, &status, err)) {
		status = lab_export_write(format, &marks, &exchange->answer.text, err);
		exchange->answer.status = 200;
		exchange->answer.type = format->type;
	}
	lab_marks_clear(&marks);
	return status;
}

int route_lab_matrix(struct exchange *exchange, struct store *store, struct error *err)
{
	return export_as(exchange, store, &lab_matrix, err);
}

static int answer_student(struct exchange *exchange, const struct lab_marks *marks,
                          const json_t *student, struct error *err)
{
	json_t *made;
	int status = lab_marks_of(marks, student, &made, err);
	if (status == 0)
		answer_json(&exchange->answer, made);
	return status;
}

int route_lab_student(struct exchange *exchange, struct store *store, struct error *err)
{
	struct lab_marks marks;
	int status;
	if (load_all(exchange, store, &marks, &status, err)) {
		const json_t *student = lab_student(&marks.lab, exchange->second);
		if (student == NULL)
			not_found(exchange, "There is no such student");
		else
			status = answer_student(exchange, &marks, student, err);
	}
	lab_marks_clear(&marks);
	return status;
}

/*
 * The student's own marks, for the student's token.  What others are suspected of is not told, and
 * what others sent is not even read: a whole class asks at the deadline.
 */
int route_lab_receipt(struct exchange *exchange, struct store *store, struct error *err)
{
	struct lab_marks marks;
	json_t *owner = NULL;
	int status;
	if (lab_token_owner(store, exchange->token, &owner, err) != 0)
		return -1;
	if (load_marks(exchange, store, &marks, &status, err)) {
		const json_t *student =
		        strcmp(json_at_text(owner, "lab"), exchange->parameter) == 0
		                ? lab_student(&marks.lab, json_at_text(owner, "student"))
		                : NULL;
		if (student == NULL)
			answer_problem(&exchange->answer, 403, "other-lab",
			               "This token is of no student of this lab", NULL);
		else
			status = answer_student(exchange, &marks, student, err);
	}
	lab_marks_clear(&marks);
	json_decref(owner);
	return status;
}

int route_lab_export(struct exchange *exchange, struct store *store, struct error *err)
{
	const char *name = exchange_argument(exchange, "format");
	const struct lab_export *format = lab_export_find(name == NULL ? "csv" : name);
	if (format == NULL) {
		answer_problem(&exchange->answer, 400, "argument", "This argument makes no sense",
		               "format: expected csv, junit or json");
		return 0;
	}
	return export_as(exchange, store, format, err);
}

struct log {
	const char *lab;
	json_t *list;
};

static int take_audit(void *context, const struct store_audit *row)
{
	const struct log *log = context;
	const char *rest = row->key + strlen(log->lab);
	char when[WORD_TIME_SIZE];
	word_time_write(row->time, when);
	/* of ws-1 and ws-1/STUDENT, and not of ws-10 */
	if (*rest == '\0' || *rest == '/')
		json_array_append_new(log->list,
		                      json_pack("{s:I, s:s, s:s, s:s, s:o, s:s}", "seq",
		                                (json_int_t)row->seq, "time", when, "who", row->who,
		                                "what", row->what, "student",
		                                answer_string(*rest == '/' ? rest + 1 : NULL),
		                                "note", row->note));
	return 0;
}

int route_lab_log(struct exchange *exchange, struct store *store, struct error *err)
{
	struct lab lab;
	struct log log = { exchange->parameter, json_array() };
	int status = lab_load(store, exchange->parameter, &lab, err);
	if (status == 0 && lab.document == NULL)
		not_found(exchange, "There is no such lab");
	else if (status == 0)
		status = store->type->audits(store, "lab", lab.name, 0, UINT32_MAX >> 1, take_audit,
		                             &log, err);
	if (status == 0 && lab.document != NULL)
		answer_json(&exchange->answer, json_pack("{s:O}", "log", log.list));
	json_decref(log.list);
	lab_clear(&lab);
	return status;
}
