/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether there is such a file, for one system call and without reading it. */
#ifndef NESTREADY_PROBES_EXISTS_H
#define NESTREADY_PROBES_EXISTS_H

#include "machine/machine.h"

/* Observed when something is there, whatever it is; else absent, denied, ... */
enum status exists_ask(struct machine *machine, const char *path, struct answer *answer);

/* Asks for one after the other until one is there; NULL when none is, and `answer` is the last. */
const char *exists_any(struct machine *machine, const char *const *paths, size_t count,
                       struct answer *answer);

#endif
