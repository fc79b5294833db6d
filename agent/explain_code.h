/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A short code (report/code.h) in words, for who read it off another machine's console. */
#ifndef NESTREADY_AGENT_EXPLAIN_CODE_H
#define NESTREADY_AGENT_EXPLAIN_CODE_H

#include <stdbool.h>

#include "base/error.h"
#include "report/page.h"
#include "report/report.h"

/* Whether the word may be meant as a code: an id has a dot in it. */
bool looks_like_code(const char *word);

/* 0, or -1 when it is mistyped. */
int explain_code(const struct page *page, const char *word, const struct format_options *options,
                 struct error *err);

#endif
