/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making facts, and keeping them by key. */
#include "report/fact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static void emit(struct fact_sink *sink, const char *key, json_t *value, const char *source)
{
	struct fact fact = {
		.key = key, .status = STATUS_OBSERVED, .value = value, .source = source
	};
	if (value == NULL) {
		fact.status = STATUS_FAILED;
		fact.why = "out of memory";
	}
	sink->emit(sink, &fact);
	json_decref(value);
}

void fact_bool(struct fact_sink *sink, const char *key, bool value, const char *source)
{
	emit(sink, key, json_boolean(value), source);
}

void fact_int(struct fact_sink *sink, const char *key, int64_t value, const char *source)
{
	emit(sink, key, json_integer(value), source);
}

void fact_hex(struct fact_sink *sink, const char *key, uint64_t value, const char *source)
{
	emit(sink, key, fact_hex_value(value), source);
}

void fact_text(struct fact_sink *sink, const char *key, const char *value, const char *source)
{
	emit(sink, key, fact_text_value(value, strlen(value)), source);
}

void fact_list(struct fact_sink *sink, const char *key, json_t *list, const char *source)
{
	emit(sink, key, list, source);
}

void fact_none(struct fact_sink *sink, const char *key, enum status status, const char *why,
               const char *source)
{
	struct fact fact = { .key = key, .status = status, .why = why, .source = source };
	sink->emit(sink, &fact);
}

json_t *fact_hex_value(uint64_t value)
{
	char text[19];
	snprintf(text, sizeof text, "0x%016llx", (unsigned long long)value);
	return json_string_nocheck(text);
}

json_t *fact_text_value(const char *bytes, size_t length)
{
	char *copy = malloc(length + 1);
	if (copy == NULL)
		return NULL;
	memcpy(copy, bytes, length);
	copy[length] = '\0';
	utf8_sanitize(copy, length);
	json_t *value = json_stringn_nocheck(copy, length);
	free(copy);
	return value;
}

json_t *fact_to_json(const struct fact *fact)
{
	json_t *json = json_object();
	if (json == NULL)
		return NULL;
	int failed = json_object_set_new_nocheck(json, "status",
	                                         json_string_nocheck(status_name(fact->status)));
	if (fact->value != NULL)
		failed |= json_object_set_nocheck(json, "value", fact->value);
	if (fact->source != NULL)
		failed |= json_object_set_new_nocheck(json, "source", json_string(fact->source));
	if (fact->why != NULL)
		failed |= json_object_set_new_nocheck(json, "why", json_string(fact->why));
	if (fact->exceptions != NULL)
		failed |= json_object_set_nocheck(json, "exceptions", fact->exceptions);
	if (failed != 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}

/* A set is an array sorted by key: a few hundred facts at most, found by bisection. */
struct fact_set {
	const struct fact **recent; /* what was found last, by the address of its key; or NULL */
	struct fact **facts;
	size_t count;
	size_t capacity;
};

/* A fact and its strings in one block, so that one free releases them. */
static struct fact *fact_copy(const struct fact *fact)
{
	size_t key = strlen(fact->key) + 1;
	size_t source = fact->source == NULL ? 0 : strlen(fact->source) + 1;
	size_t why = fact->why == NULL ? 0 : strlen(fact->why) + 1;
	struct fact *copy = malloc(sizeof *copy + key + source + why);
	if (copy == NULL)
		return NULL;
	*copy = *fact;
	char *strings = (char *)(copy + 1);
	copy->key = memcpy(strings, fact->key, key);
	if (source != 0)
		copy->source = memcpy(strings + key, fact->source, source);
	if (why != 0)
		copy->why = memcpy(strings + key + source, fact->why, why);
	json_incref(copy->value);
	json_incref(copy->exceptions);
	return copy;
}

static void fact_free(struct fact *fact)
{
	json_decref(fact->value);
	json_decref(fact->exceptions);
	free(fact);
}

/* Conditions ask for the same facts again and again, by the same few pieces of text. */
#define RECENT 128 /* a power of two */

struct fact_set *fact_set_new(void)
{
	struct fact_set *set = calloc(1, sizeof *set);
	if (set != NULL)
		set->recent = calloc(RECENT, sizeof *set->recent);
	return set;
}

void fact_set_free(struct fact_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		fact_free(set->facts[i]);
	free(set->recent);
	free(set->facts);
	free(set);
}

/* Index of the key, or of the place where it belongs. */
static size_t position(const struct fact_set *set, const char *key, bool *found)
{
	size_t low = 0;
	size_t high = set->count;
	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(set->facts[middle]->key, key);
		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(struct fact_set *set)
{
	if (set->count < set->capacity)
		return 0;
	size_t capacity = set->capacity == 0 ? 128 : set->capacity * 2;
	struct fact **facts = realloc(set->facts, capacity * sizeof *facts);
	if (facts == NULL)
		return -1;
	set->facts = facts;
	set->capacity = capacity;
	return 0;
}

int fact_set_add(struct fact_set *set, const struct fact *fact)
{
	bool found;
	size_t at = position(set, fact->key, &found);
	struct fact *copy = fact_copy(fact);
	if (copy == NULL)
		return -1;
	if (found) {
		if (set->recent != NULL)
			memset(set->recent, 0, RECENT * sizeof *set->recent);
		fact_free(set->facts[at]);
		set->facts[at] = copy;
		return 0;
	}
	if (make_room(set) != 0) {
		fact_free(copy);
		return -1;
	}
	memmove(set->facts + at + 1, set->facts + at, (set->count - at) * sizeof *set->facts);
	set->facts[at] = copy;
	set->count++;
	return 0;
}

const struct fact *fact_set_find(const struct fact_set *set, const char *key)
{
	bool found;
	size_t slot = (uintptr_t)key / sizeof(void *) % RECENT;
	const struct fact *recent = set->recent == NULL ? NULL : set->recent[slot];
	if (recent != NULL && strcmp(recent->key, key) == 0)
		return recent;
	size_t at = position(set, key, &found);
	if (found && set->recent != NULL)
		set->recent[slot] = set->facts[at];
	return found ? set->facts[at] : NULL;
}

size_t fact_set_count(const struct fact_set *set)
{
	return set->count;
}

const struct fact *fact_set_at(const struct fact_set *set, size_t index)
{
	return set->facts[index];
}
