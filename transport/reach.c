/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See reach.h. */
#include "transport/reach.h"

#define CONNECT_SECONDS 10L

void reach_set(CURL *easy, const struct config_report *config)
{
	static const struct config_report nothing = { 0 };
	const struct config_report *said = config == NULL ? &nothing : config;
	long timeout = (long)config_timeout(config);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT,
	                 timeout < CONNECT_SECONDS ? timeout : CONNECT_SECONDS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, timeout);
	/* What the configuration says, and nothing from an environment that nobody looks at. */
	curl_easy_setopt(easy, CURLOPT_PROXY, said->proxy == NULL ? "" : said->proxy);
	if (said->ca_file != NULL) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, said->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (said->cert_file != NULL)
		curl_easy_setopt(easy, CURLOPT_SSLCERT, said->cert_file);
	if (said->key_file != NULL)
		curl_easy_setopt(easy, CURLOPT_SSLKEY, said->key_file);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "nestready-send");
}
