/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind the ? of a question: filters, a page's size and its cursor. */
#ifndef NESTREADY_COLLECTOR_ASKED_H
#define NESTREADY_COLLECTOR_ASKED_H

#include "collector/cohort_place.h"
#include "collector/exchange.h"
#include "collector/fleet.h"

/* Rows of a page, where it is not asked for more or fewer. */
#define ASKED_LIMIT 100

/* What the page of a lab sorts students by, and which it shows. */
enum asked_students { STUDENTS_BY_NAME, STUDENTS_BY_POINTS, STUDENTS_BY_SEEN, STUDENTS_ORDERS };
enum asked_show { SHOW_ALL, SHOW_OPEN, SHOW_FLAGGED, SHOW_SILENT, SHOW_COUNT };

extern const char *const asked_students_names[STUDENTS_ORDERS];
extern const char *const asked_show_names[SHOW_COUNT];

#define ASKED_GIVEN_MAX 32 /* there are fewer arguments */

struct asked {
	struct store_filter filter; /* its strings live as long as the request */
	unsigned limit;
	char cursor_guest[INTAKE_GUEST_SIZE]; /* guests: the last of the page before */
	char cursor_target[41];
	int64_t cursor;            /* reports: a place in the order of arrival; 0: the start */
	struct cohort_place place; /* cohorts: the last of the page before, where has_place */
	bool has_place;
	enum trait trait; /* cohorts: TRAIT_COUNT for all */
	bool all;
	/* All of it as it was given, the last of a name. */
	struct {
		const char *name, *value;
	} given[ASKED_GIVEN_MAX];
	size_t given_count;

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

/* The same of cohorts: what guests a filter leaves, and of which trait. */
bool asked_read_cohorts(struct exchange *exchange, struct asked *asked);

/* The same for a page, which sorts and searches. */
bool asked_read_page(struct exchange *exchange, struct asked *asked);

/* The page of a lab: of all this only search, sort, order, page, limit and show. */
bool asked_read_lab(struct exchange *exchange, struct asked *asked);

/* What it comes to: all traits together, from the cursor on.  Points into it. */
struct cohorts_wanted asked_cohorts(const struct asked *asked);

/* The value of an argument as it was given; NULL. */
const char *asked_given(const struct asked *asked, const char *name);

/* Adds the same again to a link, as "&amp;NAME=VALUE", but for those named (up to a NULL). */
void asked_again(const struct asked *asked, const char *const but[], struct text *out);

/* The moment before which a guest that was last heard of is stale. */
int64_t asked_stale(const struct exchange *exchange);

#endif
