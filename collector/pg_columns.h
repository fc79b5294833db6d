/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A batch as the values of one statement: each column an array, whose rows are added one by one. */
#ifndef NESTREADY_COLLECTOR_PG_COLUMNS_H
#define NESTREADY_COLLECTOR_PG_COLUMNS_H

#include "collector/pg_array.h"
#include "collector/pg_base.h"

#define PG_COLUMNS_MAX 19

/* Begins as { .count = 0 }. */
struct pg_columns {
	struct text column[PG_COLUMNS_MAX];
	int count;
	struct pg_values values; /* what was added, and from pg_columns_end on the columns */
};

/* So many more columns of a type; each gets exactly `rows` elements. */
void pg_columns_begin(struct pg_columns *columns, enum pg_type type, int count, size_t rows);

/* Of one row: what is in the first columns; in those from `first` on. */
void pg_columns_words(struct pg_columns *columns, const char *const *words, int count);
void pg_columns_numbers(struct pg_columns *columns, int first, const int64_t *numbers, int count);

/* 0; or -1 and *err. */
int pg_columns_end(struct pg_columns *columns, struct error *err);

void pg_columns_clear(struct pg_columns *columns);
#define cleanup_pg_columns __attribute__((cleanup(pg_columns_clear)))

#endif
