/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nestready submit URL#CODE`: a student's one step.  Enrols, takes a challenge,
 * checks, sends, prints a receipt.  Without a network the report waits in the
 * spool, or goes into a signed file that is uploaded by hand.
 */
#include "agent/submit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/check.h"
#include "agent/commands.h"
#include "agent/courier.h"
#include "agent/marks.h"
#include "agent/output.h"
#include "agent/submit_redact.h"
#include "base/cleanup.h"
#include "base/enrolment.h"
#include "base/json_at.h"
#include "base/transform.h"
#include "transport/address.h"
#include "transport/config.h"
#include "transport/spool.h"

#define EXIT_LEFT   75 /* EX_TEMPFAIL of sysexits.h, as nestready-send has it */
#define URL_MAX     1000
#define TARGETS_MAX 8

struct submission {
	struct options options; /* of each check */
	struct enrolment enrolment;
	char url[URL_MAX];
	char ca_file[PATH_MAX];
	char token[ENROLMENT_TOKEN_ID + ENROLMENT_TOKEN_SECRET + 8];
	struct courier courier;
	json_t *enrolled; /* what the collector said; NULL: nobody answered */
	struct error offline;
	struct text receipt; /* what is printed in the end */
	unsigned delivered, spooled;
};

/* ---- what was typed ----------------------------------------------------------- */

static int read_operand(const struct options *options, struct submission *submission,
                        struct error *err)
{
	const char *typed = options->operand == NULL ? "" : options->operand;
	const char *hash = strchr(typed, '#');
	const char *rest;
	size_t length = hash == NULL ? 0 : (size_t)(hash - typed);
	if (hash == NULL && options->file != NULL && typed[0] != '\0')
		return enrolment_read(typed, &submission->enrolment, err);
	if (hash == NULL || length >= sizeof submission->url)
		return error_set(err, ERROR_USAGE, 0,
		                 "submit: expected URL#CODE as it was handed out, "
		                 "https://lab.example#LAB.XXXX-XXXX-XXXX-XXXX");
	memcpy(submission->url, typed, length);
	while (length > 0 && submission->url[length - 1] == '/')
		length--;
	submission->url[length] = '\0';
	if (address_parse(submission->url, &rest, err) == NULL)
		return error_wrap(err, "submit");
	if (!address_keeps_secrets(submission->url))
		return error_set(err, ERROR_USAGE, 0,
		                 "submit: no code is sent in the clear: "
		                 "expected https:// before %.60s",
		                 submission->url);
	return enrolment_read(hash + 1, &submission->enrolment, err);
}

static int prepare(const struct options *options, struct submission *submission, struct error *err)
{
	char id[ENROLMENT_TOKEN_ID + 1], secret[ENROLMENT_TOKEN_SECRET + 1];
	*submission = (struct submission){ .options = *options };
	if (read_operand(options, submission, err) != 0)
		return -1;
	enrolment_token(&submission->enrolment, id, secret);
	snprintf(submission->token, sizeof submission->token, "nrt_%s_%s", id, secret);
	submission->courier.url = submission->url;
	/* The sender works elsewhere than where this was typed. */
	if (options->ca_file != NULL && realpath(options->ca_file, submission->ca_file) == NULL)
		return error_set(err, ERROR_NO_INPUT, errno, "--ca-file %.150s", options->ca_file);
	submission->courier.ca_file = options->ca_file == NULL ? NULL : submission->ca_file;
	return 0;
}

/* ---- enrolling ------------------------------------------------------------------ */

static bool is_later(unsigned status)
{
	return status == 408 || status == 429 || status >= 500;
}

static int enrol(struct submission *submission, struct error *err)
{
	char path[100], why[160];
	const char *typed = strchr(submission->options.operand, '#') + 1;
	struct courier_answer answer;
	json_t *request = json_pack("{s:s}", "code", typed);
	char *body = request == NULL ? NULL : json_dumps(request, JSON_COMPACT);
	snprintf(path, sizeof path, "/v1/labs/%s/enrol", submission->enrolment.lab);
	int status = body == NULL ? error_set(err, ERROR_BAD_INPUT, 0, "submit: no such code")
	                          : courier_ask(&submission->courier, path, "", body, strlen(body),
	                                        &answer, &submission->offline);
	free(body);
	json_decref(request);
	if (err->code != ERROR_NONE)
		return -1;
	if (status != 0) {
		if (submission->offline.code == ERROR_UNAVAILABLE)
			return 0;
		*err = submission->offline;
		return -1;
	}
	if (answer.status == 200 &&
	    challenge_is_one(json_at_text(json_object_get(answer.body, "challenge"), "nonce"))) {
		submission->enrolled = answer.body;
		return 0;
	}
	courier_problem(&answer, why, sizeof why);
	json_decref(answer.body);
	if (is_later(answer.status)) {
		error_set(&submission->offline, ERROR_UNAVAILABLE, 0, "answered with %u: %s",
		          answer.status, why);
		return 0;
	}
	return error_set(err, ERROR_BAD_INPUT, 0, "%.100s: answered with %u%s%s", submission->url,
	                 answer.status, why[0] == '\0' ? "" : ": ", why);
}

/* ---- a report -------------------------------------------------------------------- */

static int make_report(struct submission *submission, char id[37], json_t **made, struct error *err)
{
	const struct format_options compact = { .compact = true };
	struct supervision supervision;
	struct report report = { 0 };
	cleanup_text struct text text = TEXT_INIT;
	int status = check_ask(&submission->options, false, &supervision, err);
	if (status == 0)
		status = check_judge(&submission->options, &supervision, &report, err);
	if (status == 0) {
		if (submission->options.snapshot == NULL)
			marks_fill(&report.guest);
		format_find("json")->write(&report, &compact, &text);
		text_cut(id, 37, report.id);
		*made = json_loadb(text_string(&text), text.length, 0, NULL);
		status = *made == NULL ? error_set(err, ERROR_INTERNAL, 0, "out of memory")
		                       : submit_redact(*made, err);
	}
	report_clear(&report);
	supervision_clear(&supervision);
	return status;
}

static const char *about_challenge(const struct submission *submission, const json_t *report)
{
	if (submission->enrolled == NULL)
		return "it answers no challenge, as nobody gave one: that will be seen";
	return json_object_get(json_object_get(report, "challenge"), "answer") != NULL
	               ? "its challenge was answered by a VM in this guest"
	               : "no VM ran in this guest to answer its challenge";
}

static void note(struct submission *submission, const json_t *report, const char *what)
{
	text_printf(&submission->receipt, "%s: report %s for %s, verdict %s; %s\n", what,
	            json_at_text(report, "id"),
	            json_at_text(json_object_get(report, "target"), "id"),
	            json_at_text(report, "verdict"), about_challenge(submission, report));
}

/* ---- where it goes ---------------------------------------------------------------- */

static int spool(struct submission *submission, const char *id, const char *body,
                 const struct error *why, struct error *err)
{
	const char *path = submission->options.spool;
	const struct spool_limits limits = SPOOL_LIMITS_INIT;
	struct spool spool = { .directory = -1 };
	int status = spool_open(&spool, path == NULL ? SPOOL_DIRECTORY : path, &limits, err);
	if (status == 0)
		status = spool_add_token(&spool, submission->url, submission->token, err);
	if (status == 0)
		status = spool_add(&spool, id, submission->url, body, strlen(body), err);
	spool_close(&spool);
	if (status == 0) {
		submission->spooled++;
		text_printf(&submission->receipt, "not sent: %.160s\n", why->message);
		return 0;
	}
	return error_wrap(err, "not sent (%.80s), nor kept: write a file with --file OUT",
	                  why->message);
}

static int send_report(struct submission *submission, const char *id, const char *body,
                       const json_t *report, struct error *err)
{
	struct courier_answer answer = { 0 };
	struct error why = submission->offline;
	char problem[160];
	if (submission->enrolled != NULL &&
	    courier_ask(&submission->courier, "/v1/reports", submission->token, body, strlen(body),
	                &answer, &why) == 0 &&
	    is_later(answer.status))
		error_set(&why, ERROR_UNAVAILABLE, 0, "answered with %u", answer.status);
	bool kept = answer.status == 200 && strcmp(json_at_text(answer.body, "id"), id) == 0;
	courier_problem(&answer, problem, sizeof problem);
	json_decref(answer.body);
	if (kept) {
		submission->delivered++;
		note(submission, report, "sent");
		return 0;
	}
	if (why.code != ERROR_NONE && why.code != ERROR_UNAVAILABLE) {
		*err = why;
		return -1;
	}
	if (why.code == ERROR_NONE)
		return error_set(err, ERROR_BAD_INPUT, 0, "%.100s: refused the report with %u: %s",
		                 submission->url, answer.status, problem);
	if (spool(submission, id, body, &why, err) != 0)
		return -1;
	note(submission, report, "kept, to be sent by itself later");
	/* Certificates do not wait in the spool: whom to trust is for the administrator to say. */
	if (submission->courier.ca_file != NULL && submission->spooled == 1)
		text_printf(&submission->receipt,
		            "nestready-send trusts --ca-file when " CONFIG_FILE " says:\n"
		            "    [report %s]\n    ca-file = %s\n",
		            submission->url, submission->courier.ca_file);
	return 0;
}

/* A file whose signature only who has the code can make. */
static int write_file(struct submission *submission, const char *body, const json_t *report,
                      struct error *err)
{
	char signature[SHA256_HEX_SIZE];
	cleanup_text struct text out = TEXT_INIT;
	sha256_hmac_hex(submission->enrolment.key, body, strlen(body), signature);
	json_t *made = json_pack("{s:s, s:s, s:s, s:s, s:s}", "schema", SUBMISSION_SCHEMA, "lab",
	                         submission->enrolment.lab, "code", submission->enrolment.id,
	                         "signature", signature, "report", body);
	char *dump = made == NULL ? NULL : json_dumps(made, JSON_INDENT(1));
	text_printf(&out, "%s\n", dump == NULL ? "" : dump);
	out.failed = out.failed || dump == NULL;
	free(dump);
	json_decref(made);
	if (out.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (output_write(submission->options.file, &out, err) != 0)
		return -1;
	text_printf(&submission->receipt, "written to %s, to be uploaded by hand\n",
	            submission->options.file);
	note(submission, report, "in it");
	return 0;
}

/* Before it is sent, whatever becomes of it then. */
static int show(const char *body, struct error *err)
{
	if (output_write_all(STDOUT_FILENO, body, strlen(body)) != 0 ||
	    output_write_all(STDOUT_FILENO, "\n", 1) != 0)
		return error_set(err, ERROR_INTERNAL, errno, "standard output");
	return 0;
}

static int submit_one(struct submission *submission, const char *target, struct error *err)
{
	char id[37];
	json_t *report = NULL;
	submission->options.target = target;
	int status = make_report(submission, id, &report, err);
	char *body = status == 0 ? json_dumps(report, JSON_COMPACT) : NULL;
	if (status == 0 && body == NULL)
		status = error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (status == 0 && submission->options.show_sent)
		status = show(body, err);
	if (status == 0)
		status = submission->options.file != NULL
		                 ? write_file(submission, body, report, err)
		                 : send_report(submission, id, body, report, err);
	free(body);
	json_decref(report);
	return status;
}

/* A run for each target that the lab is about, unless one was named. */
static int submit_all(struct submission *submission, const char *named, struct error *err)
{
	const json_t *targets = json_object_get(submission->enrolled, "targets");
	size_t count = json_array_size(targets);
	if (named != NULL || count == 0)
		return submit_one(submission, named, err);
	for (size_t i = 0; i < count && i < TARGETS_MAX; i++) {
		const char *target = json_string_value(json_array_get(targets, i));
		if (target == NULL || knowledge_target(target) == NULL)
			return error_set(err, ERROR_BAD_INPUT, 0,
			                 "the lab asks for a target that this nestready does not "
			                 "know: is it an old one?");
		if (submit_one(submission, target, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- the receipt ------------------------------------------------------------------- */

static void add_marks(struct submission *submission)
{
	char path[100];
	struct error why = ERROR_INIT;
	struct courier_answer answer;
	snprintf(path, sizeof path, "/v1/labs/%s/receipt", submission->enrolment.lab);
	if (courier_ask(&submission->courier, path, submission->token, NULL, 0, &answer, &why) != 0)
		return;
	if (answer.status == 200)
		submit_receipt(answer.body, &submission->receipt);
	json_decref(answer.body);
}

static int print_receipt(struct submission *submission, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	const json_t *enrolled = submission->enrolled;
	if (enrolled != NULL)
		submit_head(enrolled, &out);
	if (submission->delivered > 0)
		add_marks(submission);
	text_add(&out, text_string(&submission->receipt));
	out.failed = out.failed || submission->receipt.failed;
	return output_write(submission->options.output, &out, err);
}

int command_submit(const struct options *options, struct error *err)
{
	struct submission submission;
	if (prepare(options, &submission, err) != 0)
		return -1;
	int status = options->file != NULL ? 0 : enrol(&submission, err);
	if (status == 0) {
		submission.options.challenge =
		        submission.enrolled == NULL
		                ? NULL
		                : json_at_text(json_object_get(submission.enrolled, "challenge"),
		                               "nonce");
		status = submit_all(&submission, options->target, err);
	}
	if (status == 0)
		status = print_receipt(&submission, err);
	json_decref(submission.enrolled);
	text_clear(&submission.receipt);
	if (status != 0)
		return -1;
	return submission.spooled > 0 ? EXIT_LEFT : 0;
}

void submit_describe(struct text *out)
{
	text_add(out,
	         "URL#CODE is what the course handed out. The report is redacted as a capture is\n"
	         "and sent by nestready-send; the receipt says what was sent and what it is\n"
	         "worth. Exit status: 0 sent (or written), 75 kept to be sent later, 65 the code\n"
	         "or the report was refused, 69 neither sent nor kept.\n\n");
}
