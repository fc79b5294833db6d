/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The supervisor's side of the wire: lines are taken apart without trust.  The
 * form of wire.h is read from left to right, literal by literal; the first
 * byte that differs ends it, and every function then does nothing.
 */
#include "report/wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define KEY_MAX    127  /* bytes of a fact's key */
#define STRING_MAX 1024 /* bytes of a source or a why */

struct cursor {
	const char *at; /* what is read next */
	const char *end;
	char *store; /* where the next string goes; there is room for all of the line */
	bool wrong;
};

static bool begins(const struct cursor *cursor, const char *literal)
{
	size_t length = strlen(literal);
	return !cursor->wrong && (size_t)(cursor->end - cursor->at) >= length &&
	       memcmp(cursor->at, literal, length) == 0;
}

/* Steps over the literal if it is there. */
static bool take(struct cursor *cursor, const char *literal)
{
	if (!begins(cursor, literal))
		return false;
	cursor->at += strlen(literal);
	return true;
}

static void refuse_unless(struct cursor *cursor, bool good)
{
	cursor->wrong = cursor->wrong || !good;
}

static void expect(struct cursor *cursor, const char *literal)
{
	refuse_unless(cursor, take(cursor, literal));
}

/* One character that is not plain goes to the store.  False at the end of the string. */
static bool take_character(struct cursor *cursor)
{
	size_t length = utf8_character(cursor->at, (size_t)(cursor->end - cursor->at));
	char first = length == 0 ? '\0' : *cursor->at;
	if (first == '"')
		return false;
	if (first == '\\') {
		cursor->at++;
		first = cursor->at == cursor->end ? '\0' : *cursor->at;
		refuse_unless(cursor, first == '"' || first == '\\' || first == 't');
		*cursor->store++ = first == 't' ? '\t' : first;
		cursor->at += !cursor->wrong;
		return !cursor->wrong;
	}
	refuse_unless(cursor, length > 1); /* what is short was plain, or may not be here */
	if (cursor->wrong)
		return false;
	memcpy(cursor->store, cursor->at, length);
	cursor->store += length;
	cursor->at += length;
	return true;
}

/* Most strings are nothing but such bytes. */
static void take_plain(struct cursor *cursor)
{
	size_t length = utf8_plain_run(cursor->at, (size_t)(cursor->end - cursor->at));
	memcpy(cursor->store, cursor->at, length);
	cursor->at += length;
	cursor->store += length;
}

/* A string of at most so many bytes; "" when there is none. */
static const char *take_string(struct cursor *cursor, size_t limit)
{
	const char *string = cursor->store;
	expect(cursor, "\"");
	while (!cursor->wrong) {
		take_plain(cursor);
		if (!take_character(cursor))
			break;
	}
	refuse_unless(cursor, (size_t)(cursor->store - string) <= limit);
	expect(cursor, "\"");
	if (cursor->wrong)
		return "";
	*cursor->store++ = '\0';
	return string;
}

/* A literal that leads to a string, or NULL when something else follows. */
static const char *take_optional(struct cursor *cursor, const char *lead)
{
	return take(cursor, lead) ? take_string(cursor, STRING_MAX) : NULL;
}

static bool is_of_id(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
}

bool wire_is_id(const char *text)
{
	size_t length = 0;
	while (is_of_id(text[length]))
		length++;
	return length > 0 && length <= WIRE_ID_MAX && text[length] == '\0';
}

static const char *take_id(struct cursor *cursor)
{
	const char *id = take_string(cursor, WIRE_ID_MAX);
	refuse_unless(cursor, wire_is_id(id));
	return id;
}

/* Keys hold names from the machine (interfaces) too: printable ASCII without a space. */
static const char *take_key(struct cursor *cursor)
{
	const char *key = take_string(cursor, KEY_MAX);
	refuse_unless(cursor, *key != '\0');
	for (const char *at = key; *at != '\0'; at++)
		refuse_unless(cursor, *at > ' ' && *at < 0x7f);
	return key;
}

static enum status take_status(struct cursor *cursor)
{
	enum status status = STATUS_FAILED;
	refuse_unless(cursor, status_parse(take_string(cursor, STRING_MAX), &status));
	return status;
}

/* Decimal digits as JSON writes them, no more than `limit`. */
static uint64_t take_number(struct cursor *cursor, uint64_t limit)
{
	const char *first = cursor->at;
	uint64_t number = 0;
	for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
		uint64_t digit = (uint64_t)(*cursor->at - '0');
		refuse_unless(cursor, number <= (limit - digit) / 10);
		number = number * 10 + digit;
	}
	ptrdiff_t digits = cursor->at - first;
	refuse_unless(cursor, digits == 1 || (digits > 1 && *first != '0'));
	return cursor->wrong ? 0 : number;
}

static json_t *take_integer(struct cursor *cursor)
{
	if (!take(cursor, "-"))
		return json_integer((json_int_t)take_number(cursor, INT64_MAX));
	uint64_t number = take_number(cursor, (uint64_t)INT64_MAX + 1);
	refuse_unless(cursor, number != 0);
	return json_integer((json_int_t)(0 - number));
}

static json_t *take_list(struct cursor *cursor)
{
	json_t *list = json_array();
	const char *lead = "[";
	while (!cursor->wrong && !take(cursor, lead[0] == '[' ? "[]" : "]")) {
		expect(cursor, lead);
		const char *string = take_string(cursor, WIRE_LINE_MAX);
		refuse_unless(cursor,
		              json_array_append_new(list, json_string_nocheck(string)) == 0);
		lead = ",";
	}
	return list;
}

/* A new reference; NULL when it is no value of a fact. */
static json_t *take_value(struct cursor *cursor)
{
	json_t *value;
	if (take(cursor, "true"))
		value = json_true();
	else if (take(cursor, "false"))
		value = json_false();
	else if (begins(cursor, "\""))
		value = json_string_nocheck(take_string(cursor, WIRE_LINE_MAX));
	else if (begins(cursor, "["))
		value = take_list(cursor);
	else
		value = take_integer(cursor);
	refuse_unless(cursor, value != NULL);
	return value;
}

static void take_status_and_value(struct cursor *cursor, struct fact *fact)
{
	fact->status = take_status(cursor);
	if (take(cursor, ",\"value\":"))
		fact->value = take_value(cursor);
	refuse_unless(cursor, (fact->status == STATUS_OBSERVED) == (fact->value != NULL));
}

static void take_why(struct cursor *cursor, struct fact *fact)
{
	fact->why = take_optional(cursor, ",\"why\":");
	refuse_unless(cursor, fact->why == NULL || fact->status != STATUS_OBSERVED);
}

static json_t *take_exception(struct cursor *cursor)
{
	struct fact outcome = { 0 };
	expect(cursor, "{\"cpus\":");
	const char *cpus = take_string(cursor, STRING_MAX);
	refuse_unless(cursor, *cpus != '\0' && cpus[strspn(cpus, "0123456789,-")] == '\0');
	expect(cursor, ",\"status\":");
	take_status_and_value(cursor, &outcome);
	take_why(cursor, &outcome);
	expect(cursor, "}");
	return json_pack("{s:s, s:s, s:o*, s:s*}", "cpus", cpus, "status",
	                 status_name(outcome.status), "value", outcome.value, "why", outcome.why);
}

static json_t *take_exceptions(struct cursor *cursor)
{
	json_t *list = json_array();
	do
		refuse_unless(cursor, json_array_append_new(list, take_exception(cursor)) == 0);
	while (take(cursor, ","));
	expect(cursor, "]");
	return list;
}

static void read_begin(struct cursor *cursor, struct wire_line *line)
{
	line->probe = take_id(cursor);
	expect(cursor, ",\"deadline_ms\":");
	line->deadline_ms = (uint32_t)take_number(cursor, UINT32_MAX);
	refuse_unless(cursor, line->deadline_ms > 0);
}

static void read_fact(struct cursor *cursor, struct wire_line *line)
{
	line->probe = take_id(cursor);
	expect(cursor, ",\"fact\":");
	line->fact.key = take_key(cursor);
	expect(cursor, ",\"status\":");
	take_status_and_value(cursor, &line->fact);
	line->fact.source = take_optional(cursor, ",\"source\":");
	take_why(cursor, &line->fact);
	if (take(cursor, ",\"exceptions\":["))
		line->fact.exceptions = take_exceptions(cursor);
}

static void read_end(struct cursor *cursor, struct wire_line *line)
{
	line->probe = take_id(cursor);
	expect(cursor, ",\"status\":");
	line->status = take_status(cursor);
	line->why = take_optional(cursor, ",\"why\":");
	expect(cursor, ",\"us\":");
	line->duration_us = take_number(cursor, INT64_MAX);
	refuse_unless(cursor, line->status != STATUS_ABSENT && line->status != STATUS_DENIED &&
	                              (line->status == STATUS_OBSERVED) == (line->why == NULL));
}

static void read_done(struct cursor *cursor, struct wire_line *line)
{
	line->count = take_number(cursor, INT64_MAX);
}

/* Flat, so that nobody has to walk a deep tree later; its meaning is machine/snapshot.h's. */
static bool is_answer(json_t *answer)
{
	const char *name;
	json_t *member;
	size_t index;
	const json_t *element;
	bool flat = json_is_object(answer);
	json_object_foreach(answer, name, member)
	{
		flat = flat && !json_is_object(member) && !json_is_real(member) &&
		       !json_is_null(member);
		json_array_foreach(member, index, element) flat = flat && json_is_string(element);
	}
	return flat;
}

/* What was asked is not on the way to a verdict: the library may read it. */
static bool read_asked(const char *bytes, size_t length, struct wire_line *line)
{
	json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	const char *key = json_string_value(json_object_get(json, "asked"));
	json_t *answer = json_object_get(json, "answer");
	bool good = json_object_size(json) == 2 && key != NULL && *key != '\0' && is_answer(answer);
	if (good) {
		line->answer = json_incref(answer);
		line->key = strcpy(line->strings, key); /* decoded it is no longer than it was */
	}
	json_decref(json);
	return good;
}

/* How each kind begins, and what reads the rest but for the brace at the end. */
static const struct {
	const char *lead;
	enum wire_kind kind;
	void (*read)(struct cursor *cursor, struct wire_line *line);
} kinds[] = {
	{ "{\"probe\":", WIRE_FACT, read_fact },
	{ "{\"begin\":", WIRE_BEGIN, read_begin },
	{ "{\"end\":", WIRE_END, read_end },
	{ "{\"done\":", WIRE_DONE, read_done },
};

static void read_line(struct cursor *cursor, struct wire_line *line)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (!take(cursor, kinds[i].lead))
			continue;
		line->kind = kinds[i].kind;
		kinds[i].read(cursor, line);
		expect(cursor, "}");
		refuse_unless(cursor, cursor->at == cursor->end);
		return;
	}
	cursor->wrong = true;
}

int wire_decode(const char *line, size_t length, struct wire_line *decoded, struct error *err)
{
	*decoded = (struct wire_line){ 0 };
	/* A string takes no more room than in the line: its quotes make up for the NUL. */
	decoded->strings = malloc(length + 1);
	if (decoded->strings == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	struct cursor cursor = { .at = line, .end = line + length, .store = decoded->strings };
	if (begins(&cursor, "{\"asked\":")) {
		decoded->kind = WIRE_ASKED;
		cursor.wrong = !read_asked(line, length, decoded);
	} else {
		read_line(&cursor, decoded);
	}
	if (!cursor.wrong)
		return 0;
	wire_line_clear(decoded);
	return error_set(err, ERROR_BAD_INPUT, 0, "a line that breaks the rules at byte %zu",
	                 (size_t)(cursor.at - line));
}

void wire_line_clear(struct wire_line *line)
{
	json_decref(line->fact.value);
	json_decref(line->fact.exceptions);
	json_decref(line->answer);
	free(line->strings);
	*line = (struct wire_line){ 0 };
}
