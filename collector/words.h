/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forms of words in a report: each is a pattern of schema/, which names it
 * (tools/shape-compile). */
#ifndef NESTREADY_COLLECTOR_WORDS_H
#define NESTREADY_COLLECTOR_WORDS_H

#include <stdbool.h>
#include <stdint.h>

bool word_is_uuid7(const char *word);
bool word_is_time(const char *word);
bool word_is_id(const char *word);
bool word_is_fact(const char *word);
bool word_is_gap(const char *word);

/* Enough for the year 9999, terminated. */
#define WORD_TIME_SIZE 25

/* Milliseconds since 1970 of a word that word_is_time; -1 when there is no such moment. */
int64_t word_time_ms(const char *word);

/* The other way, in UTC with milliseconds.  Moments outside 1970 to 9999 become the nearest end. */
void word_time_write(int64_t ms, char word[WORD_TIME_SIZE]);

#endif
