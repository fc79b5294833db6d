/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See submission.h. */
#include "collector/submission.h"

#include <stdlib.h>
#include <string.h>

#include "collector/digest.h"
#include "collector/intake.h"
#include "collector/lab.h"
#include "collector/shape.h"

static const char *text_at(const json_t *holder, const char *key)
{
	const char *text = json_string_value(json_object_get(holder, key));
	return text == NULL ? "" : text;
}

static int check_signature(const json_t *file, const json_t *owner, struct error *err)
{
	const json_t *report = json_object_get(file, "report");
	const char *signature = text_at(file, "signature");
	char expected[SHA256_HEX_SIZE];
	if (owner == NULL || strcmp(text_at(owner, "lab"), text_at(file, "lab")) != 0)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "code: no code of a student of %.60s, or one that was replaced",
		                 text_at(file, "lab"));
	sha256_hmac_hex(text_at(owner, "key"), json_string_value(report),
	                json_string_length(report), expected);
	if (strlen(signature) != sizeof expected - 1 ||
	    !digest_equal(signature, expected, sizeof expected - 1))
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "signature: not that of %.60s: the file was changed",
		                 text_at(owner, "student"));
	return 0;
}

static int take(const json_t *file, const json_t *owner, struct submission *submission,
                struct error *err)
{
	const json_t *report = json_object_get(file, "report");
	if (check_signature(file, owner, err) != 0)
		return -1;
	text_cut(submission->lab, sizeof submission->lab, text_at(owner, "lab"));
	text_cut(submission->student, sizeof submission->student, text_at(owner, "student"));
	submission->length = json_string_length(report);
	submission->report = malloc(submission->length + 1);
	if (submission->report == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	memcpy(submission->report, json_string_value(report), submission->length + 1);
	return 0;
}

int submission_read(struct store *store, const char *bytes, size_t length,
                    struct submission *submission, bool *is_one, struct error *err)
{
	json_t *owner = NULL;
	json_t *file = intake_json(bytes, length, NULL);
	*submission = (struct submission){ .report = NULL };
	*is_one = strcmp(text_at(file, "schema"), "nestready.submission/1") == 0;
	int status = 0;
	if (*is_one)
		status = shape_check(shape_submission, file, err);
	if (*is_one && status == 0)
		status = lab_code_owner(store, text_at(file, "code"), &owner, err);
	if (*is_one && status == 0)
		status = take(file, owner, submission, err);
	json_decref(owner);
	json_decref(file);
	return status;
}
