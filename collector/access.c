/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tokens come as Bearer (RFC 6750), or as the password of Basic (RFC 7617), which browsers can. */
#include "collector/access.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/cleanup.h"

static const char *header(const struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static const struct key *by_password(const struct keyring *keyring, const char *encoded)
{
	cleanup_free unsigned char *bytes = NULL;
	size_t count;
	if (base64_decode(encoded, strlen(encoded), &bytes, &count) != 0)
		return NULL;
	cleanup_free char *pair = strndup((const char *)bytes, count);
	const char *password = pair == NULL ? NULL : strchr(pair, ':');
	return password == NULL ? NULL : keyring_find(keyring, password + 1);
}

static const struct key *find_key(const struct exchange *exchange)
{
	const struct keyring *keyring = &exchange->server->doorman.keyring;
	const char *given = header(exchange, MHD_HTTP_HEADER_AUTHORIZATION);
	if (given == NULL)
		return NULL;
	if (strncasecmp(given, "Bearer ", 7) == 0)
		return keyring_find(keyring, given + 7);
	if (strncasecmp(given, "Basic ", 6) == 0)
		return by_password(keyring, given + 6);
	return NULL;
}

/*
 * A collector without tokens trusts who can reach it.  A page of a stranger in a browser on the
 * same machine can, too, by a name of its own that resolves to 127.0.0.1; its Host gives it away.
 */
static bool host_is_here(const struct exchange *exchange)
{
	const char *host = header(exchange, MHD_HTTP_HEADER_HOST);
	if (host == NULL || exchange->server->settings->insecure)
		return true;
	size_t length = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	struct in_addr address;
	char name[64] = "";
	if (length >= sizeof name)
		return false;
	strncat(name, host, length);
	return strcasecmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0 ||
	       (inet_pton(AF_INET, name, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
}

/* Nor may such a page send a form: what browsers send unasked is never of this type. */
static bool body_is_json(const struct exchange *exchange)
{
	static const char json[] = "application/json";
	const char *type = header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE);
	if (strcmp(exchange->route->method, "GET") == 0)
		return true;
	return type != NULL && strncasecmp(type, json, sizeof json - 1) == 0 &&
	       (type[sizeof json - 1] == '\0' || strchr("; ", type[sizeof json - 1]) != NULL);
}

static bool refuse(struct exchange *exchange, unsigned status, const char *name, const char *title)
{
	answer_problem(&exchange->answer, status, name, title, NULL);
	return false;
}

/* It may have been made since the doorman looked last. */
static bool doubt(struct exchange *exchange)
{
	if (exchange->doubt == DOUBT_FAILED || exchange->server->ending) {
		refuse(exchange, 503, "store", "The store cannot say whose token this is");
		exchange->answer.retry_after = 10;
	} else if (exchange->doubt == DOUBT_OVER ||
	           header(exchange, MHD_HTTP_HEADER_AUTHORIZATION) == NULL) {
		refuse(exchange, 401, "token", "No valid token");
	} else {
		doorman_doubt(&exchange->server->doorman, exchange);
	}
	return false;
}

bool access_check(struct exchange *exchange)
{
	unsigned scope = exchange->route->scope;
	if (scope != SCOPE_NONE && exchange->server->doorman.open) {
		if (!host_is_here(exchange))
			return refuse(exchange, 421, "host", "This host is not me");
	} else if (scope != SCOPE_NONE) {
		const struct key *key = find_key(exchange);
		if (key == NULL)
			return doubt(exchange);
		if ((key->may & scope) == 0)
			return refuse(exchange, 403, "scope", "This token may not do that");
		text_cut(exchange->lab, sizeof exchange->lab, key->lab);
		text_cut(exchange->name, sizeof exchange->name, key->name);
		text_cut(exchange->token, sizeof exchange->token, key->id);
	}
	if (!body_is_json(exchange))
		return refuse(exchange, 415, "type", "Expected application/json");
	return true;
}

bool access_is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}
