/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See grow.h. */
#include "collector/grow.h"

#include <stdlib.h>

#define ROOM_FIRST 64

void *grow(void *members, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return members;
	size_t more = *room == 0 ? ROOM_FIRST : 2 * *room;
	void *grown = reallocarray(members, more, size);
	if (grown != NULL)
		*room = more;
	return grown;
}
