/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTML by the piece.  Everything that is not a literal of ours goes through html_text. */
#ifndef NESTREADY_COLLECTOR_HTML_H
#define NESTREADY_COLLECTOR_HTML_H

#include "base/text.h"

/* Adds a stranger's text, as content or as the value of an attribute in double quotes. */
void html_text(struct text *out, const char *text);

/* Adds the same for a part of a URL. */
void html_url(struct text *out, const char *text);

/* Adds <td>TEXT</td>. */
void html_cell(struct text *out, const char *text);

/* Everything before and after what a page says. */
void html_begin(struct text *out, const char *title);
void html_end(struct text *out);

/* The style sheet of all pages. */
extern const char *const html_style;

#endif
