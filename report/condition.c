/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kleene's logic over facts; condition.h says what each kind means. */
#include "report/condition.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* Wide enough for every int64_t and every uint64_t at once. */
typedef __int128 number;

/* How much a truth weighs in `all`; `any` is the same with false and true swapped. */
static const int all_weight[] = {
	[TRUTH_FALSE] = 4,       [TRUTH_ERROR] = 3, [TRUTH_UNKNOWN] = 2,
	[TRUTH_NOT_CHECKED] = 1, [TRUTH_TRUE] = 0,
};

static enum truth truth_not(enum truth truth)
{
	if (truth == TRUTH_TRUE)
		return TRUTH_FALSE;
	return truth == TRUTH_FALSE ? TRUTH_TRUE : truth;
}

static enum truth truth_and(enum truth a, enum truth b)
{
	return all_weight[a] >= all_weight[b] ? a : b;
}

static enum truth truth_or(enum truth a, enum truth b)
{
	return truth_not(truth_and(truth_not(a), truth_not(b)));
}

static enum truth truth_of_bool(bool value)
{
	return value ? TRUTH_TRUE : TRUTH_FALSE;
}

/* An integer, or a register in its text form; false when the value is neither. */
static bool number_of_json(const json_t *value, number *result)
{
	if (json_is_integer(value)) {
		*result = json_integer_value(value);
		return true;
	}
	const char *text = json_string_value(value);
	if (text == NULL || strncmp(text, "0x", 2) != 0)
		return false;
	size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
	if (digits == 0 || digits > 16 || text[2 + digits] != '\0')
		return false;
	*result = strtoull(text + 2, NULL, 16);
	return true;
}

static bool number_of_literal(const struct literal *literal, number *result)
{
	if (literal->kind == LITERAL_INT)
		*result = literal->as.integer;
	else if (literal->kind == LITERAL_HEX)
		*result = literal->as.hex;
	else
		return false;
	return true;
}

static enum truth equals(const struct condition *condition, const struct literal *literal,
                         const json_t *value)
{
	number wanted;
	number seen;
	if (number_of_literal(literal, &wanted)) {
		if (!number_of_json(value, &seen))
			return condition->mask != 0 ? TRUTH_ERROR : TRUTH_FALSE;
		return truth_of_bool((condition->mask ? seen & condition->mask : seen) == wanted);
	}
	if (literal->kind == LITERAL_BOOL)
		return truth_of_bool(json_is_boolean(value) &&
		                     json_is_true(value) == literal->as.boolean);
	return truth_of_bool(json_is_string(value) &&
	                     strcmp(json_string_value(value), literal->as.text) == 0);
}

static enum truth equals_any(const struct condition *condition, const json_t *value)
{
	enum truth result = TRUTH_FALSE;
	for (size_t i = 0; i < condition->literal_count; i++)
		result = truth_or(result, equals(condition, &condition->literals[i], value));
	return result;
}

static enum truth compares(const struct condition *condition, const json_t *value)
{
	number wanted;
	number seen;
	if (!number_of_literal(condition->literals, &wanted) || !number_of_json(value, &seen))
		return TRUTH_ERROR;
	if (condition->mask != 0)
		seen &= condition->mask;
	if (condition->kind == CONDITION_AT_LEAST)
		return truth_of_bool(seen >= wanted);
	if (condition->kind == CONDITION_AT_MOST)
		return truth_of_bool(seen <= wanted);
	return truth_of_bool((seen & wanted) == wanted);
}

static enum truth test_element(const struct condition *condition, const json_t *value)
{
	switch (condition->kind) {
	case CONDITION_IS:
	case CONDITION_ONE_OF:
		return equals_any(condition, value);
	case CONDITION_MATCHES:
		if (!json_is_string(value))
			return TRUTH_ERROR;
		return truth_of_bool(
		        fnmatch(condition->literals->as.text, json_string_value(value), 0) == 0);
	default:
		return compares(condition, value);
	}
}

/* On a list the test holds when it holds for any element. */
static enum truth test_value(const struct condition *condition, const json_t *value)
{
	if (!json_is_array(value))
		return test_element(condition, value);
	enum truth result = TRUTH_FALSE;
	for (size_t i = 0; i < json_array_size(value); i++)
		result = truth_or(result, test_element(condition, json_array_get(value, i)));
	return result;
}

/* What is absent is `false` to is and one_of, and passes no other test. */
static enum truth test_absent(const struct condition *condition)
{
	if (condition->kind != CONDITION_IS && condition->kind != CONDITION_ONE_OF)
		return TRUTH_FALSE;
	for (size_t i = 0; i < condition->literal_count; i++)
		if (condition->literals[i].kind == LITERAL_BOOL &&
		    !condition->literals[i].as.boolean)
			return TRUTH_TRUE;
	return TRUTH_FALSE;
}

/* Why a status tells neither yes nor no; true when it tells. */
static enum truth truth_of_status(enum status status)
{
	switch (status) {
	case STATUS_DENIED:
		return TRUTH_UNKNOWN;
	case STATUS_SKIPPED:
		return TRUTH_NOT_CHECKED;
	case STATUS_FAILED:
		return TRUTH_ERROR;
	case STATUS_OBSERVED:
	case STATUS_ABSENT:
		break;
	}
	return TRUTH_TRUE;
}

static enum truth test_answer(const struct condition *condition, enum status status,
                              const json_t *value)
{
	enum truth told = truth_of_status(status);
	if (told != TRUTH_TRUE || condition->kind == CONDITION_UNIFORM)
		return told;
	if (status == STATUS_ABSENT)
		return test_absent(condition);
	return value == NULL ? TRUTH_ERROR : test_value(condition, value);
}

static enum truth test_exception(const struct condition *condition, const json_t *exception)
{
	enum status status = STATUS_FAILED;
	const char *word = json_string_value(json_object_get(exception, "status"));
	if (word == NULL || !status_parse(word, &status))
		return TRUTH_ERROR;
	return test_answer(condition, status, json_object_get(exception, "value"));
}

/*
 * On a fact with exceptions the test holds when it holds for every CPU.  An
 * exception gave another answer than the rest: CPUs differ when two answers are known.
 */
static enum truth test_fact(const struct condition *condition, const struct fact *fact)
{
	if (fact == NULL)
		return TRUTH_NOT_CHECKED;
	enum truth result = test_answer(condition, fact->status, fact->value);
	int known = result == TRUTH_TRUE;
	for (size_t i = 0; i < json_array_size(fact->exceptions); i++) {
		enum truth here = test_exception(condition, json_array_get(fact->exceptions, i));
		known += here == TRUTH_TRUE;
		result = truth_and(result, here);
	}
	return condition->kind == CONDITION_UNIFORM && known > 1 ? TRUTH_FALSE : result;
}

static enum truth test_observed(const struct fact *fact)
{
	return truth_of_bool(fact != NULL && fact->status == STATUS_OBSERVED);
}

enum truth condition_evaluate(const struct condition *condition, const struct fact_set *facts)
{
	enum truth result;
	switch (condition->kind) {
	case CONDITION_ALL:
		result = TRUTH_TRUE;
		/* Nothing changes a `false` any more, below nothing a `true`. */
		for (size_t i = 0; i < condition->part_count && result != TRUTH_FALSE; i++)
			result = truth_and(result, condition_evaluate(&condition->parts[i], facts));
		return result;
	case CONDITION_ANY:
		result = TRUTH_FALSE;
		for (size_t i = 0; i < condition->part_count && result != TRUTH_TRUE; i++)
			result = truth_or(result, condition_evaluate(&condition->parts[i], facts));
		return result;
	case CONDITION_NOT:
		return truth_not(condition_evaluate(condition->parts, facts));
	case CONDITION_ALWAYS:
		return truth_of_bool(condition->literals->as.boolean);
	case CONDITION_UNKNOWABLE:
		return TRUTH_NOT_CHECKED;
	case CONDITION_OBSERVED:
		return test_observed(fact_set_find(facts, condition->fact));
	default:
		return test_fact(condition, fact_set_find(facts, condition->fact));
	}
}

/* The reason that a fact, or the first exception that came out the same, gives. */
static const char *fact_because(const struct condition *condition, const struct fact *fact,
                                enum truth truth)
{
	if (fact == NULL)
		return "not asked";
	if (test_answer(condition, fact->status, fact->value) == truth)
		return fact->why != NULL ? fact->why : status_name(fact->status);
	for (size_t i = 0; i < json_array_size(fact->exceptions); i++) {
		const json_t *exception = json_array_get(fact->exceptions, i);
		const char *why = json_string_value(json_object_get(exception, "why"));
		if (why != NULL && test_exception(condition, exception) == truth)
			return why;
	}
	return "not the same on every CPU";
}

/* NULL when nothing in the condition came out as `truth`. */
static const char *search(const struct condition *condition, const struct fact_set *facts,
                          enum truth truth)
{
	if (condition->kind == CONDITION_UNKNOWABLE)
		return truth == TRUTH_NOT_CHECKED ? condition->why : NULL;
	if (condition->kind == CONDITION_OBSERVED)
		return NULL;
	if (condition->fact != NULL) {
		const struct fact *fact = fact_set_find(facts, condition->fact);
		return test_fact(condition, fact) == truth ? fact_because(condition, fact, truth)
		                                           : NULL;
	}
	for (size_t i = 0; i < condition->part_count; i++) {
		/* A part that came to a yes or no has no say, whatever was not known in it. */
		if (condition_evaluate(&condition->parts[i], facts) != truth)
			continue;
		const char *why = search(&condition->parts[i], facts, truth);
		if (why != NULL)
			return why;
	}
	return NULL;
}

const char *condition_because(const struct condition *condition, const struct fact_set *facts,
                              enum truth truth)
{
	const char *why = search(condition, facts, truth);
	return why != NULL ? why : "no reason was given";
}

void condition_visit_facts(const struct condition *condition,
                           void (*visit)(const char *key, void *context), void *context)
{
	if (condition->fact != NULL)
		visit(condition->fact, context);
	for (size_t i = 0; i < condition->part_count; i++)
		condition_visit_facts(&condition->parts[i], visit, context);
}

/*
 * Whether an `observed` among the parts of an `all` settles that it does not
 * hold; or the `all` only said when nobody can know, and this is no such case.
 */
static bool is_moot(const struct condition *condition, const struct fact_set *facts)
{
	for (size_t i = 0; condition->kind == CONDITION_ALL && i < condition->part_count; i++) {
		const struct condition *part = &condition->parts[i];
		bool negated = part->kind == CONDITION_NOT;
		if (part->kind == CONDITION_UNKNOWABLE &&
		    condition_evaluate(condition, facts) == TRUTH_FALSE)
			return true;
		if ((negated ? part->parts : part)->kind == CONDITION_OBSERVED &&
		    condition_evaluate(part, facts) == TRUTH_FALSE)
			return true;
	}
	return false;
}

void condition_visit_evidence(const struct condition *condition, const struct fact_set *facts,
                              void (*visit)(const char *key, void *context), void *context)
{
	if (condition->kind == CONDITION_OBSERVED || is_moot(condition, facts))
		return;
	if (condition->fact != NULL)
		visit(condition->fact, context);
	for (size_t i = 0; i < condition->part_count; i++)
		condition_visit_evidence(&condition->parts[i], facts, visit, context);
}
