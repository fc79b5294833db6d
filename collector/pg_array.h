/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A column of a batch as one value: an array in PostgreSQL's binary format
 * (array_send in src/backend/utils/adt/arrayfuncs.c).  Nothing is quoted in it,
 * and one statement takes a whole batch.
 */
#ifndef NESTREADY_COLLECTOR_PG_ARRAY_H
#define NESTREADY_COLLECTOR_PG_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The numbers of types (pg_type.dat), which never change. */
enum pg_type {
	PG_BOOL = 16,
	PG_BYTEA = 17,
	PG_INT8 = 20,
	PG_TEXT = 25,
};

/* Exactly `count` elements of this type have to follow. */
void pg_array_begin(struct text *array, enum pg_type type, size_t count);
void pg_array_bytes(struct text *array, const void *bytes, size_t length);
void pg_array_text(struct text *array, const char *text);
void pg_array_number(struct text *array, int64_t number);
void pg_array_bool(struct text *array, bool value);

#endif
