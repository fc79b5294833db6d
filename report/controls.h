/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of the bits in the registers that say what virtualization can do. */
#ifndef NESTREADY_REPORT_CONTROLS_H
#define NESTREADY_REPORT_CONTROLS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What the register behind a fact (msr.vmx-proc2, cpu.svm-features ...) offers:
 * the part of its value in which a set bit is something that may be used.
 * False when the fact is no such register.
 */
bool controls_offered(const char *key, uint64_t value, uint64_t *offered);

/* A list of the names of such bits, "bit 33" for those without one; NULL on lack of memory. */
json_t *controls_names(const char *key, uint64_t offered);

#endif
