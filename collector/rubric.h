/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a lab is graded by: schema/rubric.schema.json, and beyond it that what
 * it names is known: targets, findings, platforms.  Pure.
 */
#ifndef NESTREADY_COLLECTOR_RUBRIC_H
#define NESTREADY_COLLECTOR_RUBRIC_H

#include <jansson.h>

#include "base/error.h"

#define RUBRIC_ITEMS_MAX  200
#define RUBRIC_POINTS_MAX 10000

/* A rubric that makes sense; NULL and *err, which names the place and what was expected there. */
json_t *rubric_read(const char *bytes, size_t length, struct error *err);

/* Members of an item, with what the rubric says for all of them.  "" or -1 where nobody says. */
const char *rubric_target(const json_t *rubric, const json_t *item);
const char *rubric_title(const json_t *item);
int64_t rubric_deadline(const json_t *rubric, const json_t *item); /* -1: none */
int64_t rubric_late_percent(const json_t *rubric, const json_t *item);

/* The item of an id, or NULL. */
const json_t *rubric_item(const json_t *rubric, const char *id);

#endif
