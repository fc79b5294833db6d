/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines, without copies. */
#include "probes/lines.h"

#include <string.h>

bool lines_next(const char **rest, struct line *line)
{
	if (**rest == '\0')
		return false;
	line->start = *rest;
	line->length = strcspn(*rest, "\n");
	*rest += line->length;
	if (**rest == '\n')
		++*rest;
	return true;
}

bool line_is(const struct line *line, const char *text)
{
	return strlen(text) == line->length && memcmp(line->start, text, line->length) == 0;
}

struct line lines_release(const char *uname)
{
	struct line line = { "", 0 };
	if (lines_next(&uname, &line) && !lines_next(&uname, &line))
		line.length = 0;
	return line;
}
