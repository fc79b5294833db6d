/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of everything that can be asked of a collector. */
#ifndef NESTREADY_COLLECTOR_ROUTES_H
#define NESTREADY_COLLECTOR_ROUTES_H

#include "collector/exchange.h"

/*
 * The route of a method and a path; what {} stood for goes to `parameter` and `second`.  NULL when
 * there is none; then *allow is what methods the path has, or NULL.
 */
const struct route *routes_find(const char *method, const char *path,
                                char parameter[EXCHANGE_PARAMETER_SIZE],
                                char second[EXCHANGE_PARAMETER_SIZE], const char **allow);

/* route_report.c */
void route_report_add(struct exchange *exchange);
int route_report(struct exchange *exchange, struct store *store, struct error *err);
/* What the writer's lane runs; its context is the server. */
void route_report_commit(void *server, struct lane_job *const *jobs, size_t count);

/* route_heartbeat.c */
void route_heartbeat_add(struct exchange *exchange);
/* On the writer's thread, at most LANE_BATCH_MAX. */
void route_heartbeat_commit(struct store *store, struct exchange *const *exchanges, size_t count);

/* route_fleet.c */
int route_guests(struct exchange *exchange, struct store *store, struct error *err);
int route_guest(struct exchange *exchange, struct store *store, struct error *err);
int route_guest_latest(struct exchange *exchange, struct store *store, struct error *err);
int route_guest_reports(struct exchange *exchange, struct store *store, struct error *err);

/* route_sums.c */
int route_findings(struct exchange *exchange, struct store *store, struct error *err);
int route_gaps(struct exchange *exchange, struct store *store, struct error *err);
int route_overview(struct exchange *exchange, struct store *store, struct error *err);
int route_changes(struct exchange *exchange, struct store *store, struct error *err);

/* route_cohorts.c */
int route_cohorts(struct exchange *exchange, struct store *store, struct error *err);
int route_page_cohorts(struct exchange *exchange, struct store *store, struct error *err);

/* route_page.c, route_page_guests.c, route_page_guest.c */
int route_page(struct exchange *exchange, struct store *store, struct error *err);
int route_page_guests(struct exchange *exchange, struct store *store, struct error *err);
int route_page_guest(struct exchange *exchange, struct store *store, struct error *err);
void route_style(struct exchange *exchange);

/* route_page_labs.c, route_page_lab.c, route_page_student.c */
int route_page_labs(struct exchange *exchange, struct store *store, struct error *err);
int route_page_clones(struct exchange *exchange, struct store *store, struct error *err);
int route_page_lab(struct exchange *exchange, struct store *store, struct error *err);
int route_page_student(struct exchange *exchange, struct store *store, struct error *err);
void route_script(struct exchange *exchange);
void route_icon(struct exchange *exchange);

/* route_lab.c */
int route_labs(struct exchange *exchange, struct store *store, struct error *err);
int route_lab(struct exchange *exchange, struct store *store, struct error *err);
int route_lab_matrix(struct exchange *exchange, struct store *store, struct error *err);
int route_lab_student(struct exchange *exchange, struct store *store, struct error *err);
int route_lab_receipt(struct exchange *exchange, struct store *store, struct error *err);
int route_lab_export(struct exchange *exchange, struct store *store, struct error *err);
int route_lab_log(struct exchange *exchange, struct store *store, struct error *err);
/* route_lab_change.c */
int route_lab_enrol(struct exchange *exchange, struct store *store, struct error *err);
int route_lab_rubric(struct exchange *exchange, struct store *store, struct error *err);
int route_lab_override(struct exchange *exchange, struct store *store, struct error *err);
/* route_clones.c */
int route_clones(struct exchange *exchange, struct store *store, struct error *err);

/* route_health.c */
void route_openapi(struct exchange *exchange);
void route_healthz(struct exchange *exchange);
void route_readyz(struct exchange *exchange);
void route_metrics(struct exchange *exchange);

#endif
