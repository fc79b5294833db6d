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

/* The words of a set, in order; NULL after the last one. */
typedef const char *(*choice_at)(size_t index);

bool choice_has(choice_at at, const char *word);

/* The word of the set that is closest to `word`; NULL when none is close enough to be meant. */
const char *choice_nearest(choice_at at, const char *word);

/*
 * A usage error: unknown WHAT 'WORD', the nearest match or else the set
 * itself, and the command that lists it unless `lister` is NULL.  Returns -1.
 */
int choice_unknown(struct error *err, const char *what, const char *word, choice_at at,
                   const char *lister);

#endif
