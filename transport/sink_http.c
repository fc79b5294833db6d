/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * https: and http:: one POST for each attempt.  Only an answer that names the
 * report's id acknowledges it, and only the collector itself can refuse it for
 * good: what a proxy or a portal on the way says is never final.  A heartbeat
 * that it refuses is followed by its report at once: the collector lost its
 * database, has a newer report from elsewhere, or knows no heartbeats.
 */
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "transport/beat.h"
#include "transport/http_loop.h"
#include "transport/reach.h"
#include "transport/receipt.h"
#include "transport/sink.h"
#include "transport/token.h"

#define PATH           "/v1/reports"
#define HEARTBEAT_PATH "/v1/heartbeats"
#define PROBLEM        "application/problem+json"

/* One transfer. */
struct post {
	struct attempt *attempt;
	CURL *easy;
	struct curl_slist *headers;
	struct text url;
	struct text answer;
	char reason[CURL_ERROR_SIZE];
};

static void post_free(struct post *post)
{
	curl_easy_cleanup(post->easy);
	curl_slist_free_all(post->headers);
	text_clear(&post->url);
	text_clear(&post->answer);
	free(post);
}

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
	struct post *post = context;
	if (post->answer.length + size * count > RECEIPT_BYTES_MAX)
		return 0;
	text_add_bytes(&post->answer, bytes, size * count);
	return post->answer.failed ? 0 : size * count;
}

/* Whether a heartbeat goes now, and not the report that waits with it. */
static bool is_heartbeat(const struct attempt *attempt)
{
	return beat_is(attempt->report) && !attempt->whole;
}

/*
 * Those with which the collector says that no attempt will ever succeed.  One that knows no
 * heartbeats yet has no such path.
 */
static bool final(bool is_beat, long status, const char *type)
{
	return ((status == 404 && is_beat) || status == 400 || status == 409 || status == 413 ||
	        status == 415 || status == 422) &&
	       type != NULL && strncmp(type, PROBLEM, strlen(PROBLEM)) == 0;
}

static enum outcome judge(const struct post *post, CURLcode result, char *why, size_t size,
                          unsigned *after)
{
	const char *bytes = text_string(&post->answer);
	char problem[120];
	long status = 0;
	char *type = NULL;
	curl_off_t retry = 0;
	if (result != CURLE_OK) {
		snprintf(why, size, "%s",
		         post->reason[0] != '\0' ? post->reason : curl_easy_strerror(result));
		return OUTCOME_LATER;
	}
	curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(post->easy, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(post->easy, CURLINFO_RETRY_AFTER, &retry);
	bool accepted = status >= 200 && status <= 202;
	if (accepted && receipt_echoes(bytes, post->answer.length, post->attempt->id))
		return OUTCOME_ACKNOWLEDGED;
	receipt_problem(bytes, post->answer.length, problem, sizeof problem);
	snprintf(why, size, "answered with %ld%s%s%s", status,
	         accepted ? ", but does not name the report" : "", problem[0] == '\0' ? "" : ": ",
	         problem);
	if (status == 429 || status == 503)
		*after = retry > 0 ? (unsigned)(retry > 86400 ? 86400 : retry) : 0;
	return final(is_heartbeat(post->attempt), status, type) ? OUTCOME_REFUSED : OUTCOME_LATER;
}

static int send_it(struct attempt *attempt, struct error *err);

static void ended(CURL *easy, CURLcode result)
{
	char why[CURL_ERROR_SIZE] = "";
	char *context = NULL;
	unsigned after = 0;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &context);
	struct post *post = (struct post *)(void *)context;
	struct attempt *attempt = post->attempt;
	struct error err = ERROR_INIT;
	enum outcome outcome = judge(post, result, why, sizeof why, &after);
	post_free(post);
	if (outcome == OUTCOME_REFUSED && is_heartbeat(attempt) &&
	    beat_report(attempt->report) != NULL) {
		attempt->whole = true;
		if (send_it(attempt, &err) == 0)
			return;
		outcome = OUTCOME_LATER;
		text_cut(why, sizeof why, err.message);
	}
	attempt->done(attempt, outcome, outcome == OUTCOME_ACKNOWLEDGED ? NULL : why, after);
}

/* The address with the collector's path, whether or not that for reports was typed. */
static void make_url(const char *address, bool is_beat, struct text *url)
{
	size_t length = strlen(address);
	while (length > 0 && address[length - 1] == '/')
		length--;
	if (length >= strlen(PATH) &&
	    strncmp(address + length - strlen(PATH), PATH, strlen(PATH)) == 0)
		length -= strlen(PATH);
	text_add_bytes(url, address, length);
	text_add(url, is_beat ? HEARTBEAT_PATH : PATH);
}

static int add_header(struct post *post, const char *line, struct error *err)
{
	struct curl_slist *more = curl_slist_append(post->headers, line);
	if (more == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	post->headers = more;
	return 0;
}

static int set_headers(struct post *post, struct error *err)
{
	const struct attempt *attempt = post->attempt;
	/* No "100 Continue": a report is small, and waiting for permission costs a second. */
	if (add_header(post, "Content-Type: application/json", err) != 0 ||
	    add_header(post, "Expect:", err) != 0)
		return -1;
	if (attempt->config != NULL && attempt->config->token_file != NULL) {
		cleanup_text struct text line = TEXT_INIT;
		if (token_header(attempt->address, attempt->config->token_file, &line, err) != 0 ||
		    add_header(post, text_string(&line), err) != 0)
			return -1;
	}
	curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, post->headers);
	return 0;
}

static void set_up(struct post *post)
{
	const struct attempt *attempt = post->attempt;
	const struct text *entry = attempt->report;
	const char *body = attempt->whole ? beat_report(entry) : text_string(entry);
	size_t length = is_heartbeat(attempt) ? beat_length(entry)
	                                      : entry->length - (size_t)(body - text_string(entry));
	CURL *easy = post->easy;
	curl_easy_setopt(easy, CURLOPT_URL, text_string(&post->url));
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, post);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, post->reason);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, post);
	reach_set(easy, post->attempt->config);
}

static int send_it(struct attempt *attempt, struct error *err)
{
	struct post *post = calloc(1, sizeof *post);
	if (post == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	post->attempt = attempt;
	post->easy = curl_easy_init();
	make_url(attempt->address, is_heartbeat(attempt), &post->url);
	if (post->easy == NULL || post->url.failed)
		error_set(err, ERROR_INTERNAL, 0, "out of memory");
	else if (set_headers(post, err) == 0)
		set_up(post);
	if (err->code == ERROR_NONE && http_loop_add(attempt->http, post->easy, err) == 0)
		return 0;
	post_free(post);
	return -1;
}

static int start(struct attempt *attempt, struct error *err)
{
	struct http_loop *http = attempt->http;
	/* curl's loop is made with the first transfer: who sends elsewhere needs none. */
	if (http->loop == NULL && http_loop_init(http, attempt->loop, ended, err) != 0)
		return -1;
	return send_it(attempt, err);
}

const struct sink sink_https = { .scheme = "https", .start = start };
const struct sink sink_http = { .scheme = "http", .start = start };
