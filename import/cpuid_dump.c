/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register dumps of AIDA64 and its ancestors, as collected by InstLatx64:
 *
 *   ------[ CPUID Registers / Logical CPU #0 ]------
 *   CPUID 00000004: FC004121-02C0003F-0000003F-00000000 [SL 00] [L1D: 48 KB]
 *   ------[ MSR Registers / Logical CPU #0 ]------
 *   MSR 0000048B: 035F-3FFF-0000-0000
 *   MSR 00000049: < FAILED >
 *
 * Program versions differ in everything but these two kinds of lines: in how a
 * CPU's section begins ("CPU#000 AffMask: ...", "CPUID Registers (CPU #1):",
 * nothing at all), in spacing, in what is noted behind.  So whatever else
 * stands there is passed over, and what begins like a register must be one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/formats.h"
#include "import/reader.h"

#define SUBLEAVES_MAX 64 /* leaves of one CPU that are listed more than once without a number */

enum kind { OTHER, CPUID, MSR };

/* How often a leaf was listed without a subleaf, within one section. */
struct repeated {
	uint32_t leaf;
	uint32_t times;
};

struct dump {
	struct record *record;
	struct reader reader;
	uint32_t cpu;       /* whose section this is */
	uint32_t first_cpu; /* of the file */
	bool sections;      /* there was a line that begins one */
	uint32_t lowest;    /* number that "(CPU #1)" counts from */
	bool has_leaf_0;    /* this section listed it */
	size_t left_out;    /* lines whose subleaf cannot be told */
	struct repeated repeated[SUBLEAVES_MAX];
	size_t repeated_count;
};

static int refuse(struct dump *dump, const char *message, struct error *err)
{
	return reader_error(&dump->reader, dump->record->name, message, err);
}

/* Whether a word is a number, well written or not: "0000048B", "C001020G", but not "CPU". */
static bool is_number(struct span word)
{
	static const char digits[] = "0123456789";
	struct span all = word;
	uint64_t ignored;
	bool some = false;
	for (const char *at = word.at; at < word.end; at++)
		some |= strchr(digits, *at) != NULL;
	if (strchr(digits, *word.at) != NULL || span_hex(&all, 8, 8, &ignored))
		return true;
	return some && span_length(word) == 8 && span_hex(&word, 1, 16, &ignored);
}

/* What the line begins like, with what is behind the first word in `rest`. */
static enum kind kind_of(struct span line, struct span *rest)
{
	span_blanks(&line);
	enum kind kind = span_word(&line, "CPUID") ? CPUID : span_word(&line, "MSR") ? MSR : OTHER;
	if (kind == OTHER || !span_blanks(&line) || line.at == line.end)
		return OTHER;
	struct span word = { line.at, line.at };
	while (word.end < line.end && strchr(" \t:", *word.end) == NULL)
		word.end++;
	*rest = line;
	return span_length(word) > 0 && is_number(word) ? kind : OTHER;
}

/* The number in "... Logical CPU #12 ...", "CPU#012 AffMask ...", "... (CPU #12 Virtual):". */
static bool begins_section(struct span line, uint32_t lowest, uint64_t *cpu)
{
	const char *start = line.at;
	for (const char *at; (at = span_find(line, "CPU")) != NULL; line.at = at + 1) {
		struct span rest = { at + 3, line.end };
		bool counts_from_lowest = at > start && at[-1] == '(';
		span_blanks(&rest);
		if (!span_word(&rest, "#") || !span_decimal(&rest, cpu))
			continue;
		if (counts_from_lowest)
			*cpu -= lowest;
		return true;
	}
	return false;
}

static void begin_section(struct dump *dump, uint32_t cpu)
{
	dump->cpu = cpu;
	dump->repeated_count = 0;
	dump->has_leaf_0 = false;
}

/*
 * Leaves whose subleaves are bits of a map, so that those in between may be
 * missing: counting would give them wrong numbers.  Intel SDM volume 2A, CPUID;
 * AMD APM volume 3, appendix E (0x80000020).
 */
static bool is_sparse(uint32_t leaf)
{
	return leaf == 0xd || leaf == 0xf || leaf == 0x10 || leaf == 0x80000020;
}

/* Leaves that have no subleaves: the ones on which judgment rests. */
static bool is_single(uint32_t leaf)
{
	return leaf <= 1 || (leaf >= 0x80000000 && leaf <= 0x8000000a);
}

/* The subleaf of a line that does not name one; false when it cannot be told. */
static bool count_subleaf(struct dump *dump, uint32_t leaf, uint32_t *subleaf)
{
	*subleaf = 0;
	if (is_single(leaf))
		return true;
	for (size_t i = 0; i < dump->repeated_count; i++) {
		if (dump->repeated[i].leaf != leaf)
			continue;
		*subleaf = dump->repeated[i].times++;
		return !is_sparse(leaf);
	}
	if (dump->repeated_count == SUBLEAVES_MAX) /* forget the oldest */
		memmove(dump->repeated, dump->repeated + 1,
		        --dump->repeated_count * sizeof *dump->repeated);
	dump->repeated[dump->repeated_count++] = (struct repeated){ leaf, 1 };
	return true;
}

/* "[SL 0A]" among the notes.  1 when it is there, 0 when not, -1 when it is not well written. */
static int read_subleaf(struct span notes, uint32_t *subleaf)
{
	const char *at = span_find(notes, "[SL");
	uint64_t value;
	if (at == NULL)
		return 0;
	struct span rest = { at + 3, notes.end };
	if (!span_blanks(&rest) && !span_word(&rest, ":"))
		return 0; /* some other note */
	span_blanks(&rest);
	if (!span_hex(&rest, 1, 8, &value) || !span_word(&rest, "]"))
		return -1;
	*subleaf = (uint32_t)value;
	return 1;
}

/* The register's number, and what is between it and its value. */
static bool read_number(struct span *rest, uint32_t *number)
{
	uint64_t value;
	span_word(rest, "0x");
	if (!span_hex(rest, 8, 8, &value))
		return false;
	bool apart = span_blanks(rest);
	apart |= span_word(rest, ":");
	span_blanks(rest);
	*number = (uint32_t)value;
	return apart;
}

/* What is between two groups of digits: a hyphen, as a rule. */
static bool span_separator(struct span *rest)
{
	bool apart = span_blanks(rest);
	apart |= span_word(rest, "-");
	span_blanks(rest);
	return apart;
}

static bool at_notes(const struct span *rest)
{
	return rest->at == rest->end || strchr(" \t[", *rest->at) != NULL;
}

static int take_cpuid(struct dump *dump, struct span rest, struct error *err)
{
	uint32_t leaf;
	uint32_t subleaf;
	uint32_t registers[4];
	bool good = read_number(&rest, &leaf);
	for (int i = 0; good && i < 4; i++) {
		uint64_t value = 0;
		good = (i == 0 || span_separator(&rest)) && span_hex(&rest, 8, 8, &value);
		registers[i] = (uint32_t)value;
	}
	if (!good || !at_notes(&rest))
		return refuse(dump, "expected CPUID 0123ABCD: and four registers of 8 hex digits",
		              err);
	int named = read_subleaf(rest, &subleaf);
	if (named < 0)
		return refuse(dump, "expected a subleaf like [SL 0A]", err);
	if (leaf == 0 && dump->has_leaf_0 && !dump->sections) {
		if (dump->cpu + 1 == RECORD_CPUS)
			return refuse(dump, "expected no more than 8192 CPUs", err);
		begin_section(dump, dump->cpu + 1);
	}
	dump->has_leaf_0 |= leaf == 0;
	if (named == 0 && !count_subleaf(dump, leaf, &subleaf)) {
		dump->left_out++;
		return 0;
	}
	if (record_cpuid(dump->record, dump->cpu, leaf, subleaf, registers) != 0)
		return refuse(dump, "expected what an earlier line said of this leaf and CPU", err);
	return 0;
}

/* 64 bits in one, two or four groups. */
static bool read_value(struct span *rest, uint64_t *value)
{
	for (size_t groups = 1; groups <= 4; groups *= 2) {
		struct span at = *rest;
		uint64_t group = 0;
		bool good = true;
		*value = 0;
		for (size_t i = 0; good && i < groups; i++) {
			good = (i == 0 || span_separator(&at)) &&
			       span_hex(&at, 16 / groups, 16 / groups, &group);
			*value = groups == 1 ? group : *value << (64 / groups) | group;
		}
		if (good && at_notes(&at)) {
			*rest = at;
			return true;
		}
	}
	return false;
}

/* "< FAILED >" instead of a value: what is between the brackets. */
static bool read_failure(struct span rest, char *said, size_t size)
{
	const char *close = span_find(rest, ">");
	if (!span_word(&rest, "<") || close == NULL)
		return false;
	struct span word = { rest.at, close };
	struct span notes = { close + 1, rest.end };
	span_trim(&word);
	span_copy(word, said, size);
	return at_notes(&notes);
}

/*
 * Registers that stay what they are, and on which judgment rests: feature
 * control, the VMX capabilities, VM_CR.  Others are listed again because they
 * count, and the first reading is as good as any.
 */
static bool is_constant(uint32_t index)
{
	return index == 0x3a || (index >= 0x480 && index <= 0x493) || index == 0xc0010114;
}

static int take_msr(struct dump *dump, struct span rest, struct error *err)
{
	uint32_t index;
	uint64_t value;
	char said[41];
	char why[64];
	bool good = read_number(&rest, &index);
	if (good && read_failure(rest, said, sizeof said)) {
		snprintf(why, sizeof why, "the dump says: %s", said);
		record_msr_failed(dump->record, dump->cpu, index, why);
		return 0;
	}
	if (!good || !read_value(&rest, &value))
		return refuse(dump, "expected MSR 0123ABCD: and 16 hex digits, or < FAILED >", err);
	if (record_msr(dump->record, dump->cpu, index, value) != 0 && is_constant(index))
		return refuse(dump, "expected what an earlier line said of this register and CPU",
		              err);
	return 0;
}

/* A line that is no register: perhaps it says whose registers come next. */
static int take_other(struct dump *dump, struct error *err)
{
	uint64_t cpu;
	if (begins_section(dump->reader.line, dump->lowest, &cpu)) {
		if (cpu >= RECORD_CPUS)
			return refuse(dump, "expected a CPU's number below 8192", err);
		begin_section(dump, (uint32_t)cpu);
		if (!dump->sections)
			dump->first_cpu = dump->cpu;
		dump->sections = true;
	} else if (span_find(dump->reader.line, "[ MSR Registers ]") != NULL) {
		begin_section(dump, dump->first_cpu); /* they were read once */
	}
	return 0;
}

static bool recognises(const char *text, size_t length)
{
	struct reader reader;
	struct span rest;
	reader_open(&reader, text, length);
	while (reader_next(&reader))
		if (kind_of(reader.line, &rest) != OTHER)
			return true;
	return false;
}

static int parse(struct record *record, const char *text, size_t length, struct error *err)
{
	struct span whole = { text, text + length };
	struct dump dump = { .record = record };
	struct span rest;
	int failed = 0;
	dump.lowest = span_find(whole, "(CPU #0") == NULL;
	reader_open(&dump.reader, text, length);
	while (failed == 0 && reader_next(&dump.reader)) {
		switch (kind_of(dump.reader.line, &rest)) {
		case CPUID:
			failed = take_cpuid(&dump, rest, err);
			break;
		case MSR:
			failed = take_msr(&dump, rest, err);
			break;
		case OTHER:
			failed = take_other(&dump, err);
			break;
		}
	}
	if (dump.left_out > 0)
		text_printf(&record->note,
		            "%zu lines of CPUID left out: their subleaf is not named",
		            dump.left_out);
	record_online(record);
	return failed;
}

const struct import_format import_cpuid_dump = {
	.name = "cpuid-dump",
	.help = "CPUID and MSR registers, as AIDA64 dumps them",
	.recognises = recognises,
	.parse = parse,
};
