/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What students and graders change over HTTP: on the writer's thread. */
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "base/transform.h"
#include "collector/intake.h"
#include "collector/keyring.h"
#include "collector/lab.h"
#include "collector/lab_sum.h"
#include "collector/routes.h"
#include "collector/rubric.h"
#include "collector/words.h"

static void refuse(struct exchange *exchange, unsigned status, const char *name, const char *title,
                   const struct error *why)
{
	answer_problem(&exchange->answer, status, name, title, why == NULL ? NULL : why->message);
}

/* The body as an object, or NULL with an answer. */
static json_t *read_body(struct exchange *exchange)
{
	struct error why = ERROR_INIT;
	json_t *body = intake_json(text_string(&exchange->body), exchange->body.length, &why);
	if (body == NULL)
		refuse(exchange, 400, "not-json", "This is no JSON", &why);
	else if (!json_is_object(body))
		refuse(exchange, 422, "body", "Expected an object", NULL);
	if (exchange->answer.status == 0)
		return body;
	json_decref(body);
	return NULL;
}

static int conflict(struct exchange *exchange)
{
	refuse(exchange, 409, "changed", "It was changed by somebody else meanwhile", NULL);
	return 0;
}

/* ---- enrol ---------------------------------------------------------------------- */

static json_t *write_enrolment(const struct lab *lab, const json_t *student,
                               const struct enrolment *enrolment, const char *nonce, int64_t now)
{
	char id[ENROLMENT_TOKEN_ID + 1], secret[ENROLMENT_TOKEN_SECRET + 1], when[WORD_TIME_SIZE];
	char token[KEYRING_TOKEN_SIZE];
	enrolment_token(enrolment, id, secret);
	keyring_write(id, secret, token);
	word_time_write(now, when);
	json_t *made = json_pack("{s:s, s:s, s:s, s:O, s:s, s:{s:s, s:s}}", "lab", lab->name,
	                         "title", json_at_text(lab->rubric, "title"), "student",
	                         json_at_text(student, "student"), "targets",
	                         json_object_get(lab->rubric, "targets"), "token", token,
	                         "challenge", "nonce", nonce, "time", when);
	if (made != NULL && json_object_get(lab->rubric, "deadline") != NULL)
		json_object_set(made, "deadline", json_object_get(lab->rubric, "deadline"));
	return made;
}

static int enrol(struct exchange *exchange, struct store *store, const struct enrolment *enrolment,
                 struct error *err)
{
	struct lab lab;
	json_t *owner = NULL;
	char nonce[CHALLENGE_DIGITS + 1];
	int64_t now = server_now();
	int status = lab_load(store, exchange->parameter, &lab, err);
	if (status == 0 && lab.document != NULL)
		status = lab_code_owner(store, enrolment->id, &owner, err);
	const json_t *student =
	        status == 0 && strcmp(json_at_text(owner, "lab"), exchange->parameter) == 0
	                ? lab_student(&lab, json_at_text(owner, "student"))
	                : NULL;
	if (status == 0 && student == NULL)
		refuse(exchange, 403, "code", "This code is not valid here", NULL);
	else if (status == 0)
		status = lab_challenge(store, lab.name, json_at_text(student, "student"), now,
		                       nonce, err);
	if (status == 0 && student != NULL)
		answer_json(&exchange->answer,
		            write_enrolment(&lab, student, enrolment, nonce, now));
	json_decref(owner);
	lab_clear(&lab);
	return status;
}

int route_lab_enrol(struct exchange *exchange, struct store *store, struct error *err)
{
	struct enrolment enrolment;
	struct error why = ERROR_INIT;
	json_t *body = read_body(exchange);
	int status = 0;
	if (body == NULL)
		return 0;
	/* What was typed is not repeated: a code is a secret. */
	if (enrolment_read(json_at_text(body, "code"), &enrolment, &why) != 0)
		refuse(exchange, 403, "code", "This code is not valid here", NULL);
	else
		status = enrol(exchange, store, &enrolment, err);
	json_decref(body);
	return status;
}

/* ---- rubric, override ------------------------------------------------------------ */

static const char *who(const struct exchange *exchange)
{
	return exchange->token[0] == '\0' ? "anybody (no tokens)" : exchange->token;
}

/* What tables show of each student follows the new rubric. */
static int renew(struct store *store, const char *name, struct error *err)
{
	struct lab lab;
	int status = lab_load(store, name, &lab, err);
	if (status == 0)
		status = lab_sums_renew(store, &lab, server_now(), err);
	lab_clear(&lab);
	return status;
}

static int put_rubric(struct exchange *exchange, struct store *store, json_t *rubric,
                      struct error *err)
{
	struct lab lab;
	bool done = true;
	const char *expected = exchange_argument(exchange, "version");
	int status = lab_load(store, exchange->parameter, &lab, err);
	if (status == 0 && lab.document == NULL) {
		refuse(exchange, 404, "not-found", "There is no such lab", NULL);
	} else if (status == 0) {
		done = expected == NULL || strtoll(expected, NULL, 10) == lab.version;
		if (done)
			status = lab_put(store, &lab, NULL, rubric, who(exchange), server_now(),
			                 &done, err);
		if (status == 0 && done)
			status = renew(store, lab.name, err);
		if (status == 0 && !done)
			status = conflict(exchange);
		else if (status == 0)
			answer_json(&exchange->answer,
			            json_pack("{s:s, s:I}", "lab", lab.name, "version",
			                      (json_int_t)lab.version + 1));
	}
	lab_clear(&lab);
	return status;
}

int route_lab_rubric(struct exchange *exchange, struct store *store, struct error *err)
{
	struct error why = ERROR_INIT;
	json_t *rubric = rubric_read(text_string(&exchange->body), exchange->body.length, &why);
	if (rubric == NULL) {
		refuse(exchange, 422, "not-a-rubric", "This is no nestready.rubric/1", &why);
		return 0;
	}
	int status = put_rubric(exchange, store, rubric, err);
	json_decref(rubric);
	return status;
}

/* Points in hundredths; -1 when that is no such number. */
static int64_t points_of(const json_t *body)
{
	double points = json_number_value(json_object_get(body, "points"));
	return points >= 0 && points <= RUBRIC_POINTS_MAX ? (int64_t)(points * 100 + 0.5) : -1;
}

static bool read_override(const json_t *body, struct lab_override *override)
{
	const json_t *points = json_object_get(body, "points");
	override->item = json_at_text(body, "item");
	override->note = json_at_text(body, "note");
	override->excused = json_is_true(json_object_get(body, "excused"));
	override->clear = json_is_true(json_object_get(body, "clear"));
	override->points = points_of(body);
	return override->note[0] != '\0' && strlen(override->note) <= 1000 &&
	       (points == NULL || (json_is_number(points) && override->points >= 0)) &&
	       (points != NULL) + override->excused + override->clear == 1;
}

static int put_override(struct exchange *exchange, struct store *store, const json_t *body,
                        struct error *err)
{
	struct lab lab;
	struct lab_override override = { .student = exchange->second };
	struct error why = ERROR_INIT;
	int status = lab_load(store, exchange->parameter, &lab, err);
	if (status == 0 && (lab.document == NULL || lab_student(&lab, exchange->second) == NULL)) {
		refuse(exchange, 404, "not-found", "There is no such lab or student", NULL);
	} else if (status == 0 && !read_override(body, &override)) {
		error_set(&why, ERROR_BAD_INPUT, 0,
		          "expected item, note, and one of points (0 to %d), excused and clear",
		          RUBRIC_POINTS_MAX);
		refuse(exchange, 422, "override", "This sets nothing", &why);
	} else if (status == 0 && rubric_item(lab.rubric, override.item) == NULL) {
		refuse(exchange, 422, "override", "There is no such item", NULL);
	} else if (status == 0) {
		status = lab_override(store, &lab, &override, who(exchange), server_now(), err);
		if (status == 0)
			answer_json(&exchange->answer,
			            json_pack("{s:s, s:s, s:s}", "lab", lab.name, "student",
			                      exchange->second, "item", override.item));
	}
	lab_clear(&lab);
	return status;
}

int route_lab_override(struct exchange *exchange, struct store *store, struct error *err)
{
	json_t *body = read_body(exchange);
	int status = body == NULL ? 0 : put_override(exchange, store, body, err);
	json_decref(body);
	return status;
}
