/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's side of the wire: lines are taken apart without trust. */
#include "report/wire.h"

#include <string.h>

#define KEY_MAX    127  /* bytes of a fact's key */
#define STRING_MAX 1024 /* bytes of a source or a why */

/* Takes the members out of an object one by one, so that whatever is left was not expected. */
struct reader {
	const json_t *object;
	size_t taken;
	const char *wrong; /* the first member that is not as it should be */
};

static json_t *take(struct reader *reader, const char *name)
{
	json_t *member = json_object_get(reader->object, name);
	if (member != NULL)
		reader->taken++;
	return member;
}

static void refuse(struct reader *reader, const char *name)
{
	if (reader->wrong == NULL)
		reader->wrong = name;
}

/* The text of a string without control characters; NULL when it is none or too long. */
static const char *clean_string(const json_t *json, size_t limit)
{
	const char *string = json_string_value(json);
	if (string == NULL || json_string_length(json) > limit)
		return NULL;
	for (const char *at = string; *at != '\0'; at++)
		if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
			return NULL;
	return string;
}

static const char *take_string(struct reader *reader, const char *name)
{
	const json_t *member = take(reader, name);
	const char *string = clean_string(member, STRING_MAX);
	if (member != NULL && string == NULL)
		refuse(reader, name);
	return string;
}

bool wire_is_id(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return length > 0 && length <= WIRE_ID_MAX && text[length] == '\0';
}

static const char *take_id(struct reader *reader, const char *name)
{
	const char *id = take_string(reader, name);
	if (id != NULL && wire_is_id(id))
		return id;
	refuse(reader, name);
	return NULL;
}

/* Keys hold names from the machine (interfaces) too: printable ASCII without a space. */
static const char *take_key(struct reader *reader, const char *name)
{
	const char *key = take_string(reader, name);
	bool good = key != NULL && *key != '\0' && strlen(key) <= KEY_MAX;
	for (const char *at = key; good && *at != '\0'; at++)
		good = *at > ' ' && *at < 0x7f;
	if (good)
		return key;
	refuse(reader, name);
	return NULL;
}

static uint64_t take_number(struct reader *reader, const char *name, uint64_t low, uint64_t high)
{
	const json_t *member = take(reader, name);
	json_int_t number = json_integer_value(member);
	if (json_is_integer(member) && number >= 0 && (uint64_t)number >= low &&
	    (uint64_t)number <= high)
		return (uint64_t)number;
	refuse(reader, name);
	return 0;
}

static enum status take_status(struct reader *reader)
{
	enum status status = STATUS_FAILED;
	const char *word = take_string(reader, "status");
	if (word == NULL || !status_parse(word, &status))
		refuse(reader, "status");
	return status;
}

static bool is_value(const json_t *json)
{
	size_t index;
	const json_t *element;
	if (json_is_boolean(json) || json_is_integer(json))
		return true;
	if (!json_is_array(json))
		return clean_string(json, WIRE_LINE_MAX) != NULL;
	json_array_foreach(json, index,
	                   element) if (clean_string(element, WIRE_LINE_MAX) == NULL) return false;
	return true;
}

/* What facts and their exceptions have in common: a value when observed, maybe a why when not. */
static void take_outcome(struct reader *reader, struct fact *fact)
{
	fact->status = take_status(reader);
	fact->value = take(reader, "value");
	fact->why = take_string(reader, "why");
	bool observed = fact->status == STATUS_OBSERVED;
	if (observed != (fact->value != NULL) || (fact->value != NULL && !is_value(fact->value)))
		refuse(reader, "value");
	if (observed && fact->why != NULL)
		refuse(reader, "why");
}

static bool is_exception(const json_t *json)
{
	struct reader reader = { .object = json };
	struct fact outcome = { 0 };
	const char *cpus = take_string(&reader, "cpus");
	take_outcome(&reader, &outcome);
	return cpus != NULL && *cpus != '\0' && cpus[strspn(cpus, "0123456789,-")] == '\0' &&
	       reader.wrong == NULL && reader.taken == json_object_size(json);
}

static json_t *take_exceptions(struct reader *reader)
{
	size_t index;
	const json_t *element;
	json_t *list = take(reader, "exceptions");
	if (list == NULL)
		return NULL;
	if (json_array_size(list) == 0)
		refuse(reader, "exceptions");
	json_array_foreach(list, index, element) if (!is_exception(element))
	        refuse(reader, "exceptions");
	return list;
}

/* Flat, so that nobody has to walk a deep tree later; its meaning is machine/snapshot.h's. */
static json_t *take_answer(struct reader *reader)
{
	const char *name;
	json_t *member;
	size_t index;
	const json_t *element;
	json_t *answer = take(reader, "answer");
	if (!json_is_object(answer))
		refuse(reader, "answer");
	json_object_foreach(answer, name, member)
	{
		if (json_is_object(member) || json_is_real(member) || json_is_null(member))
			refuse(reader, "answer");
		json_array_foreach(member, index, element) if (!json_is_string(element))
		        refuse(reader, "answer");
	}
	return answer;
}

/* A path may hold any bytes the recorder could write as JSON. */
static const char *take_question(struct reader *reader)
{
	const char *key = json_string_value(take(reader, "asked"));
	if (key == NULL || *key == '\0')
		refuse(reader, "asked");
	return key;
}

static void read_begin(struct reader *reader, struct wire_line *line)
{
	line->probe = take_id(reader, "begin");
	line->deadline_ms = (uint32_t)take_number(reader, "deadline_ms", 1, UINT32_MAX);
}

static void read_fact(struct reader *reader, struct wire_line *line)
{
	line->probe = take_id(reader, "probe");
	line->fact.key = take_key(reader, "fact");
	line->fact.source = take_string(reader, "source");
	line->fact.exceptions = take_exceptions(reader);
	take_outcome(reader, &line->fact);
}

static void read_asked(struct reader *reader, struct wire_line *line)
{
	line->key = take_question(reader);
	line->answer = take_answer(reader);
}

static void read_end(struct reader *reader, struct wire_line *line)
{
	line->probe = take_id(reader, "end");
	line->status = take_status(reader);
	line->why = take_string(reader, "why");
	line->duration_us = take_number(reader, "us", 0, INT64_MAX);
	if (line->status == STATUS_ABSENT || line->status == STATUS_DENIED)
		refuse(reader, "status");
	if ((line->status == STATUS_OBSERVED) != (line->why == NULL))
		refuse(reader, "why");
}

static void read_done(struct reader *reader, struct wire_line *line)
{
	line->count = take_number(reader, "done", 0, INT64_MAX);
}

/* The member that only this kind of line has, and what reads the line. */
static const struct {
	const char *mark;
	void (*read)(struct reader *reader, struct wire_line *line);
} kinds[] = {
	[WIRE_BEGIN] = { "begin", read_begin }, [WIRE_FACT] = { "fact", read_fact },
	[WIRE_ASKED] = { "asked", read_asked }, [WIRE_END] = { "end", read_end },
	[WIRE_DONE] = { "done", read_done },
};

int wire_decode(const char *line, size_t length, struct wire_line *decoded, struct error *err)
{
	json_error_t syntax;
	*decoded = (struct wire_line){ 0 };
	decoded->json = json_loadb(line, length, JSON_REJECT_DUPLICATES, &syntax);
	if (!json_is_object(decoded->json)) {
		wire_line_clear(decoded);
		return error_set(err, ERROR_BAD_INPUT, 0, "a line that is no JSON object");
	}
	struct reader reader = { .object = decoded->json };
	size_t kind = 0;
	while (kind < sizeof kinds / sizeof kinds[0] &&
	       json_object_get(decoded->json, kinds[kind].mark) == NULL)
		kind++;
	if (kind == sizeof kinds / sizeof kinds[0]) {
		wire_line_clear(decoded);
		return error_set(err, ERROR_BAD_INPUT, 0, "a line of no known kind");
	}
	decoded->kind = (enum wire_kind)kind;
	kinds[kind].read(&reader, decoded);
	if (reader.wrong == NULL && reader.taken == json_object_size(decoded->json))
		return 0;
	wire_line_clear(decoded);
	if (reader.wrong != NULL)
		return error_set(err, ERROR_BAD_INPUT, 0, "a \"%s\" line with a bad \"%s\"",
		                 kinds[kind].mark, reader.wrong);
	return error_set(err, ERROR_BAD_INPUT, 0, "a \"%s\" line with an unknown member",
	                 kinds[kind].mark);
}

void wire_line_clear(struct wire_line *line)
{
	json_decref(line->json);
	*line = (struct wire_line){ 0 };
}
