/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and changing the documents of labs; the marks are lab_marks.c's. */
#include "collector/lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/json_at.h"
#include "base/transform.h"
#include "collector/attempt.h"
#include "collector/documents.h"
#include "collector/keyring.h"
#include "collector/lab_cache.h"
#include "collector/lab_kinds.h"
#include "collector/lab_sum.h"

#define TRIES_MAX      10 /* of a change that others change, too */
#define CHALLENGES_MAX 16 /* that are remembered of a student: the newest */

int lab_load(struct store *store, const char *name, struct lab *lab, struct error *err)
{
	*lab = (struct lab){ .version = 0 };
	if (!enrolment_is_lab(name))
		return 0;
	text_cut(lab->name, sizeof lab->name, name);
	struct document document;
	if (document_load(store, KIND_LAB, name, &document, err) != 0)
		return -1;
	lab->document = document.body;
	lab->version = document.version;
	lab->updated = document.updated;
	lab->rubric = json_object_get(lab->document, "rubric");
	lab->students = json_object_get(lab->document, "students");
	return 0;
}

void lab_clear(struct lab *lab)
{
	json_decref(lab->document);
	lab->document = NULL;
}

const json_t *lab_student(const struct lab *lab, const char *student)
{
	for (size_t i = 0; i < json_array_size(lab->students); i++) {
		const json_t *entry = json_array_get(lab->students, i);
		if (strcmp(json_at_text(entry, "student"), student) == 0)
			return entry;
	}
	return NULL;
}

int lab_put(struct store *store, struct lab *lab, json_t *students, json_t *rubric, const char *who,
            int64_t now, bool *done, struct error *err)
{
	json_t *body = json_pack("{s:O, s:O}", "rubric", rubric == NULL ? lab->rubric : rubric,
	                         "students", students == NULL ? lab->students : students);
	const struct document_change change = { KIND_LAB, lab->name, lab->version, body };
	const struct store_audit audit = {
		.who = who,
		.what = lab->version == 0  ? "made"
		        : students == NULL ? "rubric"
		        : rubric == NULL   ? "roster"
		                           : "roster and rubric",
		.kind = KIND_LAB,
		.key = lab->name,
		.note = json_at_text(rubric == NULL ? lab->rubric : rubric, "title"),
	};
	int status = documents_change(store, &change, 1, &audit, now, done, err);
	json_decref(body);
	return status;
}

/* ---- codes and challenges ------------------------------------------------------- */

static int add_token(struct store *store, const char *lab, const struct enrolment *enrolment,
                     const char *student, int64_t now, char id[KEYRING_ID_SIZE], struct error *err)
{
	char secret[ENROLMENT_TOKEN_SECRET + 1], token[KEYRING_TOKEN_SIZE];
	const struct store_token like = {
		.scope = "enrol", .lab = lab, .note = student, .created = now
	};
	enrolment_token(enrolment, id, secret);
	return keyring_add(store, &like, id, secret, token, err);
}

static int draw_code(const char *lab, char code[ENROLMENT_CODE_SIZE], struct enrolment *enrolment,
                     struct error *err)
{
	uint8_t random[ENROLMENT_BYTES];
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return error_set(err, ERROR_INTERNAL, errno, "cannot draw a code");
	enrolment_write(lab, random, code);
	return enrolment_read(code, enrolment, err);
}

int lab_code(struct store *store, const struct lab *lab, const char *student, const char *who,
             int64_t now, char code[ENROLMENT_CODE_SIZE], struct error *err)
{
	char key[LAB_KEY_SIZE], token[KEYRING_ID_SIZE];
	struct enrolment enrolment;
	struct document old;
	bool done = false, found;
	lab_key(lab->name, student, key);
	if (document_load(store, KIND_STUDENT, key, &old, err) != 0 ||
	    draw_code(lab->name, code, &enrolment, err) != 0 ||
	    add_token(store, lab->name, &enrolment, student, now, token, err) != 0) {
		json_decref(old.body);
		return -1;
	}
	json_t *owner = json_pack("{s:s, s:s}", "lab", lab->name, "student", student);
	json_t *owner_key = json_pack("{s:s, s:s, s:s}", "lab", lab->name, "student", student,
	                              "key", enrolment.key);
	json_t *challenges = json_object_get(old.body, "challenges");
	json_t *entry =
	        json_pack("{s:s, s:s, s:o}", "code", enrolment.id, "token", token, "challenges",
	                  challenges == NULL ? json_array() : json_incref(challenges));
	const struct document_change changes[] = {
		{ KIND_CODE, enrolment.id, STORE_ANY_VERSION, owner_key },
		{ KIND_TOKEN, token, STORE_ANY_VERSION, owner },
		{ KIND_STUDENT, key, old.version, entry },
		{ KIND_CODE, json_at_text(old.body, "code"), STORE_ANY_VERSION, NULL },
		{ KIND_TOKEN, json_at_text(old.body, "token"), STORE_ANY_VERSION, NULL },
	};
	const struct store_audit audit = {
		.who = who, .what = "code", .kind = KIND_LAB, .key = key, .note = token
	};
	int status =
	        documents_change(store, changes, old.body == NULL ? 3 : 5, &audit, now, &done, err);
	if (status == 0 && !done)
		status = error_set(err, ERROR_UNAVAILABLE, 0, "%.60s: changed meanwhile: try again",
		                   student);
	if (status == 0 && old.body != NULL)
		status = store->type->token_revoke(store, json_at_text(old.body, "token"), now,
		                                   &found, err);
	json_decref(owner);
	json_decref(owner_key);
	json_decref(entry);
	json_decref(old.body);
	return status;
}

int lab_has_code(struct store *store, const struct lab *lab, const char *student, bool *has,
                 struct error *err)
{
	char key[LAB_KEY_SIZE];
	struct document document;
	lab_key(lab->name, student, key);
	int status = document_load(store, KIND_STUDENT, key, &document, err);
	*has = document.body != NULL;
	json_decref(document.body);
	return status;
}

static int load_body(struct store *store, const char *kind, const char *key, json_t **found,
                     struct error *err)
{
	struct document document;
	int status = document_load(store, kind, key, &document, err);
	*found = document.body;
	return status;
}

int lab_code_owner(struct store *store, const char *id, json_t **found, struct error *err)
{
	return load_body(store, KIND_CODE, id, found, err);
}

int lab_token_owner(struct store *store, const char *token, json_t **found, struct error *err)
{
	return load_body(store, KIND_TOKEN, token, found, err);
}

static int try_challenge(struct store *store, const char *key, const char *nonce, int64_t now,
                         bool *done, struct error *err)
{
	struct document document;
	if (document_load(store, KIND_STUDENT, key, &document, err) != 0)
		return -1;
	if (document.body == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "%.60s: no such student", key);
	json_t *challenges = json_object_get(document.body, "challenges");
	while (json_array_size(challenges) >= CHALLENGES_MAX)
		json_array_remove(challenges, 0);
	json_array_append_new(challenges,
	                      json_pack("{s:s, s:I}", "nonce", nonce, "time", (json_int_t)now));
	const struct document_change change = { KIND_STUDENT, key, document.version,
		                                document.body };
	int status = documents_change(store, &change, 1, NULL, now, done, err);
	json_decref(document.body);
	return status;
}

int lab_challenge(struct store *store, const char *lab, const char *student, int64_t now,
                  char *nonce, struct error *err)
{
	char key[LAB_KEY_SIZE];
	uint8_t random[CHALLENGE_DIGITS / 2];
	bool done = false;
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return error_set(err, ERROR_INTERNAL, errno, "cannot draw a challenge");
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(nonce + 2 * i, 3, "%02x", random[i]);
	lab_key(lab, student, key);
	for (int tries = 0; tries < TRIES_MAX && !done; tries++) {
		if (try_challenge(store, key, nonce, now, &done, err) != 0)
			return -1;
	}
	return done ? 0 : error_set(err, ERROR_UNAVAILABLE, 0, "%.60s: too busy", student);
}

/* ---- attempts ------------------------------------------------------------------- */

static bool is_guest(const json_t *entry, const struct intake *intake, const char *token)
{
	const char *guest = json_at_text(entry, "guest"), *own = json_at_text(entry, "token");
	if (token != NULL && own[0] != '\0' && strcmp(own, token) == 0)
		return true;
	return guest[0] != '\0' &&
	       (strcmp(guest, intake->name) == 0 || strcmp(guest, intake->hostname) == 0);
}

/* The student of a report; NULL when it is nobody's. */
static const char *find_student(const struct lab *lab, const json_t *owner, const char *student,
                                const char *token, const struct intake *intake)
{
	if (student != NULL)
		return student;
	if (strcmp(json_at_text(owner, "lab"), lab->name) == 0)
		return json_at_text(owner, "student");
	for (size_t i = 0; i < json_array_size(lab->students); i++) {
		const json_t *entry = json_array_get(lab->students, i);
		if (is_guest(entry, intake, token))
			return json_at_text(entry, "student");
	}
	return NULL;
}

/* What is there already stays: it came first. */
static int put_attempt(struct store *store, const struct lab *lab, const char *student,
                       const char *key, json_t *attempt, int64_t received, bool *done,
                       struct error *err)
{
	const struct document_change change = { KIND_ATTEMPT, key, 0, attempt };
	json_t *there;
	if (load_body(store, KIND_ATTEMPT, key, &there, err) != 0)
		return -1;
	*done = there != NULL;
	json_decref(there);
	if (*done)
		return 0;
	return lab_sum_change(store, lab, student, &change, attempt, NULL, NULL, received, done,
	                      err);
}

static int note_attempt(struct store *store, const struct lab *lab, const char *student,
                        const struct intake *intake, int64_t received, bool *done,
                        struct error *err)
{
	char key[LAB_KEY_SIZE];
	json_t *report = json_loadb(intake->body, intake->length, 0, NULL);
	json_t *attempt = attempt_make(report, intake->guest, intake->time_ms, received);
	int length = snprintf(key, sizeof key, "%s/%s/%s", lab->name, student, intake->id);
	int status = attempt == NULL || length >= (int)sizeof key
	                     ? error_set(err, ERROR_INTERNAL, 0, "out of memory")
	                     : put_attempt(store, lab, student, key, attempt, received, done, err);
	json_decref(attempt);
	json_decref(report);
	return status;
}

int lab_note(struct store *store, struct lab_cache *cache, const char *name, const char *student,
             const char *token, const struct intake *intake, int64_t received, struct error *err)
{
	json_t *owner = NULL;
	bool done = false;
	int status = 0;
	/* Each time by the lab as it is then: it may be that which somebody changed. */
	for (int tries = 0; tries < TRIES_MAX && !done && status == 0; tries++) {
		const struct lab *lab;
		status = lab_cache_load(cache, store, name, &lab, err);
		done = status == 0 && lab->document == NULL;
		if (status != 0 || done)
			break;
		if (tries == 0 && token != NULL && token[0] != '\0' &&
		    (status = lab_token_owner(store, token, &owner, err)) != 0)
			break;
		const char *whose = find_student(lab, owner, student, token, intake);
		done = whose == NULL || lab_student(lab, whose) == NULL;
		if (!done)
			status = note_attempt(store, lab, whose, intake, received, &done, err);
	}
	json_decref(owner);
	if (status == 0 && !done)
		return error_set(err, ERROR_UNAVAILABLE, 0, "%.60s: too busy", name);
	return status;
}

/* ---- by hand -------------------------------------------------------------------- */

static json_t *write_override(const struct lab_override *override, const char *who, int64_t now)
{
	json_t *made = json_pack("{s:s, s:s, s:I}", "note", override->note, "who", who, "time",
	                         (json_int_t)now);
	if (override->excused)
		json_object_set_new(made, "excused", json_true());
	else
		json_object_set_new(made, "points", json_integer(override->points));
	return made;
}

int lab_override(struct store *store, const struct lab *lab, const struct lab_override *override,
                 const char *who, int64_t now, struct error *err)
{
	char key[LAB_KEY_SIZE], what[120];
	struct document document;
	bool done = false;
	lab_key(lab->name, override->student, key);
	if (document_load(store, KIND_OVERRIDE, key, &document, err) != 0)
		return -1;
	json_t *body = document.body == NULL ? json_object() : document.body;
	json_t *made = write_override(override, who, now);
	if (made == NULL) {
		json_decref(body);
		return error_set(err, ERROR_BAD_INPUT, 0, "the note: expected UTF-8");
	}
	json_object_del(body, override->item);
	if (override->clear)
		json_decref(made);
	else
		json_object_set_new(body, override->item, made);
	if (override->excused || override->clear)
		snprintf(what, sizeof what, "%s %.60s", override->clear ? "taken back" : "excused",
		         override->item);
	else
		snprintf(what, sizeof what, "%.60s: %g points", override->item,
		         (double) override->points / 100);
	const struct document_change change = { KIND_OVERRIDE, key, document.version, body };
	const struct store_audit audit = {
		.who = who, .what = what, .kind = KIND_LAB, .key = key, .note = override->note
	};
	int status = lab_sum_change(store, lab, override->student, &change, NULL, body, &audit, now,
	                            &done, err);
	json_decref(body);
	if (status == 0 && !done)
		return error_set(err, ERROR_UNAVAILABLE, 0, "%.60s: changed meanwhile: try again",
		                 override->student);
	return status;
}
