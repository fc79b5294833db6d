/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Labs in a store: what of them is kept in which document, and the marks that
 * come of it.  Nothing here is kept in memory between two calls (but
 * collector/lab_cache.h); marks are worked out when they are asked for, from
 * attempts that were boiled down when they came.
 *
 *   lab           NAME                  {"rubric", "students"}
 *   lab-student   NAME/STUDENT          {"code": ID, "token": ID, "challenges": [{"nonce",
 * "time"}]} lab-code      ID                    {"lab", "student", "key"} lab-token     ID {"lab",
 * "student"} lab-override  NAME/STUDENT          {ITEM: {"points" or "excused", "note", "who",
 * "time"}} lab-attempt   NAME/STUDENT/REPORT   collector/attempt.h lab-sum       NAME/STUDENT
 * collector/lab_sum.h
 */
#ifndef NESTREADY_COLLECTOR_LAB_H
#define NESTREADY_COLLECTOR_LAB_H

#include <jansson.h>

#include "base/enrolment.h"
#include "collector/intake.h"
#include "collector/store.h"

#define LAB_KEY_SIZE 200

struct lab_cache;

struct lab {
	char name[ENROLMENT_LAB_SIZE];
	json_t *rubric, *students; /* of `document` */
	json_t *document;          /* NULL: there is no such lab */
	int64_t version, updated;
};

/* 0 whether or not it is there; to be cleared either way. */
int lab_load(struct store *store, const char *name, struct lab *lab, struct error *err);
void lab_clear(struct lab *lab);

/* The roster's entry of a student, or NULL. */
const json_t *lab_student(const struct lab *lab, const char *student);

/*
 * Makes or changes a lab; a NULL leaves what is there.  *done: it was not changed by somebody else
 * since it was loaded.
 */
int lab_put(struct store *store, struct lab *lab, json_t *students, json_t *rubric, const char *who,
            int64_t now, bool *done, struct error *err);

/* Gives a student a new code; an old one, and its token, are worth nothing from then on. */
int lab_code(struct store *store, const struct lab *lab, const char *student, const char *who,
             int64_t now, char code[ENROLMENT_CODE_SIZE], struct error *err);

int lab_has_code(struct store *store, const struct lab *lab, const char *student, bool *has,
                 struct error *err);

/* Whose code it is: {"lab", "student", "key"} in *found, which is NULL when it is nobody's. */
int lab_code_owner(struct store *store, const char *id, json_t **found, struct error *err);

/* Whose token it is, as above without the key. */
int lab_token_owner(struct store *store, const char *token, json_t **found, struct error *err);

/* A new challenge for a student, of CHALLENGE_DIGITS digits and a NUL (base/transform.h). */
int lab_challenge(struct store *store, const char *lab, const char *student, int64_t now,
                  char *nonce, struct error *err);

/*
 * A report that is in the store: if it is a student's, it becomes an attempt, once.  `student` may
 * be NULL: then the token says whose it is, or the roster by the guest.
 */
int lab_note(struct store *store, struct lab_cache *cache, const char *lab, const char *student,
             const char *token, const struct intake *intake, int64_t received, struct error *err);

/* What a grader sets for an item: `points` in hundredths, or excused; neither: it is taken back. */
struct lab_override {
	const char *student, *item, *note;
	bool excused, clear;
	int64_t points;
};

int lab_override(struct store *store, const struct lab *lab, const struct lab_override *override,
                 const char *who, int64_t now, struct error *err);

/* What the marks of any student are made of. */
struct lab_marks {
	struct lab lab;
	struct store *store;
	int64_t stale; /* a guest that was last heard of before is */
	json_t *heard; /* GUEST -> when it was last heard of, heartbeats included */
	json_t *sums;  /* STUDENT -> collector/lab_sum.h; NULL without lab_marks_all */
	json_t *flags; /* STUDENT -> collector/suspect.h; likewise */
	bool old_sums; /* some had to be made: the store has none of this version of the lab */
};

/* marks->lab.document is NULL when there is no such lab.  To be cleared either way. */
int lab_marks_load(struct store *store, const char *name, int64_t stale, struct lab_marks *marks,
                   struct error *err);

/* Reads of all students what tables and flags need. */
int lab_marks_all(struct lab_marks *marks, struct error *err);
void lab_marks_clear(struct lab_marks *marks);

/*
 * Everything of one student, a new value: collector/grade.h, with "student", "name"?, "stale"? (of
 * who was heard of) and, after lab_marks_all, "flags".  "last_seen" is of heartbeats, too.
 */
int lab_marks_of(const struct lab_marks *marks, const json_t *student, json_t **made,
                 struct error *err);

/* When a student was last heard of; 0 for never. */
int64_t lab_marks_seen(const struct lab_marks *marks, const char *student);

/* {"schema", "lab", "title", "updated", "possible", "items": [...]}: all but the students. */
json_t *lab_marks_head(const struct lab_marks *marks);

#endif
