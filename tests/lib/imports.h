/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a test says about an import: the text, and what the snapshot has to hold. */
#ifndef NESTREADY_TESTS_LIB_IMPORTS_H
#define NESTREADY_TESTS_LIB_IMPORTS_H

#include "import/import.h"
#include "machine/adapters.h"

/* The snapshot that is made of the text; the test fails unless it is made, and of that format. */
json_t *accepts(const char *text, const char *format);
json_t *accepts_bytes(const char *bytes, size_t length, const char *format);

/* The test fails unless the text is bad input, and the message holds the words. */
void refuses(const char *text, const char *words);
void refuses_bytes(const char *bytes, size_t length, const char *words);

/* The answer has so many numbers, the first of which is this. */
void expect_numbers(const json_t *snapshot, const char *key, const char *first, size_t count);

void expect_no_answer(const json_t *snapshot, const char *key);

/* The answer, or the fact, as JSON; ' may stand for ". */
void expect_answer(const json_t *snapshot, const char *key, const char *json);

/* The fact's value as JSON; NULL: it is skipped. */
void expect_imported(const json_t *snapshot, const char *key, const char *json);
void expect_not_imported(const json_t *snapshot, const char *key);

#endif
