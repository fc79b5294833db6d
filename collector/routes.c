/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which path is what, and whose. */
#include "collector/routes.h"

#include <string.h>

#include "collector/events.h"

static const struct route routes[] = {
	{ "POST", "/v1/reports", SCOPE_ENROL, route_report_add, NULL },
	{ "POST", "/v1/heartbeats", SCOPE_ENROL, route_heartbeat_add, NULL },
	{ "GET", "/v1/reports/{}", SCOPE_READ, NULL, route_report },
	{ "GET", "/v1/guests", SCOPE_READ, NULL, route_guests },
	{ "GET", "/v1/guests/{}", SCOPE_READ, NULL, route_guest },
	{ "GET", "/v1/guests/{}/latest", SCOPE_READ, NULL, route_guest_latest },
	{ "GET", "/v1/guests/{}/reports", SCOPE_READ, NULL, route_guest_reports },
	{ "GET", "/v1/findings", SCOPE_READ, NULL, route_findings },
	{ "GET", "/v1/gaps", SCOPE_READ, NULL, route_gaps },
	{ "GET", "/v1/overview", SCOPE_READ, NULL, route_overview },
	{ "GET", "/v1/cohorts", SCOPE_READ, NULL, route_cohorts },
	{ "GET", "/v1/changes", SCOPE_READ, NULL, route_changes },
	{ "GET", "/v1/clones", SCOPE_READ, NULL, route_clones },
	{ "GET", "/v1/labs", SCOPE_READ, NULL, route_labs },
	{ "GET", "/v1/labs/{}", SCOPE_READ, NULL, route_lab },
	{ "GET", "/v1/labs/{}/matrix", SCOPE_READ, NULL, route_lab_matrix },
	{ "GET", "/v1/labs/{}/export", SCOPE_READ, NULL, route_lab_export },
	{ "GET", "/v1/labs/{}/log", SCOPE_READ, NULL, route_lab_log },
	{ "GET", "/v1/labs/{}/students/{}", SCOPE_READ, NULL, route_lab_student },
	{ "PUT", "/v1/labs/{}/rubric", SCOPE_ADMIN, NULL, route_lab_rubric },
	{ "PUT", "/v1/labs/{}/students/{}/override", SCOPE_ADMIN, NULL, route_lab_override },
	{ "POST", "/v1/labs/{}/enrol", SCOPE_NONE, NULL, route_lab_enrol },
	{ "GET", "/v1/labs/{}/receipt", SCOPE_ENROL, NULL, route_lab_receipt },
	{ "GET", "/v1/openapi.json", SCOPE_NONE, route_openapi, NULL },
	{ "GET", "/v1/events", SCOPE_READ, route_events, NULL },
	{ "GET", "/", SCOPE_READ, NULL, route_page },
	{ "GET", "/guests", SCOPE_READ, NULL, route_page_guests },
	{ "GET", "/guests/{}", SCOPE_READ, NULL, route_page_guest },
	{ "GET", "/cohorts", SCOPE_READ, NULL, route_page_cohorts },
	{ "GET", "/labs", SCOPE_READ, NULL, route_page_labs },
	{ "GET", "/labs/{}", SCOPE_READ, NULL, route_page_lab },
	{ "GET", "/labs/{}/students/{}", SCOPE_READ, NULL, route_page_student },
	{ "GET", "/clones", SCOPE_READ, NULL, route_page_clones },
	{ "GET", "/style.css", SCOPE_NONE, route_style, NULL },
	{ "GET", "/script.js", SCOPE_NONE, route_script, NULL },
	{ "GET", "/icon.svg", SCOPE_NONE, route_icon, NULL },
	{ "GET", "/healthz", SCOPE_NONE, route_healthz, NULL },
	{ "GET", "/readyz", SCOPE_NONE, route_readyz, NULL },
	{ "GET", "/metrics", SCOPE_READ, route_metrics, NULL },
};

static bool matches(const char *pattern, const char *path, char parameter[EXCHANGE_PARAMETER_SIZE],
                    char second[EXCHANGE_PARAMETER_SIZE])
{
	char *place = parameter;
	parameter[0] = second[0] = '\0';
	while (*pattern != '\0') {
		if (strncmp(pattern, "{}", 2) == 0) {
			size_t length = strcspn(path, "/");
			if (length == 0 || length >= EXCHANGE_PARAMETER_SIZE)
				return false;
			memcpy(place, path, length);
			place[length] = '\0';
			place = second;
			pattern += 2;
			path += length;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

const struct route *routes_find(const char *method, const char *path,
                                char parameter[EXCHANGE_PARAMETER_SIZE],
                                char second[EXCHANGE_PARAMETER_SIZE], const char **allow)
{
	/* libmicrohttpd leaves the body out of an answer to HEAD by itself. */
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
	*allow = NULL;
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		if (!matches(routes[i].pattern, path, parameter, second))
			continue;
		if (strcmp(routes[i].method, wanted) == 0)
			return &routes[i];
		*allow = strcmp(routes[i].method, "GET") == 0 ? "GET, HEAD" : routes[i].method;
	}
	return NULL;
}
