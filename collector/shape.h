/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a JSON value must look like, as a table made of a schema when building
 * (tools/shape-compile).  Everything from a network is held against one before
 * anything else looks at it.
 */
#ifndef NESTREADY_COLLECTOR_SHAPE_H
#define NESTREADY_COLLECTOR_SHAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum shape_type {
	SHAPE_NULL = 1,
	SHAPE_BOOLEAN = 2,
	SHAPE_INTEGER = 4,
	SHAPE_STRING = 8,
	SHAPE_ARRAY = 16,
	SHAPE_OBJECT = 32,
};

struct shape_member {
	const char *name; /* NULL ends a table */
	const struct shape *shape;
	bool required;
};

/* A member that needs another beside it. */
struct shape_pair {
	const char *name;
	const char *other;
};

/* A NULL says nothing about the value. */
struct shape {
	unsigned types;                     /* of enum shape_type */
	const char *const *words;           /* a string: one of these, NULL at the end */
	bool (*matches)(const char *word);  /* a string */
	const char *pattern;                /* a text that `matches` likes, for people */
	size_t length_max;                  /* of a string, in bytes; 0: any */
	bool not_negative;                  /* an integer */
	const struct shape *items;          /* of an array */
	const struct shape_member *members; /* of an object */
	const struct shape_pair *pairs;     /* of an object */
	const struct shape *names;          /* of an object: its keys */
	const struct shape *others;         /* of an object: members not in `members` */
	bool open; /* without `others`: such members may be anything, else there are none */
};

/* 0; or -1 and *err, ERROR_BAD_INPUT, which names the place and what was expected there. */
int shape_check(const struct shape *shape, const json_t *value, struct error *err);

/* schema/report.schema.json */
extern const struct shape *const shape_report;
/* schema/heartbeat.schema.json */
extern const struct shape *const shape_heartbeat;
/* schema/rubric.schema.json */
extern const struct shape *const shape_rubric;
/* schema/submission.schema.json */
extern const struct shape *const shape_submission;

#endif
