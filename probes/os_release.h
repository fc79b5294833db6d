/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose packages and boot loader this guest has: advice differs by that. */
#ifndef NESTREADY_PROBES_OS_RELEASE_H
#define NESTREADY_PROBES_OS_RELEASE_H

#include <jansson.h>

/*
 * The words of ID and of ID_LIKE in a text of os-release(5), in that order, each
 * once, at most sixteen: "ubuntu", "debian".  Other words than lower-case names
 * are left out.  A new list; NULL on lack of memory.
 */
json_t *os_release_ids(const char *text);

#endif
