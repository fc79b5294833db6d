/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See lab_sum.h. */
#include "collector/lab_sum.h"

#include <string.h>

#include "base/json_at.h"
#include "collector/attempt.h"
#include "collector/grade.h"
#include "collector/lab_kinds.h"

#define RENEWED_AT_ONCE 100 /* sums of a transaction */
_Static_assert(LAB_SUMS_BROUGHT_UP <= RENEWED_AT_ONCE, "it is one transaction");
#define RENEWED_TRIES 5 /* of one, while reports of this student come in */

static int take_attempt(void *context, const char *rest, json_t *body,
                        const struct store_document *row)
{
	(void)rest;
	(void)row;
	return json_array_append(context, body);
}

int lab_attempts(struct store *store, const char *lab, const char *student, json_t **attempts,
                 struct error *err)
{
	char key[LAB_KEY_SIZE], prefix[LAB_KEY_SIZE + 1];
	lab_key(lab, student, key);
	snprintf(prefix, sizeof prefix, "%s/", key);
	*attempts = json_array();
	return documents_each(store, KIND_ATTEMPT, prefix, take_attempt, *attempts, err);
}

int lab_overrides(struct store *store, const char *lab, const char *student, json_t **overrides,
                  struct error *err)
{
	char key[LAB_KEY_SIZE];
	struct document document;
	lab_key(lab, student, key);
	int status = document_load(store, KIND_OVERRIDE, key, &document, err);
	*overrides = document.body;
	return status;
}

/* Of the findings collector/suspect.h looks at one. */
static json_t *slim(const json_t *attempt)
{
	json_t *made = json_copy((json_t *)attempt), *findings = json_object();
	json_t *ran = json_object_get(json_object_get(attempt, "findings"), "l2.long-mode");
	if (ran != NULL)
		json_object_set(findings, "l2.long-mode", ran);
	json_object_set_new(made, "findings", findings);
	return made;
}

/* Of a sum (NULL: there was nothing) and of attempts that all came after what it is made of. */
static json_t *add_to_sum(const struct lab *lab, const json_t *sum, const json_t *attempts,
                          const json_t *overrides)
{
	json_t *counts = grade_counts(lab->rubric, attempts,
	                              sum == NULL ? NULL : json_object_get(sum, "counts"));
	json_t *made = grade_sum(lab->rubric, counts, overrides);
	json_t *said = sum == NULL ? json_array() : json_copy(json_object_get(sum, "said"));
	for (size_t i = 0; i < json_array_size(attempts); i++)
		json_array_append_new(said, slim(json_array_get(attempts, i)));
	json_object_set_new(made, "lab", json_integer(lab->version));
	json_object_set_new(made, "counts", counts);
	json_object_set_new(made, "said", said);
	return made;
}

json_t *lab_sum_of(const struct lab *lab, const json_t *attempts, const json_t *overrides)
{
	return add_to_sum(lab, NULL, attempts, overrides);
}

/* Whether it is of this lab, and the attempt (or none) came after all that it is made of. */
static bool goes_on(const struct lab *lab, const json_t *sum, const json_t *attempt)
{
	const json_t *said = json_object_get(sum, "said");
	if (sum == NULL || json_at_integer(sum, "lab") != lab->version ||
	    !json_is_array(json_object_get(sum, "counts")))
		return false;
	for (size_t i = 0; attempt != NULL && i < json_array_size(said); i++) {
		if (attempt_compare(json_array_get(said, i), attempt) >= 0)
			return false;
	}
	return true;
}

/* The sum of what is there, and which version of it that replaces. */
static int make_sum(struct store *store, const struct lab *lab, const char *student,
                    json_t *attempt, const json_t *overrides, struct document *sum,
                    struct error *err)
{
	char key[LAB_KEY_SIZE];
	json_t *attempts = NULL, *kept = NULL;
	lab_key(lab->name, student, key);
	/* The version first: what changes after that changes it, too. */
	int status = document_load(store, KIND_SUM, key, sum, err);
	json_t *before = sum->body;
	sum->body = NULL;
	bool go_on = goes_on(lab, before, attempt);
	if (go_on)
		attempts = json_array();
	else if (status == 0)
		status = lab_attempts(store, lab->name, student, &attempts, err);
	if (status == 0 && overrides == NULL)
		status = lab_overrides(store, lab->name, student, &kept, err);
	if (status == 0) {
		if (attempt != NULL)
			json_array_append(attempts, attempt);
		sum->body = add_to_sum(lab, go_on ? before : NULL, attempts,
		                       overrides == NULL ? kept : overrides);
		if (sum->body == NULL)
			status = error_set(err, ERROR_INTERNAL, 0, "out of memory");
	}
	json_decref(before);
	json_decref(attempts);
	json_decref(kept);
	return status;
}

int lab_sum_change(struct store *store, const struct lab *lab, const char *student,
                   const struct document_change *change, json_t *attempt, const json_t *overrides,
                   const struct store_audit *audit, int64_t now, bool *done, struct error *err)
{
	char key[LAB_KEY_SIZE];
	struct document sum;
	lab_key(lab->name, student, key);
	if (make_sum(store, lab, student, attempt, overrides, &sum, err) != 0)
		return -1;
	const struct document_change changes[] = {
		*change,
		{ KIND_SUM, key, sum.version, sum.body },
	};
	int status = documents_change(store, changes, 2, audit, now, done, err);
	json_decref(sum.body);
	return status;
}

/* Sums of these students (at most RENEWED_AT_ONCE) in one transaction; *done as in documents_put.
 */
static int renew_these(struct store *store, const struct lab *lab, const char *const *students,
                       size_t count, int64_t now, bool *done, struct error *err)
{
	struct document_change changes[RENEWED_AT_ONCE];
	char keys[RENEWED_AT_ONCE][LAB_KEY_SIZE];
	struct document sums[RENEWED_AT_ONCE];
	size_t filled = 0;
	int status = 0;
	*done = true;
	while (filled < count) {
		status = make_sum(store, lab, students[filled], NULL, NULL, &sums[filled], err);
		if (status != 0)
			break;
		lab_key(lab->name, students[filled], keys[filled]);
		changes[filled] =
		        (struct document_change){ KIND_SUM, keys[filled], sums[filled].version,
			                          sums[filled].body };
		filled++;
	}
	if (status == 0 && count > 0)
		status = documents_change(store, changes, filled, NULL, now, done, err);
	while (filled > 0)
		json_decref(sums[--filled].body);
	return status;
}

/* *is: the sum of a student is there, and of this lab. */
static int is_up_to_date(struct store *store, const struct lab *lab, const char *student, bool *is,
                         struct error *err)
{
	char key[LAB_KEY_SIZE];
	struct document sum;
	lab_key(lab->name, student, key);
	int status = document_load(store, KIND_SUM, key, &sum, err);
	*is = goes_on(lab, sum.body, NULL);
	json_decref(sum.body);
	return status;
}

/* Of at most `most` students from `first` on; all of them, or only those whose sums are old. */
static int renew_some(struct store *store, const struct lab *lab, size_t first, size_t most,
                      bool only_old, int64_t now, bool *done, struct error *err)
{
	const char *students[RENEWED_AT_ONCE];
	size_t count = 0;
	for (size_t i = first; i < first + most && i < json_array_size(lab->students); i++) {
		bool is = false;
		students[count] = json_at_text(json_array_get(lab->students, i), "student");
		if (only_old && is_up_to_date(store, lab, students[count], &is, err) != 0)
			return -1;
		count += is ? 0 : 1;
	}
	return renew_these(store, lab, students, count, now, done, err);
}

int lab_sums_bring_up(struct store *store, const struct lab *lab, size_t first, int64_t now,
                      struct error *err)
{
	bool done = false;
	if (renew_some(store, lab, first, LAB_SUMS_BROUGHT_UP, true, now, &done, err) != 0)
		return -1;
	/* A report of one of them came in meanwhile: each by itself. */
	for (size_t i = 0; !done && i < LAB_SUMS_BROUGHT_UP; i++) {
		bool ignored;
		if (renew_some(store, lab, first + i, 1, true, now, &ignored, err) != 0)
			return -1;
	}
	return 0;
}

int lab_sums_renew(struct store *store, const struct lab *lab, int64_t now, struct error *err)
{
	/* Up to there each by itself: a report of one of them came in meanwhile. */
	size_t alone = 0;
	unsigned tries = 0;
	for (size_t i = 0; i < json_array_size(lab->students);) {
		const size_t most = i < alone ? 1 : RENEWED_AT_ONCE;
		bool done;
		if (renew_some(store, lab, i, most, false, now, &done, err) != 0)
			return -1;
		if (!done && most > 1) {
			alone = i + most;
			continue;
		}
		/* In the end it stays for its readers to renew. */
		if (!done && ++tries < RENEWED_TRIES)
			continue;
		tries = 0;
		i += most;
	}
	return 0;
}
