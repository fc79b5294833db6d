/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON after RFC 8259, narrowed to what jansson takes: no NUL in a text, no key
 * twice, integers of 64 bits.  As deep as it is told to go, no deeper.
 */
#include "collector/scan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collector/piece.h"

#define DIGITS_MAX  18 /* any number of so many digits fits 64 bits */
#define MEMBERS_MAX 64 /* of an object in the schema: a bit each */

struct scan {
	const char *at, *end;
	struct gist *gist;
	unsigned depth;   /* that may still follow */
	uint64_t *keys;   /* of all objects whose members are not in a table: digests; 0: free */
	size_t key_mask;  /* their number less one, a power of two less one */
	size_t keys_left; /* that still go in */
	uint64_t objects; /* seen so far: makes the keys of each another's */
};

static bool scan_value(struct scan *scan, const struct shape *shape,
                       const struct gist_place *place);

static void skip_space(struct scan *scan)
{
	while (scan->at < scan->end &&
	       (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' || *scan->at == '\r'))
		scan->at++;
}

/* Space and this one character. */
static bool take(struct scan *scan, char c)
{
	skip_space(scan);
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

/* ---- strings ---------------------------------------------------------------------- */

static bool scan_string(struct scan *scan, struct piece *piece)
{
	return piece_read(&scan->at, scan->end, piece);
}

/*
 * A copy that is terminated.  There is room for each string once, as none becomes longer and its
 * quotes are not copied.
 */
static const char *copy(struct scan *scan, const struct piece *piece)
{
	char *begin = scan->gist->letters + scan->gist->used;
	scan->gist->used += piece_copy(piece, begin);
	return begin;
}

static bool check_words(const struct shape *shape, const char *word)
{
	const char *const *known = shape->words;
	while (known != NULL && *known != NULL && strcmp(*known, word) != 0)
		known++;
	return (known == NULL || *known != NULL) &&
	       (shape->matches == NULL || shape->matches(word)) &&
	       (shape->length_max == 0 || strlen(word) <= shape->length_max);
}

static bool is_plain(const struct shape *shape)
{
	return shape == NULL ||
	       (shape->words == NULL && shape->matches == NULL && shape->length_max == 0);
}

static bool scan_text(struct scan *scan, const struct shape *shape, const struct gist_place *place)
{
	struct piece piece;
	if (!scan_string(scan, &piece))
		return false;
	bool wanted = place != NULL && place->inner == NULL;
	if (!wanted && is_plain(shape))
		return true;
	const char *word = copy(scan, &piece);
	if (wanted)
		gist_set(scan->gist, place->word, word);
	return is_plain(shape) || check_words(shape, word);
}

/* ---- numbers and words -------------------------------------------------------------- */

/* Integers; a fraction, and what may be too large for an integer, is jansson's. */
static bool scan_number(struct scan *scan, const struct shape *shape,
                        const struct gist_place *place)
{
	struct piece piece = { scan->at, 0, false };
	bool negative = *scan->at == '-';
	scan->at += negative;
	const char *digits = scan->at;
	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
		scan->at++;
	size_t count = (size_t)(scan->at - digits);
	piece.length = count + negative;
	if (count == 0 || count > DIGITS_MAX || (digits[0] == '0' && (count > 1 || negative)))
		return false;
	if (scan->at < scan->end && (*scan->at == '.' || (*scan->at | 0x20) == 'e'))
		return false;
	if (shape != NULL && shape->not_negative && negative)
		return false;
	if (place != NULL && place->inner == NULL && place->word == GIST_PLATFORM_VERSION)
		gist_set(scan->gist, place->word, copy(scan, &piece));
	return true;
}

static bool scan_word(struct scan *scan, const char *word)
{
	size_t length = strlen(word);
	if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
		return false;
	scan->at += length;
	return true;
}

/* ---- objects and arrays ------------------------------------------------------------- */

/*
 * Whether a key is the first of its name in its object.  Two with the same digest count as equal:
 * then it is looked at again, by who compares them (FNV-1a,
 * http://www.isthe.com/chongo/tech/comp/fnv).
 */
static bool is_first(struct scan *scan, uint64_t object, const char *key)
{
	uint64_t digest = 0xcbf29ce484222325 ^ object * 0x9e3779b97f4a7c15;
	for (; *key != '\0'; key++)
		digest = (digest ^ (unsigned char)*key) * 0x100000001b3;
	digest |= 1;
	size_t at = (digest >> 20) & scan->key_mask;
	while (scan->keys[at] != 0) {
		if (scan->keys[at] == digest)
			return false;
		at = (at + 1) & scan->key_mask;
	}
	scan->keys[at] = digest;
	return scan->keys_left-- > 0;
}

struct object {
	const struct shape *shape; /* NULL: of any */
	uint64_t number;
	uint64_t seen; /* members of the table, a bit each */
	size_t next;   /* where to look first: members mostly come in the order of the schema */
};

/* The place of a key in the table of members, or -1. */
static int find_member(struct object *object, const char *key)
{
	const struct shape_member *members = object->shape->members;
	for (size_t i = object->next; members[i].name != NULL; i++) {
		if (strcmp(members[i].name, key) == 0)
			return (int)i;
	}
	for (size_t i = 0; i < object->next; i++) {
		if (strcmp(members[i].name, key) == 0)
			return (int)i;
	}
	return -1;
}

/* The shape of a member, NULL for any; false when it may not be there. */
static bool member_shape(struct scan *scan, struct object *object, const char *key,
                         const struct shape **shape)
{
	int member = object->shape == NULL ? -1 : find_member(object, key);
	*shape = NULL;
	if (member >= MEMBERS_MAX)
		return false;
	if (object->shape != NULL && object->shape->names != NULL &&
	    !check_words(object->shape->names, key))
		return false;
	if (member >= 0) {
		bool again = (object->seen >> member & 1) != 0;
		object->seen |= (uint64_t)1 << member;
		object->next = (size_t)member + 1;
		*shape = object->shape->members[member].shape;
		return !again;
	}
	if (object->shape != NULL)
		*shape = object->shape->others;
	if (object->shape != NULL && *shape == NULL && !object->shape->open)
		return false;
	return is_first(scan, object->number, key);
}

static bool is_seen(struct object *object, const char *key)
{
	int member = find_member(object, key);
	return member >= 0 && (object->seen >> member & 1) != 0;
}

/* What must be there is there. */
static bool is_complete(struct object *object)
{
	if (object->shape == NULL)
		return true;
	const struct shape_member *members = object->shape->members;
	for (size_t i = 0; members[i].name != NULL; i++) {
		if (members[i].required && (i >= MEMBERS_MAX || (object->seen >> i & 1) == 0))
			return false;
	}
	const struct shape_pair *pair = object->shape->pairs;
	for (; pair != NULL && pair->name != NULL; pair++) {
		if (is_seen(object, pair->name) && !is_seen(object, pair->other))
			return false;
	}
	return true;
}

static const struct gist_place *find_place(const struct gist_place *place, const char *key)
{
	if (place == NULL || place->inner == NULL)
		return NULL;
	for (place = place->inner; place->name != NULL; place++) {
		if (strcmp(place->name, key) == 0)
			return place;
	}
	return NULL;
}

static bool scan_member(struct scan *scan, struct object *object, const struct gist_place *place)
{
	struct piece piece;
	const struct shape *shape;
	if (!take(scan, '"') || !scan_string(scan, &piece) || !take(scan, ':'))
		return false;
	const char *key = copy(scan, &piece), *begin = scan->at;
	if (!member_shape(scan, object, key, &shape) ||
	    !scan_value(scan, shape, find_place(place, key)))
		return false;
	if (object->number == 1 && strcmp(key, "guest") == 0) {
		scan->gist->guest = begin;
		scan->gist->guest_length = (size_t)(scan->at - begin);
	}
	return true;
}

static bool scan_object(struct scan *scan, const struct shape *shape,
                        const struct gist_place *place)
{
	struct object object = { .shape = shape, .number = ++scan->objects };
	if (take(scan, '}'))
		return is_complete(&object);
	do {
		if (!scan_member(scan, &object, place))
			return false;
	} while (take(scan, ','));
	return take(scan, '}') && is_complete(&object);
}

/* Of an array in whose items something is wanted, each is a finding. */
static bool scan_array(struct scan *scan, const struct shape *shape, const struct gist_place *place)
{
	const struct shape *items = shape == NULL ? NULL : shape->items;
	if (take(scan, ']'))
		return true;
	do {
		if (place != NULL && place->inner != NULL && !gist_add_finding(scan->gist))
			return false;
		if (!scan_value(scan, items, place == NULL || place->inner == NULL ? NULL : place))
			return false;
	} while (take(scan, ','));
	return take(scan, ']');
}

static bool scan_inside(struct scan *scan, const struct shape *shape,
                        const struct gist_place *place, bool object)
{
	if (scan->depth == 0)
		return false;
	scan->depth--;
	scan->at++;
	bool fits = object ? scan_object(scan, shape, place) : scan_array(scan, shape, place);
	scan->depth++;
	return fits;
}

static bool scan_value(struct scan *scan, const struct shape *shape, const struct gist_place *place)
{
	skip_space(scan);
	if (scan->at == scan->end)
		return false;
	unsigned types = shape == NULL ? ~0u : shape->types;
	switch (*scan->at) {
	case '"':
		scan->at++;
		return (types & SHAPE_STRING) != 0 && scan_text(scan, shape, place);
	case '{':
		return (types & SHAPE_OBJECT) != 0 && scan_inside(scan, shape, place, true);
	case '[':
		return (types & SHAPE_ARRAY) != 0 && scan_inside(scan, shape, place, false);
	case 't':
		return (types & SHAPE_BOOLEAN) != 0 && scan_word(scan, "true");
	case 'f':
		return (types & SHAPE_BOOLEAN) != 0 && scan_word(scan, "false");
	case 'n':
		return (types & SHAPE_NULL) != 0 && scan_word(scan, "null");
	default:
		return (types & SHAPE_INTEGER) != 0 && scan_number(scan, shape, place);
	}
}

bool scan_report(const struct shape *shape, const char *bytes, size_t length, unsigned depth,
                 struct gist *gist)
{
	static const struct gist_place whole = { "", gist_report, 0 };
	struct scan scan = { .at = bytes, .end = bytes + length, .gist = gist, .depth = depth };
	size_t slots = 64;
	/* A member takes eight bytes or more, but for the shortest names; with more, jansson looks.
	 */
	while (slots < length / 4)
		slots *= 2;
	scan.key_mask = slots - 1;
	scan.keys_left = slots / 2;
	*gist = (struct gist){ .letters = malloc(length + 1) };
	scan.keys = calloc(slots, sizeof *scan.keys);
	bool fits = gist->letters != NULL && scan.keys != NULL && length > 0 &&
	            scan_value(&scan, shape, &whole);
	skip_space(&scan);
	free(scan.keys);
	return fits && scan.at == scan.end;
}
