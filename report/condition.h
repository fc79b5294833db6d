/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A condition over facts, in Kleene's three-valued logic.  Conditions are data
 * (a small JSON expression in a target or platform file), compiled at build
 * time into these structures, so that a check neither opens nor parses them.
 *
 *   {"fact": KEY, "is": JSON}            equal; "absent" counts as false
 *   {"fact": KEY, "at_least": N|HEX}     also at_most
 *   {"fact": KEY, "has_bits": HEX}       all those bits are set
 *   {"fact": KEY, "one_of": [JSON, ...]}
 *   {"fact": KEY, "matches": GLOB}       shell pattern (fnmatch), case-sensitive
 *   {"fact": KEY, "uniform": true}       the same on every CPU; absent on every CPU is the same too
 *   {"fact": KEY, "observed": true}      there is a value; never unknown, so that what only some
 *                                        sources tell can be asked for without doubt spreading
 *   any but the last three with "mask": HEX   the value is ANDed with it first
 *   {"all": [...]}, {"any": [...]}, {"not": CONDITION}
 *   {"always": true|false}
 *   {"unknowable": "why"}                nobody can know; outcome not-checked
 *   {"use": NAME}                        the condition of that name in knowledge/conditions.json
 *
 * On a list of strings a test holds when it holds for any element.  On a fact
 * with exceptions it holds when it holds for every CPU.
 */
#ifndef NESTREADY_REPORT_CONDITION_H
#define NESTREADY_REPORT_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/fact.h"

enum condition_kind {
	CONDITION_IS,
	CONDITION_AT_LEAST,
	CONDITION_AT_MOST,
	CONDITION_HAS_BITS,
	CONDITION_ONE_OF,
	CONDITION_MATCHES,
	CONDITION_UNIFORM,
	CONDITION_OBSERVED,
	CONDITION_ALL,
	CONDITION_ANY,
	CONDITION_NOT,
	CONDITION_ALWAYS,
	CONDITION_UNKNOWABLE,
};

enum literal_kind { LITERAL_BOOL, LITERAL_INT, LITERAL_HEX, LITERAL_TEXT };

/* An operand; hex is a number that was written as "0x...". */
struct literal {
	enum literal_kind kind;
	union {
		bool boolean;
		int64_t integer;
		uint64_t hex;
		const char *text;
	} as;
};

struct condition {
	enum condition_kind kind;
	const char *fact;               /* the tests; else NULL */
	uint64_t mask;                  /* 0 means no mask */
	const struct literal *literals; /* one, the list of ONE_OF, or for ALWAYS a bool */
	size_t literal_count;
	const struct condition *parts; /* ALL, ANY, NOT */
	size_t part_count;
	const char *why; /* UNKNOWABLE */
};

/* The three values, and for the third one what stood in the way. */
enum truth {
	TRUTH_FALSE,
	TRUTH_TRUE,
	TRUTH_UNKNOWN,     /* denied */
	TRUTH_NOT_CHECKED, /* skipped, never asked, or unknowable */
	TRUTH_ERROR,       /* failed */
};

/*
 * `false` beats everything in all, `true` beats everything in any; among the
 * ways of not knowing, error beats unknown beats not-checked.  A value of the
 * wrong type for its test (a text for at_least) is an error, not a no.
 */
enum truth condition_evaluate(const struct condition *condition, const struct fact_set *facts);

/*
 * Why the condition came out as `truth`, one of the last three: the reason given
 * by the first test that did.  Never NULL; lives as long as the facts.
 */
const char *condition_because(const struct condition *condition, const struct fact_set *facts,
                              enum truth truth);

/* Calls `visit` for every fact key in the condition, in order, repetitions included. */
void condition_visit_facts(const struct condition *condition,
                           void (*visit)(const char *key, void *context), void *context);

/*
 * The same for the facts that bear on the outcome: without `observed` itself,
 * and without what is asked for only beside an `observed` that does not hold.
 */
void condition_visit_evidence(const struct condition *condition, const struct fact_set *facts,
                              void (*visit)(const char *key, void *context), void *context);

#endif
