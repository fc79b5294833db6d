/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ask.h. */
#include "sender/ask.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "transport/address.h"
#include "transport/reach.h"

#define INPUT_MAX  (5u << 20)
#define ANSWER_MAX (4u << 20)

struct request {
	const char *url;
	const char *method, *token; /* in `input` */
	const char *body;
	size_t length;
	struct text input, answer;
	struct curl_slist *headers;
};

static int read_input(struct text *input, struct error *err)
{
	char bytes[16384];
	ssize_t count;
	while ((count = read(STDIN_FILENO, bytes, sizeof bytes)) != 0) {
		if (count < 0 && errno != EINTR)
			return error_set(err, ERROR_NO_INPUT, errno, "standard input");
		text_add_bytes(input, bytes, count > 0 ? (size_t)count : 0);
		if (input->length > INPUT_MAX || input->failed)
			return error_set(err, ERROR_BAD_INPUT, 0, "standard input: too large");
	}
	return 0;
}

/* Ends the line at `at`; what stands behind it, or NULL when there is no line. */
static char *end_line(char *at)
{
	char *end = at == NULL ? NULL : strchr(at, '\n');
	if (end == NULL)
		return NULL;
	*end = '\0';
	return end + 1;
}

static int split_input(struct request *request, struct error *err)
{
	request->method = request->input.data;
	char *token = end_line(request->input.data);
	char *body = end_line(token);
	if (body == NULL ||
	    (strcmp(request->method, "GET") != 0 && strcmp(request->method, "POST") != 0))
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "standard input: expected GET or POST, a token, a body");
	request->token = token;
	request->body = body;
	request->length = request->input.length - (size_t)(body - request->input.data);
	if (token[0] != '\0' && !address_keeps_secrets(request->url))
		return error_set(err, ERROR_USAGE, 0, "no token is sent in the clear: use https:");
	return 0;
}

static size_t take(char *bytes, size_t one, size_t count, void *context)
{
	struct request *request = context;
	if (request->answer.length + one * count > ANSWER_MAX)
		return 0;
	text_add_bytes(&request->answer, bytes, one * count);
	return request->answer.failed ? 0 : one * count;
}

static bool add_header(struct request *request, const char *line)
{
	struct curl_slist *more = curl_slist_append(request->headers, line);
	if (more != NULL)
		request->headers = more;
	return more != NULL;
}

static bool set_headers(struct request *request)
{
	cleanup_text struct text line = TEXT_INIT;
	text_printf(&line, "Authorization: Bearer %s", request->token);
	return add_header(request, "Content-Type: application/json") &&
	       add_header(request, "Expect:") &&
	       (request->token[0] == '\0' || add_header(request, text_string(&line)));
}

static const struct config_report *find_config(const struct config *config, const char *url)
{
	const struct config_report *best = NULL;
	for (size_t i = 0; i < config->report_count; i++) {
		const struct config_report *report = &config->reports[i];
		size_t length = strlen(report->address);
		if (strncmp(report->address, url, length) == 0 &&
		    (url[length] == '/' || url[length] == '\0') &&
		    (best == NULL || length > strlen(best->address)))
			best = report;
	}
	return best;
}

static int perform(struct request *request, const struct config_report *config, CURL *easy,
                   struct error *err)
{
	char reason[CURL_ERROR_SIZE] = "";
	long status = 0;
	reach_set(easy, config);
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	if (strcmp(request->method, "POST") == 0) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	}
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason);
	CURLcode result = curl_easy_perform(easy);
	if (result != CURLE_OK)
		return error_set(err, ERROR_UNAVAILABLE, 0, "%.180s",
		                 reason[0] != '\0' ? reason : curl_easy_strerror(result));
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	printf("%ld\n", status);
	fwrite(text_string(&request->answer), 1, request->answer.length, stdout);
	if (fflush(stdout) != 0)
		return error_set(err, ERROR_INTERNAL, errno, "standard output");
	return 0;
}

int ask(const char *url, const struct config *config, const char *ca_file, struct error *err)
{
	struct request request = { .url = url };
	const struct config_report *said = find_config(config, url);
	struct config_report own = said == NULL ? (struct config_report){ 0 } : *said;
	if (ca_file != NULL) /* libcurl copies it */
		own.ca_file = (char *)(uintptr_t)ca_file;
	int status = read_input(&request.input, err);
	if (status == 0)
		status = split_input(&request, err);
	CURL *easy = status == 0 ? curl_easy_init() : NULL;
	if (status == 0 && (easy == NULL || !set_headers(&request)))
		status = error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (status == 0)
		status = perform(&request, &own, easy, err);
	curl_easy_cleanup(easy);
	curl_slist_free_all(request.headers);
	text_clear(&request.answer);
	text_clear(&request.input);
	return status;
}
