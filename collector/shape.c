/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A value against its table.  As deep as the table, which has no cycles. */
#include "collector/shape.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The way to a value, from the inside out. */
struct place {
	const struct place *outer;
	const char *key; /* NULL: an item of an array */
	size_t index;
};

#define SHOWN  60 /* characters of a stranger's word in a message */
#define LISTED 80 /* characters of what may be there */

static void write_place(const struct place *place, struct text *out)
{
	if (place == NULL)
		return;
	write_place(place->outer, out);
	if (place->key == NULL)
		text_printf(out, "[%zu]", place->index);
	else
		text_printf(out, "%s%.*s", place->outer == NULL ? "" : ".", SHOWN, place->key);
}

static int reject(const struct place *place, struct error *err, const char *expected,
                  const char *what)
{
	cleanup_text struct text where = TEXT_INIT;
	write_place(place, &where);
	return error_set(err, ERROR_BAD_INPUT, 0, "%.120s: expected %s%.*s",
	                 where.length == 0 ? "top" : text_string(&where), expected, SHOWN, what);
}

static const struct {
	json_type json;
	enum shape_type type;
	const char *name;
} types[] = {
	{ JSON_NULL, SHAPE_NULL, "null" },          { JSON_TRUE, SHAPE_BOOLEAN, "a boolean" },
	{ JSON_FALSE, SHAPE_BOOLEAN, "a boolean" }, { JSON_INTEGER, SHAPE_INTEGER, "an integer" },
	{ JSON_STRING, SHAPE_STRING, "a string" },  { JSON_ARRAY, SHAPE_ARRAY, "an array" },
	{ JSON_OBJECT, SHAPE_OBJECT, "an object" },
};

#define TYPE_COUNT (sizeof types / sizeof types[0])

static int check_type(const struct shape *shape, const json_t *value, const struct place *place,
                      struct error *err)
{
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (types[i].json == json_typeof(value) && (types[i].type & shape->types) != 0)
			return 0;
	}
	char expected[80] = "";
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		size_t used = strlen(expected);
		if ((types[i].type & shape->types) != 0 && types[i].json != JSON_FALSE)
			snprintf(expected + used, sizeof expected - used, "%s%s",
			         used == 0 ? "" : " or ", types[i].name);
	}
	return reject(place, err, expected, "");
}

/* The words that it may be, as far as a line has room for them. */
static int reject_word(const struct shape *shape, const char *word, const struct place *place,
                       struct error *err)
{
	cleanup_text struct text expected = TEXT_INIT;
	text_add(&expected, shape->words[1] == NULL ? "" : "one of ");
	const char *const *known = shape->words;
	for (; *known != NULL && expected.length < LISTED; known++)
		text_printf(&expected, "%s%s", known == shape->words ? "" : ", ", *known);
	text_printf(&expected, "%s, found ", *known == NULL ? "" : ", ...");
	return reject(place, err, text_string(&expected), word);
}

static int reject_text(const struct shape *shape, const char *word, const struct place *place,
                       struct error *err)
{
	char expected[80];
	snprintf(expected, sizeof expected, "text like %s, found ", shape->pattern);
	return reject(place, err, expected, word);
}

static int reject_length(const struct shape *shape, const char *word, const struct place *place,
                         struct error *err)
{
	char expected[80];
	snprintf(expected, sizeof expected, "at most %zu bytes, found ", shape->length_max);
	return reject(place, err, expected, word);
}

static int check_string(const struct shape *shape, const char *word, const struct place *place,
                        struct error *err)
{
	if (shape->words != NULL) {
		const char *const *known = shape->words;
		while (*known != NULL && strcmp(*known, word) != 0)
			known++;
		if (*known == NULL)
			return reject_word(shape, word, place, err);
	}
	if (shape->matches != NULL && !shape->matches(word))
		return reject_text(shape, word, place, err);
	if (shape->length_max != 0 && strlen(word) > shape->length_max)
		return reject_length(shape, word, place, err);
	return 0;
}

static int check(const struct shape *shape, const json_t *value, const struct place *place,
                 struct error *err);

static int check_array(const struct shape *shape, const json_t *array, const struct place *place,
                       struct error *err)
{
	for (size_t i = 0; shape->items != NULL && i < json_array_size(array); i++) {
		struct place inner = { place, NULL, i };
		if (check(shape->items, json_array_get(array, i), &inner, err) != 0)
			return -1;
	}
	return 0;
}

static const struct shape *member_shape(const struct shape *shape, const char *key)
{
	for (const struct shape_member *member = shape->members; member->name != NULL; member++) {
		if (strcmp(member->name, key) == 0)
			return member->shape;
	}
	return shape->others;
}

static int check_object(const struct shape *shape, const json_t *object, const struct place *place,
                        struct error *err)
{
	for (const struct shape_member *member = shape->members; member->name != NULL; member++) {
		if (member->required && json_object_get(object, member->name) == NULL)
			return reject(place, err, "a member ", member->name);
	}
	for (const struct shape_pair *pair = shape->pairs; pair != NULL && pair->name != NULL;
	     pair++) {
		if (json_object_get(object, pair->name) != NULL &&
		    json_object_get(object, pair->other) == NULL)
			return reject(place, err, "another member: ", pair->other);
	}
	const char *key;
	json_t *item;
	json_object_foreach((json_t *)object, key, item)
	{
		struct place inner = { place, key, 0 };
		const struct shape *fits = member_shape(shape, key);
		if (fits == NULL && shape->open)
			continue;
		if (fits == NULL)
			return reject(&inner, err, "no such member", "");
		if (shape->names != NULL && check_string(shape->names, key, &inner, err) != 0)
			return -1;
		if (check(fits, item, &inner, err) != 0)
			return -1;
	}
	return 0;
}

static int check(const struct shape *shape, const json_t *value, const struct place *place,
                 struct error *err)
{
	if (check_type(shape, value, place, err) != 0)
		return -1;
	switch (json_typeof(value)) {
	case JSON_STRING:
		return check_string(shape, json_string_value(value), place, err);
	case JSON_INTEGER:
		if (shape->not_negative && json_integer_value(value) < 0)
			return reject(place, err, "a number that is not negative", "");
		return 0;
	case JSON_ARRAY:
		return check_array(shape, value, place, err);
	case JSON_OBJECT:
		return check_object(shape, value, place, err);
	default:
		return 0;
	}
}

int shape_check(const struct shape *shape, const json_t *value, struct error *err)
{
	return check(shape, value, NULL, err);
}
