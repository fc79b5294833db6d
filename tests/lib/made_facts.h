/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts made up for a test, written as JSON. */
#ifndef NESTREADY_TESTS_LIB_MADE_FACTS_H
#define NESTREADY_TESTS_LIB_MADE_FACTS_H

#include "report/fact.h"

/*
 * A member is a fact: a bare value was observed; an object is a fact in its
 * report form ({"status": "denied", "why": "..."}), `observed` when it has no
 * status.  Later text overrides earlier.  Fails the test on bad JSON.
 */
void made_facts_add(struct fact_set *facts, const char *json);

struct fact_set *made_facts(const char *json);

#endif
