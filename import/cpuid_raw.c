/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `cpuid -r`, of all CPUs or with -1 of one (https://etallen.com/cpuid.html):
 *
 *   CPU 0:
 *      0x00000000 0x00: eax=0x0000001c ebx=0x756e6547 ecx=0x6c65746e edx=0x49656e69
 */
#include "import/formats.h"
#include "import/reader.h"

struct leaf {
	uint32_t number, subleaf;
	uint32_t registers[4];
};

/* Whether the line begins like a leaf: with a number in hex, and another. */
static bool begins_leaf(struct span line, uint64_t *number, uint64_t *subleaf, struct span *rest)
{
	span_blanks(&line);
	if (!span_word(&line, "0x") || !span_hex(&line, 8, 8, number) || !span_blanks(&line) ||
	    !span_word(&line, "0x") || !span_hex(&line, 1, 8, subleaf))
		return false;
	*rest = line;
	return true;
}

static bool read_leaf(struct span line, struct leaf *leaf)
{
	static const char *const names[] = { "eax=0x", "ebx=0x", "ecx=0x", "edx=0x" };
	uint64_t number;
	uint64_t subleaf;
	struct span rest;
	if (!begins_leaf(line, &number, &subleaf, &rest) || !span_word(&rest, ":"))
		return false;
	leaf->number = (uint32_t)number;
	leaf->subleaf = (uint32_t)subleaf;
	for (int i = 0; i < 4; i++) {
		uint64_t value;
		if (!span_blanks(&rest) || !span_word(&rest, names[i]) ||
		    !span_hex(&rest, 8, 8, &value))
			return false;
		leaf->registers[i] = (uint32_t)value;
	}
	return rest.at == rest.end;
}

/* "CPU 12:", or "CPU:" of one that is not named. */
static bool begins_cpu(struct span line, uint64_t *cpu, bool *named)
{
	span_blanks(&line);
	if (!span_word(&line, "CPU"))
		return false;
	*cpu = 0;
	*named = span_blanks(&line) && span_decimal(&line, cpu);
	return span_word(&line, ":") && line.at == line.end;
}

static bool recognises(const char *text, size_t length)
{
	struct reader reader;
	uint64_t ignored;
	struct span rest;
	reader_open(&reader, text, length);
	while (reader_next(&reader))
		if (begins_leaf(reader.line, &ignored, &ignored, &rest) &&
		    (span_word(&rest, ":") || span_find(rest, "eax=") != NULL))
			return true;
	return false;
}

static int take_line(struct record *record, const struct reader *reader, uint32_t cpu,
                     struct error *err)
{
	struct span rest = reader->line;
	struct leaf leaf;
	span_blanks(&rest);
	if (!span_word(&rest, "0x"))
		return 0;
	if (!read_leaf(reader->line, &leaf))
		return reader_error(
		        reader, record->name,
		        "expected 0x01234567 0x00: eax=0x01234567 ebx=... ecx=... edx=...", err);
	if (record_cpuid(record, cpu, leaf.number, leaf.subleaf, leaf.registers) != 0)
		return reader_error(reader, record->name,
		                    "expected what an earlier line said of this leaf and CPU", err);
	return 0;
}

static int parse(struct record *record, const char *text, size_t length, struct error *err)
{
	struct reader reader;
	uint64_t cpu = 0;
	bool all = false; /* CPUs are named, so they are all there */
	int failed = 0;
	reader_open(&reader, text, length);
	while (failed == 0 && reader_next(&reader)) {
		bool named;
		uint64_t next;
		if (!begins_cpu(reader.line, &next, &named)) {
			failed = take_line(record, &reader, (uint32_t)cpu, err);
			continue;
		}
		cpu = next;
		all |= named;
		if (cpu >= RECORD_CPUS)
			failed = reader_error(&reader, record->name,
			                      "expected a CPU's number below 8192", err);
	}
	if (all)
		record_online(record);
	return failed;
}

const struct import_format import_cpuid_raw = {
	.name = "cpuid-raw",
	.help = "CPUID registers as `cpuid -r` prints them",
	.recognises = recognises,
	.parse = parse,
};
