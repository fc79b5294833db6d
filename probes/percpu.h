/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One fact from many CPUs: the value of most of them, and the rest as a list
 * of exceptions (report/fact.h).  Costs one group per different answer, not one
 * per CPU.
 */
#ifndef NESTREADY_PROBES_PERCPU_H
#define NESTREADY_PROBES_PERCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h"
#include "report/fact.h"

enum percpu_form { PERCPU_BOOL, PERCPU_INT, PERCPU_HEX };

/*
 * More different answers than this are no longer listed each: the CPUs that
 * gave them become one exception, `failed`.  Keeps a fact within WIRE_LINE_MAX
 * and the work linear whatever a recording claims.
 */
#define PERCPU_GROUPS 64

struct percpu_group;

struct percpu {
	const char *key;
	const char *source;
	enum percpu_form form;
	struct percpu_group *groups; /* in order of first appearance */
	size_t count;
	size_t capacity;
	bool out_of_memory;
};

/* Starts a fact.  Strings are borrowed until percpu_emit. */
void percpu_begin(struct percpu *fact, const char *key, enum percpu_form form, const char *source);

/*
 * What one CPU answered.  CPUs come in ascending order, each once.  `value`
 * counts only when observed, `why` (copied, at most 111 bytes) only when not;
 * it must not name the CPU, or no two CPUs would be alike.
 */
void percpu_add(struct percpu *fact, uint32_t cpu, enum status status, uint64_t value,
                const char *why);

/* Emits the fact, `skipped` when no CPU was added, and frees what it took. */
void percpu_emit(struct percpu *fact, struct fact_sink *sink);

/*
 * Why an answer has no value, without the name of the question in it: the text
 * of its errno where it has one.  `why` gets one line.
 */
void percpu_why(const struct answer *answer, char *why, size_t size);

#endif
