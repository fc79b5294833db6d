/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The signature is an HMAC over time and body, so that neither can be changed and an old one cannot
 * be sent again for ever: Nestready-Signature: t=SECONDS,v1=HMAC-SHA256("SECONDS.BODY").
 */
#include "collector/hook.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/sha256.h"

#define TIMEOUT_SECONDS 10
#define SECRET_MAX      4096

int hook_open(const char *url, const char *secret_file, struct hook *hook, struct error *err)
{
	char line[SECRET_MAX] = "";
	*hook = (struct hook){ .url = url };
	if (url != NULL && strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return error_set(err, ERROR_USAGE, 0,
		                 "--webhook %.80s: expected https://... or http://...", url);
	if (secret_file == NULL)
		return 0;
	FILE *file = fopen(secret_file, "re");
	if (file == NULL)
		return error_set(err, ERROR_NO_INPUT, errno, "--webhook-secret %.150s",
		                 secret_file);
	bool read = fgets(line, sizeof line, file) != NULL;
	fclose(file);
	line[strcspn(line, "\r\n")] = '\0';
	if (!read || line[0] == '\0')
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "--webhook-secret %.150s: expected the secret on its first line",
		                 secret_file);
	text_add(&hook->secret, line);
	return hook->secret.failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}

void hook_close(struct hook *hook)
{
	text_clear(&hook->secret);
}

static struct curl_slist *sign(const struct hook *hook, const char *id, const struct text *body)
{
	cleanup_text struct text signed_text = TEXT_INIT;
	cleanup_text struct text header = TEXT_INIT;
	char hex[SHA256_HEX_SIZE];
	long long now = (long long)time(NULL);
	struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
	text_printf(&header, "Nestready-Event: %s", id);
	list = curl_slist_append(list, text_string(&header));
	if (hook->secret.length == 0)
		return list;
	text_printf(&signed_text, "%lld.", now);
	text_add_bytes(&signed_text, body->data, body->length);
	sha256_hmac_hex(text_string(&hook->secret), text_string(&signed_text), signed_text.length,
	                hex);
	text_clear(&header);
	text_printf(&header, "Nestready-Signature: t=%lld,v1=%s", now, hex);
	return curl_slist_append(list, text_string(&header));
}

/* What the other side says is of no use. */
static size_t drop(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes;
	(void)context;
	return size * count;
}

int hook_send(const struct hook *hook, const char *id, const struct text *body, struct error *err)
{
	CURL *curl = curl_easy_init();
	long status = 0;
	if (curl == NULL)
		return error_set(err, ERROR_UNAVAILABLE, 0, "out of memory");
	struct curl_slist *headers = sign(hook, id, body);
	curl_easy_setopt(curl, CURLOPT_URL, hook->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text_string(body));
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body->length);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (code != CURLE_OK)
		return error_set(err, ERROR_UNAVAILABLE, 0, "%.150s: %s", hook->url,
		                 curl_easy_strerror(code));
	if (status < 200 || status > 299)
		return error_set(err, ERROR_UNAVAILABLE, 0, "%.150s: answered %ld", hook->url,
		                 status);
	return 0;
}
