/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of a recorded answer, shared by who records and who replays.
 *
 *   { "schema": "nestready.snapshot/1", "taken": RFC 3339, "agent": VERSION,
 *     "redacted": true, "note": "...", "answers": { KEY: ANSWER, ... },
 *     "imported": FORMAT, "facts": { KEY: FACT, ... } }
 *
 *   ANSWER  { "status": WORD (left out when observed), "errno": NUMBER, "why": "...",
 *             "numbers": ["0x..."], and one of
 *             "text": "one line", "lines": ["...", ...] (joined by newlines),
 *             "base64": "..." (bytes that are no UTF-8), "truncated": true }
 *   FACT    as in a report: what a program that is no agent concluded about the machine; who
 *           judges takes it where the probes found nothing
 */
#ifndef NESTREADY_MACHINE_SNAPSHOT_H
#define NESTREADY_MACHINE_SNAPSHOT_H

#include <jansson.h>

#include "machine/machine.h"

#define SNAPSHOT_SCHEMA "nestready.snapshot/1"

/* What a reader accepts: a snapshot comes from a stranger.  Ours are below 1 MiB and nest 4 deep.
 */
#define SNAPSHOT_LIMIT ((size_t)64 << 20)
#define SNAPSHOT_DEPTH 32

/* A new reference, or NULL on lack of memory. */
json_t *answer_to_json(const struct answer *answer);

/* Strict: an unknown member, a wrong type or a number out of range is an error.  0 or -1. */
int answer_from_json(const json_t *json, struct answer *answer, struct error *err);

/*
 * Parses snapshot text and checks everything but the single answers: size,
 * depth, duplicate members, schema, types.  A new reference, or NULL and *err.
 */
json_t *snapshot_parse(const char *name, const char *json, size_t length, struct error *err);

#endif
