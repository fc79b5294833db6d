/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines that the worker writes and the supervisor reads: one JSON object a
 * line, strict and bounded, because the reader trusts nothing about the writer.
 *
 *   {"begin": PROBE, "deadline_ms": N}
 *   {"probe": PROBE, "fact": KEY, "status": WORD, "value": ..., "source": "...",
 *    "why": "...", "exceptions": [...]}
 *   {"asked": KEY, "answer": ANSWER}          only while capturing
 *   {"end": PROBE, "status": WORD, "us": N}   "observed", or "skipped" with "why"
 */
#ifndef NESTREADY_REPORT_WIRE_H
#define NESTREADY_REPORT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "report/fact.h"

#define WIRE_LINE_MAX         ((size_t)64 << 10) /* bytes, newline included */
#define WIRE_CAPTURE_LINE_MAX ((size_t)32 << 20) /* while capturing: whole files travel */
#define WIRE_FACTS_MAX        4096               /* facts of one probe */

enum wire_kind { WIRE_BEGIN, WIRE_FACT, WIRE_ASKED, WIRE_END };

/* One line, decoded.  Strings point into `json` and live as long as it. */
struct wire_line {
	enum wire_kind kind;
	json_t *json;         /* owned */
	const char *probe;    /* BEGIN, FACT, END */
	uint32_t deadline_ms; /* BEGIN */
	struct fact fact;     /* FACT */
	const char *key;      /* ASKED */
	json_t *answer;       /* ASKED; borrowed */
	enum status status;   /* END */
	const char *why;      /* END; may be NULL */
	uint64_t duration_us; /* END */
};

/* Each appends one whole line to `out`. */
void wire_begin(struct text *out, const char *probe, uint32_t deadline_ms);
void wire_fact(struct text *out, const char *probe, const struct fact *fact);
void wire_asked(struct text *out, const char *key, json_t *answer);
void wire_end(struct text *out, const char *probe, enum status status, const char *why,
              uint64_t duration_us);

/* Decodes one line without its newline.  0, or -1 and *err says what was expected. */
int wire_decode(const char *line, size_t length, struct wire_line *decoded, struct error *err);
void wire_line_clear(struct wire_line *line);

#endif
