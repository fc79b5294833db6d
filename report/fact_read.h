/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts back from the JSON form of fact_to_json, as reports and snapshots carry
 * them.  Such a file may come from a stranger: what is not exactly a fact is an
 * error.
 */
#ifndef NESTREADY_REPORT_FACT_READ_H
#define NESTREADY_REPORT_FACT_READ_H

#include "base/error.h"
#include "report/fact.h"

/* Calls `take` for each fact; what it is given lives as long as `object`. */
typedef int (*fact_taker)(void *context, const struct fact *fact, struct error *err);

/*
 * Reads an object {KEY: FACT, ...}.  0; or -1 and *err, which names the fact,
 * or is what `take` made of it when it returned other than 0.
 */
int facts_read(const json_t *object, fact_taker take, void *context, struct error *err);

#endif
