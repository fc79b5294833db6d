/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of `nestready submit` share. */
#ifndef NESTREADY_AGENT_SUBMIT_H
#define NESTREADY_AGENT_SUBMIT_H

#include <jansson.h>

#include "base/text.h"

#define SUBMISSION_SCHEMA "nestready.submission/1"

/* Which lab, which student, until when. */
void submit_head(const json_t *enrolled, struct text *out);

/*
 * Marks as a collector tells them to a student (GET /v1/labs/LAB/receipt): points, and of each item
 * that has not all of them why and what to do.
 */
void submit_receipt(const json_t *marks, struct text *out);

#endif
