/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * group(5), by hand: NSS may ask a server, and has no place in a check of
 * milliseconds.  Who has a group only from a directory is not seen to have it.
 */
#include "machine/caller.h"

#include <string.h>

/* Whether the user stands in a list with commas between. */
static bool lists(const char *list, size_t length, const char *user)
{
	size_t wanted = strlen(user);
	const char *end = list + length;
	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		size_t size = (size_t)((comma == NULL ? end : comma) - list);
		if (size == wanted && memcmp(list, user, size) == 0)
			return true;
		list += size + 1;
	}
	return false;
}

/* "name:password:GID:member,member" */
static void add_group(struct text *out, const char *line, size_t length, const char *user)
{
	const char *end = line + length;
	const char *field[3];
	for (int i = 0; i < 3; i++) {
		const char *colon = memchr(line, ':', (size_t)(end - line));
		if (colon == NULL)
			return;
		field[i] = line = colon + 1;
	}
	size_t digits = strspn(field[1], "0123456789");
	if (digits == 0 || digits > 10 || field[1] + digits + 1 != field[2] ||
	    !lists(field[2], (size_t)(end - field[2]), user))
		return;
	text_add(out, " ");
	text_add_bytes(out, field[1], digits);
}

void caller_add_groups(struct text *out, const char *file, const char *user)
{
	while (*file != '\0') {
		size_t length = strcspn(file, "\n");
		add_group(out, file, length, user);
		file += length + (file[length] == '\n');
	}
}
