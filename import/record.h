/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot in the making: what a parser has found so far. */
#ifndef NESTREADY_IMPORT_RECORD_H
#define NESTREADY_IMPORT_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "report/fact.h"

#define RECORD_CPUS 8192 /* the most an x86-64 kernel can be built for */

struct record {
	struct fact_sink sink; /* where the fact_* functions put facts */
	const char *name;      /* of the input, for messages */
	json_t *answers;
	json_t *facts;
	struct text note;       /* for people, one line; "" when there is nothing to say */
	bool cpus[RECORD_CPUS]; /* that have registers */
	bool out_of_memory;     /* sticky */
};

/* 0, or -1 on lack of memory.  Clear in either case. */
int record_open(struct record *record, const char *name, struct error *err);
void record_clear(struct record *record);

/*
 * Each adds a register.  1: it is there already and differs; 0 otherwise.
 * A register that is listed twice with the same value is added once.
 */
int record_cpuid(struct record *record, uint32_t cpu, uint32_t leaf, uint32_t subleaf,
                 const uint32_t registers[4]);
int record_msr(struct record *record, uint32_t cpu, uint32_t index, uint64_t value);

/* A register that could not be read; says nothing when it is there already. */
void record_msr_failed(struct record *record, uint32_t cpu, uint32_t index, const char *why);

/* Answers which CPUs are online with those that have registers, when there are any. */
void record_online(struct record *record);

#endif
