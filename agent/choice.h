/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words that have to be one of a known set: targets, formats, commands ...
 * Who mistypes one is told what was expected, and what was probably meant.
 */
#ifndef NESTREADY_AGENT_CHOICE_H
#define NESTREADY_AGENT_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/* The words of a set, in order; NULL after the last one. */
struct choice {
	const char *(*at)(const void *context, size_t index);
	const void *context;
};

bool choice_has(const struct choice *choice, const char *word);

/* The word of the set that is closest to `word`; NULL when none is close enough to be meant. */
const char *choice_nearest(const struct choice *choice, const char *word);

/* Adds BEFORE and the words with commas between. */
void choice_list(const struct choice *choice, const char *before, struct text *out);

/*
 * A usage error: unknown WHAT 'WORD', the nearest match or else the set
 * itself, and the command that lists it unless `lister` is NULL.  Returns -1.
 */
int choice_unknown(struct error *err, const char *what, const char *word,
                   const struct choice *choice, const char *lister);

#endif
