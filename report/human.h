/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts in the units that people use: 16 GiB, 1.9 us, yes. */
#ifndef NESTREADY_REPORT_HUMAN_H
#define NESTREADY_REPORT_HUMAN_H

#include "base/text.h"
#include "report/fact.h"
#include "report/knowledge.h"

/* "16 GiB", "1.9 GiB", "512 B": three digits, powers of 1024. */
void human_bytes(uint64_t bytes, struct text *out);

/* "38 ns", "1.9 us", "2.1 ms", "3.0 s". */
void human_nanoseconds(uint64_t nanoseconds, struct text *out);

/* What a fact says, without its key: "yes", "0x5", "16 GiB", "absent", "denied (why)". */
void human_value(const struct fact *fact, struct text *out);

/* A fact in a few words: "kvm.device absent", "cpu.vmx no on CPUs 2-3, else yes". */
void human_fact(const struct fact *fact, struct text *out);

/* How a pair does: "works, unsupported; with vmxnet3 (uncertain)". */
void human_support(const struct matrix_entry *entry, struct text *out);

#endif
