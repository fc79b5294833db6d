/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines that the worker writes and the supervisor reads: one JSON object a
 * line, strict and bounded, because the reader trusts nothing about the writer.
 *
 *   {"begin":PROBE,"deadline_ms":N}
 *   {"probe":PROBE,"fact":KEY,"status":WORD,"value":...,"source":"...",
 *    "why":"...","exceptions":[{"cpus":"2-3","status":WORD,"value":...,"why":"..."}]}
 *   {"asked":KEY,"answer":ANSWER}            only while capturing
 *   {"end":PROBE,"status":WORD,"why":"...","us":N}
 *   {"done":N}                               the last line: so many probes ended
 *
 * Members come in this order and without blanks; nothing else is read, which
 * makes the reader small and (measured) seven times as fast as one of any JSON.
 * An observed fact has a value and no why; any other has no value.  A probe
 * ends `observed`, or `skipped` or `failed` with a why.
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
#define WIRE_ID_MAX           31                 /* bytes of a probe's id */

enum wire_kind { WIRE_BEGIN, WIRE_FACT, WIRE_ASKED, WIRE_END, WIRE_DONE };

/* What the worker says on standard error for people who wait begins so, and is no accident. */
#define WIRE_PROGRESS "~ "

/* One line, decoded.  Strings point into `strings` and live as long as it. */
struct wire_line {
	enum wire_kind kind;
	char *strings;        /* owned */
	const char *probe;    /* BEGIN, FACT, END */
	uint32_t deadline_ms; /* BEGIN; at least 1 */
	struct fact fact;     /* FACT; its value and exceptions are owned */
	const char *key;      /* ASKED */
	json_t *answer;       /* ASKED; owned */
	enum status status;   /* END */
	const char *why;      /* END; NULL when observed */
	uint64_t duration_us; /* END */
	uint64_t count;       /* DONE */
};

/*
 * Each appends one whole line to `out`.  Bytes that are no UTF-8 and control
 * characters become '?', except in what was asked, which is carried unchanged,
 * or not at all when its key is no UTF-8.
 */
void wire_begin(struct text *out, const char *probe, uint32_t deadline_ms);
void wire_fact(struct text *out, const char *probe, const struct fact *fact);
void wire_asked(struct text *out, const char *key, json_t *answer);
void wire_end(struct text *out, const char *probe, enum status status, const char *why,
              uint64_t duration_us);
void wire_done(struct text *out, uint64_t count);

/* True for what a probe may be called: 1 to WIRE_ID_MAX of a-z, 0-9 and '-'. */
bool wire_is_id(const char *text);

/*
 * Decodes one line without its newline.  0, or -1 and *err says where the line
 * is not as it should be.  Strings hold no control characters but tabs, and
 * fact values are the kinds that report/fact.h names.
 */
int wire_decode(const char *line, size_t length, struct wire_line *decoded, struct error *err);
void wire_line_clear(struct wire_line *line);

#endif
