/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pg_columns.h. */
#include "collector/pg_columns.h"

void pg_columns_begin(struct pg_columns *columns, enum pg_type type, int count, size_t rows)
{
	for (int i = 0; i < count; i++)
		pg_array_begin(&columns->column[columns->count++], type, rows);
}

void pg_columns_words(struct pg_columns *columns, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		pg_array_text(&columns->column[i], words[i]);
}

void pg_columns_numbers(struct pg_columns *columns, int first, const int64_t *numbers, int count)
{
	for (int i = 0; i < count; i++)
		pg_array_number(&columns->column[first + i], numbers[i]);
}

int pg_columns_end(struct pg_columns *columns, struct error *err)
{
	for (int i = 0; i < columns->count; i++) {
		if (columns->column[i].failed)
			return error_set(err, ERROR_INTERNAL, 0, "out of memory");
		pg_add_array(&columns->values, &columns->column[i]);
	}
	return 0;
}

void pg_columns_clear(struct pg_columns *columns)
{
	for (int i = 0; i < columns->count; i++)
		text_clear(&columns->column[i]);
}
