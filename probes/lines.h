/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks over the lines of an answer, whether or not the last one ends. */
#ifndef NESTREADY_PROBES_LINES_H
#define NESTREADY_PROBES_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct line {
	const char *start; /* not NUL-terminated */
	size_t length;     /* without the newline */
};

/* Takes the next line off `rest`; false when none is left. */
bool lines_next(const char **rest, struct line *line);

bool line_is(const struct line *line, const char *text);

/* The kernel's release, which is the second line of an answer to uname; empty when there is none.
 */
struct line lines_release(const char *uname);

#endif
