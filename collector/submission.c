/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See submission.h. */
#include "collector/submission.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/digest.h"
#include "collector/intake.h"
#include "collector/lab.h"
#include "collector/shape.h"

static int check_signature(const json_t *file, const json_t *owner, struct error *err)
{
	const json_t *report = json_object_get(file, "report");
	const char *signature = json_at_text(file, "signature");
	char expected[SHA256_HEX_SIZE];
	if (owner == NULL || strcmp(json_at_text(owner, "lab"), json_at_text(file, "lab")) != 0)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "code: no code of a student of %.60s, or one that was replaced",
		                 json_at_text(file, "lab"));
	sha256_hmac_hex(json_at_text(owner, "key"), json_string_value(report),
	                json_string_length(report), expected);
	if (strlen(signature) != sizeof expected - 1 ||
	    !digest_equal(signature, expected, sizeof expected - 1))
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "signature: not that of %.60s: the file was changed",
		                 json_at_text(owner, "student"));
	return 0;
}

static int take(const json_t *file, const json_t *owner, struct submission *submission,
                struct error *err)
{
	const json_t *report = json_object_get(file, "report");
	if (check_signature(file, owner, err) != 0)
		return -1;
	text_cut(submission->lab, sizeof submission->lab, json_at_text(owner, "lab"));
	text_cut(submission->student, sizeof submission->student, json_at_text(owner, "student"));
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
	*is_one = strcmp(json_at_text(file, "schema"), "nestready.submission/1") == 0;
	int status = 0;
	if (*is_one)
		status = shape_check(shape_submission, file, err);
	if (*is_one && status == 0)
		status = lab_code_owner(store, json_at_text(file, "code"), &owner, err);
	if (*is_one && status == 0)
		status = take(file, owner, submission, err);
	json_decref(owner);
	json_decref(file);
	return status;
}
