/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads /etc/group: the groups that a user has by name. */
#ifndef NESTREADY_MACHINE_CALLER_H
#define NESTREADY_MACHINE_CALLER_H

#include "base/text.h"

/*
 * Appends " GID" for every group of the file's text that lists the user.
 * Lines that are none (group(5)) say nothing.
 */
void caller_add_groups(struct text *out, const char *file, const char *user);

#endif
