/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine that answers from a recording.  The recording may come from a
 * stranger: everything about it is checked before the first question, so that
 * a bad one is one clear message and never half a report.
 */
#include "machine/snapshot.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "machine/adapters.h"

struct snapshot {
	struct machine machine;
	json_t *root;
	const json_t *answers; /* in root; never written, hence read without the lock */
	pthread_mutex_t lock;  /* of what follows */
	size_t missed;
	char *first_missed;
};

/* Whether brackets open deeper than we accept; jansson's own limit is 2048, and it recurses. */
static bool too_deep(const char *json, size_t length)
{
	int depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < length; i++) {
		char c = json[i];
		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		if (depth > SNAPSHOT_DEPTH)
			return true;
	}
	return false;
}

static json_t *parse_text(const char *name, const char *json, size_t length, struct error *err)
{
	if (length > SNAPSHOT_LIMIT) {
		error_set(err, ERROR_BAD_INPUT, 0, "%s: larger than %zu MiB", name,
		          SNAPSHOT_LIMIT >> 20);
		return NULL;
	}
	if (too_deep(json, length)) {
		error_set(err, ERROR_BAD_INPUT, 0, "%s: nested deeper than %d levels", name,
		          SNAPSHOT_DEPTH);
		return NULL;
	}
	json_error_t problem;
	json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &problem);
	if (root == NULL) {
		utf8_sanitize(problem.text, strlen(problem.text));
		error_set(err, ERROR_BAD_INPUT, 0, "%s: line %d, column %d: %s", name, problem.line,
		          problem.column, problem.text);
	}
	return root;
}

static int check_schema(const char *name, const json_t *root, struct error *err)
{
	static const char family[] = "nestready.snapshot/";
	const char *schema = json_string_value(json_object_get(root, "schema"));
	if (schema == NULL)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%s: schema: expected \"" SNAPSHOT_SCHEMA "\", found none", name);
	if (strcmp(schema, SNAPSHOT_SCHEMA) == 0)
		return 0;
	char quoted[64];
	snprintf(quoted, sizeof quoted, "%.60s", schema);
	utf8_sanitize(quoted, strlen(quoted));
	if (strncmp(schema, family, strlen(family)) == 0)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%s: schema: \"%s\" is of another version of nestready; this one "
		                 "reads \"" SNAPSHOT_SCHEMA "\"",
		                 name, quoted);
	return error_set(err, ERROR_BAD_INPUT, 0,
	                 "%s: schema: expected \"" SNAPSHOT_SCHEMA "\", found \"%s\"", name,
	                 quoted);
}

static bool is_boolean(const json_t *json)
{
	return json_is_boolean(json);
}

static bool is_string(const json_t *json)
{
	return json_is_string(json);
}

static bool is_object(const json_t *json)
{
	return json_is_object(json);
}

static const struct {
	const char *name;
	bool (*is)(const json_t *json);
	const char *expected;
} members[] = {
	{ "schema", is_string, "a string" },   { "taken", is_string, "a string" },
	{ "agent", is_string, "a string" },    { "redacted", is_boolean, "true or false" },
	{ "note", is_string, "a string" },     { "answers", is_object, "an object" },
	{ "imported", is_string, "a string" }, { "facts", is_object, "an object" },
};

static int check_member(const char *name, const char *member, const json_t *value,
                        struct error *err)
{
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		if (strcmp(member, members[i].name) != 0)
			continue;
		if (members[i].is(value))
			return 0;
		return error_set(err, ERROR_BAD_INPUT, 0, "%s: %s: expected %s", name, member,
		                 members[i].expected);
	}
	char quoted[40];
	snprintf(quoted, sizeof quoted, "%.32s", member);
	utf8_sanitize(quoted, strlen(quoted));
	return error_set(err, ERROR_BAD_INPUT, 0, "%s: \"%s\": a snapshot has no such member", name,
	                 quoted);
}

json_t *snapshot_parse(const char *name, const char *json, size_t length, struct error *err)
{
	json_t *root = parse_text(name, json, length, err);
	if (root == NULL)
		return NULL;
	int failed = check_schema(name, root, err);
	const char *member;
	json_t *value;
	json_object_foreach(root, member, value)
	{
		if (failed == 0)
			failed = check_member(name, member, value, err);
	}
	if (failed == 0 && json_object_get(root, "answers") == NULL)
		failed = error_set(err, ERROR_BAD_INPUT, 0,
		                   "%s: answers: expected an object, found none", name);
	if (failed == 0)
		return root;
	json_decref(root);
	return NULL;
}

/* Every answer is read once here and thrown away, so that `ask` can rely on all of them. */
static int check_answer(const char *key, const json_t *json, struct error *err)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	enum question_kind kind;
	if (answer_from_json(json, &answer, err) != 0)
		return -1;
	/* A kind of question that only a later version asks is no harm. */
	if (!question_kind_of_key(key, &kind) || answer_fits(kind, &answer))
		return 0;
	return error_set(err, ERROR_BAD_INPUT, 0,
	                 "the answer lacks what its question asks for (text, or all its numbers)");
}

static int check_answers(const char *name, const json_t *answers, struct error *err)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)answers, key, value)
	{
		if (check_answer(key, value, err) == 0)
			continue;
		char quoted[104];
		snprintf(quoted, sizeof quoted, "%.100s", key);
		utf8_sanitize(quoted, strlen(quoted));
		return error_wrap(err, "%s: answers: \"%s\"", name, quoted);
	}
	return 0;
}

static void miss(struct snapshot *snapshot, const char *key)
{
	pthread_mutex_lock(&snapshot->lock);
	if (snapshot->missed++ == 0)
		snapshot->first_missed = strdup(key);
	pthread_mutex_unlock(&snapshot->lock);
}

static void snapshot_ask(struct machine *machine, const struct question *question,
                         struct answer *answer)
{
	struct snapshot *snapshot = (struct snapshot *)machine;
	char key[QUESTION_KEY_MAX];
	question_key(question, key, sizeof key);
	const json_t *json = json_object_get(snapshot->answers, key);
	if (json == NULL) {
		miss(snapshot, key);
		answer_set_status(answer, STATUS_SKIPPED, "not recorded");
		return;
	}
	if (answer_from_json(json, answer, NULL) != 0)
		answer_set_status(answer, STATUS_FAILED, "out of memory");
}

static void snapshot_close(struct machine *machine)
{
	struct snapshot *snapshot = (struct snapshot *)machine;
	json_decref(snapshot->root);
	pthread_mutex_destroy(&snapshot->lock);
	free(snapshot->first_missed);
	free(snapshot);
}

static const struct machine_ops snapshot_ops = { .ask = snapshot_ask, .close = snapshot_close };

struct machine *machine_snapshot_open(const char *name, const char *json, size_t length,
                                      struct error *err)
{
	json_t *root = snapshot_parse(name, json, length, err);
	if (root == NULL)
		return NULL;
	const json_t *answers = json_object_get(root, "answers");
	struct snapshot *snapshot = NULL;
	if (check_answers(name, answers, err) == 0) {
		snapshot = calloc(1, sizeof *snapshot);
		if (snapshot == NULL)
			error_set(err, ERROR_INTERNAL, 0, "%s: out of memory", name);
	}
	if (snapshot == NULL) {
		json_decref(root);
		return NULL;
	}
	snapshot->machine.ops = &snapshot_ops;
	snapshot->root = root;
	snapshot->answers = answers;
	pthread_mutex_init(&snapshot->lock, NULL);
	return &snapshot->machine;
}

size_t machine_snapshot_missed(struct machine *machine, const char **first_key)
{
	struct snapshot *snapshot = (struct snapshot *)machine;
	pthread_mutex_lock(&snapshot->lock);
	size_t missed = snapshot->missed;
	if (first_key != NULL)
		*first_key = snapshot->first_missed;
	pthread_mutex_unlock(&snapshot->lock);
	return missed;
}
