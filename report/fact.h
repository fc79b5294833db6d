/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fact: one thing known, or known not to be known, about this machine.
 *
 * A fact that is the same on every CPU is one value; CPUs that differ are a
 * list of exceptions, each with the CPUs in the kernel's list form ("2-3,5").
 */
#ifndef NESTREADY_REPORT_FACT_H
#define NESTREADY_REPORT_FACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/*
 * Values are JSON: true/false, integer, string, or a list of strings.
 * Registers, masks and addresses are strings of hex ("0x0000000000000005"):
 * JSON numbers lose 64-bit values.
 */
struct fact {
	const char *key;
	enum status status;
	json_t *value;      /* NULL unless observed */
	const char *source; /* where it was read: "CPUID.1:ECX[5]", "/proc/cpuinfo" */
	const char *why;    /* one line when there is no value; else NULL */
	json_t *exceptions; /* NULL, or a list of {"cpus", "status", "value"?, "why"?} */
};

/* Where probes put facts.  Whoever receives one copies what it keeps. */
struct fact_sink {
	void (*emit)(struct fact_sink *sink, const struct fact *fact);
};

/* Emit an observed fact.  Texts are copied; invalid UTF-8 becomes '?'. */
void fact_bool(struct fact_sink *sink, const char *key, bool value, const char *source);
void fact_int(struct fact_sink *sink, const char *key, int64_t value, const char *source);
void fact_hex(struct fact_sink *sink, const char *key, uint64_t value, const char *source);
void fact_text(struct fact_sink *sink, const char *key, const char *value, const char *source);

/* A list of strings.  Steals the reference to `list`; NULL makes the fact `failed`. */
void fact_list(struct fact_sink *sink, const char *key, json_t *list, const char *source);

/* Emit a fact without a value.  `status` is not `observed`. */
void fact_none(struct fact_sink *sink, const char *key, enum status status, const char *why,
               const char *source);

/* The JSON forms of a register and of a text; NULL on lack of memory. */
json_t *fact_hex_value(uint64_t value);
json_t *fact_text_value(const char *bytes, size_t length);

/* The form of every fact in a report and on the worker's wire. */
json_t *fact_to_json(const struct fact *fact);

/* Of a snapshot that `import` made: the format of what it was made of, text. */
#define FACT_IMPORTED "snapshot.imported"

/* A set of facts, owned copies, by key. */
struct fact_set;

struct fact_set *fact_set_new(void);
void fact_set_free(struct fact_set *set);

/* Copies a fact in.  A later fact of the same key takes the place of the earlier one.  0 or -1. */
int fact_set_add(struct fact_set *set, const struct fact *fact);

/* NULL when there is no such fact. */
const struct fact *fact_set_find(const struct fact_set *set, const char *key);

/* Facts in the order of their keys. */
size_t fact_set_count(const struct fact_set *set);
const struct fact *fact_set_at(const struct fact_set *set, size_t index);

#endif
