/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short code: some targets' verdicts and gaps in some twenty characters, to
 * be read off a console that cannot be copied from and typed in elsewhere.
 *
 * Letters and digits without I, L, O and U, five bits each (Crockford's
 * base 32, https://www.crockford.com/base32.html), in groups of four.  The bits:
 *
 *   4  version: 1
 *   5  number of targets, T
 *   5  number of gaps, G
 *   7  the gap's number in knowledge/gaps.json                        G times
 *   6  the target's number in its file                                T times:
 *   2  verdict: ready, degraded, not-ready, indeterminate
 *   2  basis: proven, flags, imported
 *   G  whether the target has the gap, the first gap first
 *      zeros up to the next multiple of five
 *  15  CRC-15/CAN over the characters' values before it
 *
 * The target that was asked for comes first, then those that every code tells of
 * (in_codes), and each target's gaps worst first.
 */
#ifndef NESTREADY_REPORT_CODE_H
#define NESTREADY_REPORT_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "report/report.h"

/* What a QR code begins with (format_code.c). */
#define CODE_QR_PREFIX "NESTREADY:"

#define CODE_TARGETS_MAX 31
#define CODE_GAPS_MAX    31

struct code_target {
	unsigned number;
	enum verdict verdict;
	enum basis basis;
	uint32_t gaps; /* bit n: it has gaps[n] of the code */
};

struct code {
	struct code_target targets[CODE_TARGETS_MAX];
	size_t target_count;
	unsigned gaps[CODE_GAPS_MAX];
	size_t gap_count;
};

/*
 * What the code of a report says.  A gap without a number is left out, and so
 * are the 32nd target and gap.  0, or -1 on lack of memory.
 */
int code_take(const struct report *report, struct code *code);

void code_write(const struct code *code, struct text *out);

/*
 * Reads what code_write wrote, in either case, with dashes and blanks wherever
 * they are, O for 0, and I or L for 1; or the whole text of a QR code.  Numbers
 * that are not known here pass.  0, or -1 when it is no code (ERROR_BAD_INPUT).
 */
int code_read(const char *string, struct code *code, struct error *err);

/* NULL when no target or gap of ours has that number. */
const struct target *code_find_target(unsigned number);
const struct gap *code_find_gap(unsigned number);

#endif
