/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A member of a JSON object, for who takes none, or one of another kind, for an empty one. */
#ifndef NESTREADY_BASE_JSON_AT_H
#define NESTREADY_BASE_JSON_AT_H

#include <jansson.h>
#include <stdint.h>

/* "" without; lives as long as the member. */
const char *json_at_text(const json_t *object, const char *key);

/* 0 without. */
double json_at_number(const json_t *object, const char *key);
int64_t json_at_integer(const json_t *object, const char *key);

#endif
