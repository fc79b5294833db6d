/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays that rows are added to, one after the other, until a query ends. */
#ifndef NESTREADY_COLLECTOR_GROW_H
#define NESTREADY_COLLECTOR_GROW_H

#include <stddef.h>

/*
 * The array with room for one more: `count` members of `size` bytes each are in it, and *room fit.
 * NULL on lack of memory; the one that was given is left as it is then.
 */
void *grow(void *members, size_t count, size_t *room, size_t size);

#endif
