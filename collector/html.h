/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTML by the piece.  Everything that is not a literal of ours goes through html_text. */
#ifndef NESTREADY_COLLECTOR_HTML_H
#define NESTREADY_COLLECTOR_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define HTML_TYPE "text/html; charset=utf-8"

/* Adds a stranger's text, as content or as the value of an attribute in double quotes. */
void html_text(struct text *out, const char *text);

/* The same of a piece that is not terminated. */
void html_piece(struct text *out, const char *text, size_t length);

/* Adds the same for a part of a URL. */
void html_url(struct text *out, const char *text);
void html_url_piece(struct text *out, const char *text, size_t length);

/* Adds <td>TEXT</td>. */
void html_cell(struct text *out, const char *text);

/* The same with a class of our own. */
void html_cell_of(struct text *out, const char *class, const char *text);

/* A word for a verdict or an outcome, with its colour and its symbol. */
void html_mark(struct text *out, const char *word);

/* The symbol alone, where there is no room; the word has to be said beside it. */
void html_symbol(struct text *out, const char *word);

/* A moment, as how long ago it is, with the whole of it for machines, tooltips and paper. */
void html_time(struct text *out, int64_t ms, int64_t now);

/* A bar of the shares of ready, degraded, not-ready and indeterminate; text beside it says the
 * same.
 */
void html_bar(struct text *out, const size_t counts[4]);

/* Everything before and after what a page says; `section` is the path of the menu's entry. */
void html_begin(struct text *out, const char *title, const char *section);
void html_end(struct text *out);

/* What pages load: collector/assets/, embedded when building. */
extern const char *const html_style;
extern const char *const html_script;
extern const char *const html_icon;

#endif
