/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maker of a CPU, and what its virtualization is called, from text of other programs. */
#ifndef NESTREADY_IMPORT_VENDOR_H
#define NESTREADY_IMPORT_VENDOR_H

#include <stdbool.h>
#include <stddef.h>

#include "import/reader.h"
#include "import/record.h"

/* The maker in CPUID's words when the span names one that is known; else `vendor` is untouched. */
void vendor_find(struct span span, char *vendor, size_t size);

/* Adds cpu.vendor, unless it is "". */
void vendor_facts(struct record *record, const char *vendor, const char *source);

/*
 * Adds whether VT-x or AMD-V is there: cpu.virtualization, and under its name
 * (cpu.vmx, cpu.svm) where the maker is known, or where neither is there.
 */
void vendor_extension(struct record *record, const char *vendor, bool there, const char *source);

#endif
