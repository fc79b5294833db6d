/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind the ? of a question: filters, a page's size and its cursor. */
#ifndef NESTREADY_COLLECTOR_ASKED_H
#define NESTREADY_COLLECTOR_ASKED_H

#include "collector/exchange.h"
#include "collector/fleet.h"

/* Rows of a page, where it is not asked for more or fewer. */
#define ASKED_LIMIT 100

/* What the page of a lab sorts students by, and which it shows. */
enum asked_students { STUDENTS_BY_NAME, STUDENTS_BY_POINTS, STUDENTS_BY_SEEN, STUDENTS_ORDERS };
enum asked_show { SHOW_ALL, SHOW_OPEN, SHOW_FLAGGED, SHOW_SILENT, SHOW_COUNT };

extern const char *const asked_students_names[STUDENTS_ORDERS];
extern const char *const asked_show_names[SHOW_COUNT];

struct asked {
	struct store_filter filter; /* its strings live as long as the request */
	unsigned limit;
	char cursor_guest[INTAKE_GUEST_SIZE]; /* guests: the last of the page before */
	char cursor_target[41];
	int64_t cursor; /* reports: a place in the order of arrival; 0: the start */
	bool all;

	/* Of pages alone. */
	struct fleet_choice choice;
	enum fleet_order order;
	bool descending;
	unsigned page;                /* from 1 */
	enum asked_students students; /* by what they are sorted */
	enum asked_show show;
};

/* False with an answer (400) when an argument is unknown or makes no sense. */
bool asked_read(struct exchange *exchange, struct asked *asked);

/* The same of a list of newest reports, which can be chosen by a gap. */
bool asked_read_guests(struct exchange *exchange, struct asked *asked);

/* The same for a page, which sorts and searches. */
bool asked_read_page(struct exchange *exchange, struct asked *asked);

/* The page of a lab: of all this only search, sort, order, page, limit and show. */
bool asked_read_lab(struct exchange *exchange, struct asked *asked);

/* The moment before which a guest that was last heard of is stale. */
int64_t asked_stale(const struct exchange *exchange);

#endif
