/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the store as JSON: pages of them with a cursor to the next. */
#ifndef NESTREADY_COLLECTOR_ROWS_H
#define NESTREADY_COLLECTOR_ROWS_H

#include <jansson.h>

#include "collector/store.h"

/* A page in the making. */
struct rows {
	json_t *list;
	int64_t stale; /* a report received before is stale; 0: rows do not say */
	unsigned limit;
	bool by_guest;     /* the cursor is guest and target, not a place in the order of arrival */
	char next[80];     /* the cursor behind the last row */
	bool more, failed; /* there is a next page; memory ran out */
};

json_t *row_report(const struct store_report *row, int64_t stale);

/* A store_take_report whose context is a struct rows; the query asks for limit + 1 rows. */
int rows_take_report(void *context, const struct store_report *row);

/* {NAME: [...], "next": CURSOR or null}; takes the list over.  NULL on lack of memory. */
json_t *rows_page(struct rows *rows, const char *name);

#endif
