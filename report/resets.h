/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be reset before this guest is cloned: facts in, a list out.  Pure. */
#ifndef NESTREADY_REPORT_RESETS_H
#define NESTREADY_REPORT_RESETS_H

#include "report/knowledge.h"
#include "report/report.h"

#define RESETS_SCHEMA "nestready.preclone/1"

/* How many of knowledge_resets are in each state. */
struct resets_count {
	size_t needed;
	size_t unknown;
};

void resets_count(const struct fact_set *facts, struct resets_count *count);

/* For people: what has to be done, in that order, then what is not known, then advice. */
void resets_text(const struct fact_set *facts, const struct format_options *options,
                 struct text *out);

/* schema/preclone.schema.json. */
void resets_json(const struct fact_set *facts, struct text *out);

#endif
