/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Coreinfo of Sysinternals, all of it or with -v or -f:
 *
 *   Intel(R) Core(TM) i5-7200U CPU @ 2.50GHz
 *   Intel64 Family 6 Model 142 Stepping 9, GenuineIntel
 *   HYPERVISOR      -       Hypervisor is present
 *   VMX             *       Supports Intel hardware-assisted virtualization
 *   EPT             *       Supports Intel extended page tables (SLAT)
 *
 * Windows' own Hyper-V takes VMX and SVM away from the Windows above it, so
 * under a hypervisor a "-" there is no answer; Coreinfo says so itself.  It
 * tells nothing of the firmware's setting.
 */
#include <string.h>

#include "import/formats.h"
#include "import/reader.h"
#include "import/vendor.h"

#define SOURCE "Coreinfo: "

/* Rows whose "-" counts for nothing under a hypervisor are `hidden` by it. */
static const struct row {
	const char *name, *key, *source;
	bool hidden;
} rows[] = {
	{ "HYPERVISOR", "cpu.hypervisor-bit", SOURCE "HYPERVISOR", false },
	{ "VMX", "cpu.vmx", SOURCE "VMX", true },
	{ "SVM", "cpu.svm", SOURCE "SVM", true },
	{ "EPT", "slat.present", SOURCE "EPT", true },
	{ "NP", "slat.present", SOURCE "NP", true },
	{ "URG", "slat.unrestricted-guest", SOURCE "URG", true },
	{ "NX", "cpu.nx", SOURCE "NX", false },
	{ "X64", "cpu.long-mode", SOURCE "X64", false },
	{ "LAHF-SAHF", "cpu.lahf", SOURCE "LAHF-SAHF", false },
	{ "PREFETCHW", "cpu.prefetchw", SOURCE "PREFETCHW", false },
	{ "CX16", "cpu.cx16", SOURCE "CX16", false },
	{ "XSAVE", "cpu.xsave", SOURCE "XSAVE", false },
	{ "SSE4.2", "cpu.sse4.2", SOURCE "SSE4.2", false },
	{ "POPCNT", "cpu.popcnt", SOURCE "POPCNT", false },
	{ "PCID", "cpu.pcid", SOURCE "PCID", false },
	{ "X2APIC", "cpu.x2apic", SOURCE "X2APIC", false },
};

#define ROWS (sizeof rows / sizeof rows[0])

enum { HYPERVISOR, VMX, SVM, EPT, NP };

struct coreinfo {
	struct record *record;
	struct reader reader;
	signed char seen[ROWS]; /* 0 not yet, 1 "*", -1 "-" */
	struct span before;     /* the line before this one */
	char vendor[16];
	bool in_sockets;
	size_t sockets;
	size_t cpus;
};

/* "NAME  *  WORDS": the row, and which of the two it is; NULL when it is none that is wanted. */
static const struct row *read_row(struct span line, bool *yes)
{
	struct span name = { line.at, line.at };
	span_blanks(&line);
	name.at = line.at;
	while (line.at < line.end && strchr(" \t", *line.at) == NULL)
		line.at++;
	name.end = line.at;
	if (!span_blanks(&line))
		return NULL;
	*yes = span_word(&line, "*");
	if ((!*yes && !span_word(&line, "-")) || !span_blanks(&line))
		return NULL;
	for (size_t i = 0; i < ROWS; i++)
		if (span_is(name, rows[i].name))
			return &rows[i];
	return NULL;
}

/* "Intel64 Family 6 Model 142 Stepping 9, GenuineIntel": the name stands above it. */
static bool is_signature(struct span line)
{
	return span_find(line, " Family ") != NULL && span_find(line, " Stepping ") != NULL;
}

/* "**--  Socket 0" of the map "Logical Processor to Socket Map:". */
static void take_socket(struct coreinfo *coreinfo, struct span line)
{
	size_t cpus = 0;
	for (; line.at < line.end && (*line.at == '*' || *line.at == '-'); line.at++)
		cpus += *line.at == '*';
	coreinfo->in_sockets = cpus > 0 && span_blanks(&line) && span_word(&line, "Socket");
	if (!coreinfo->in_sockets)
		return;
	coreinfo->sockets++;
	coreinfo->cpus += cpus;
}

static int take_line(struct coreinfo *coreinfo, struct error *err)
{
	struct span line = coreinfo->reader.line;
	char name[80];
	bool yes;
	const struct row *row = read_row(line, &yes);
	if (row != NULL) {
		signed char *seen = &coreinfo->seen[row - rows];
		if (*seen != 0 && (*seen == 1) != yes)
			return reader_error(&coreinfo->reader, coreinfo->record->name,
			                    "expected what an earlier line said of this", err);
		*seen = yes ? 1 : -1;
	} else if (is_signature(line)) {
		vendor_find(line, coreinfo->vendor, sizeof coreinfo->vendor);
		span_trim(&coreinfo->before);
		span_copy(coreinfo->before, name, sizeof name);
		if (name[0] != '\0')
			fact_text(&coreinfo->record->sink, "cpu.name", name, SOURCE "heading");
	} else if (span_word(&line, "Logical Processor to Socket Map")) {
		coreinfo->in_sockets = true;
	} else if (coreinfo->in_sockets) {
		take_socket(coreinfo, line);
	}
	coreinfo->before = coreinfo->reader.line;
	return 0;
}

static void add_row(const struct coreinfo *coreinfo, size_t i)
{
	struct fact_sink *sink = &coreinfo->record->sink;
	bool hidden = rows[i].hidden && coreinfo->seen[HYPERVISOR] != -1;
	if (coreinfo->seen[i] == 0)
		return;
	if (coreinfo->seen[i] == 1 || !hidden)
		fact_bool(sink, rows[i].key, coreinfo->seen[i] == 1, rows[i].source);
	else
		fact_none(sink, rows[i].key, STATUS_SKIPPED,
		          "Coreinfo cannot tell while a hypervisor runs", rows[i].source);
}

/* EPT and NP say the same of two makers; the one that is there decides. */
static void add_slat(const struct coreinfo *coreinfo)
{
	struct fact_sink *sink = &coreinfo->record->sink;
	bool ept = coreinfo->seen[EPT] == 1;
	if (ept || coreinfo->seen[NP] == 1) {
		fact_bool(sink, "slat.present", true, SOURCE "EPT, NP");
		fact_text(sink, "slat.kind", ept ? "ept" : "npt", SOURCE "EPT, NP");
	}
}

static void add_facts(const struct coreinfo *coreinfo)
{
	struct record *record = coreinfo->record;
	bool vmx = coreinfo->seen[VMX] == 1;
	bool known = coreinfo->seen[VMX] != 0 || coreinfo->seen[SVM] != 0;
	bool there = vmx || coreinfo->seen[SVM] == 1;
	vendor_facts(record, coreinfo->vendor, SOURCE "heading");
	if (there || (known && coreinfo->seen[HYPERVISOR] == -1))
		vendor_extension(record, coreinfo->vendor, there, SOURCE "VMX, SVM");
	else if (known)
		fact_none(&record->sink, "cpu.virtualization", STATUS_SKIPPED,
		          "Coreinfo cannot tell while a hypervisor runs", SOURCE "VMX, SVM");
	for (size_t i = 0; i < ROWS; i++)
		add_row(coreinfo, i);
	add_slat(coreinfo);
	if (coreinfo->sockets == 0)
		return;
	fact_int(&record->sink, "cpu.count", (int64_t)coreinfo->cpus, SOURCE "Socket Map");
	fact_int(&record->sink, "cpu.sockets", (int64_t)coreinfo->sockets, SOURCE "Socket Map");
}

static bool recognises(const char *text, size_t length)
{
	struct reader reader;
	bool yes;
	reader_open(&reader, text, length);
	while (reader_next(&reader)) {
		const struct row *row = read_row(reader.line, &yes);
		if (row != NULL && row - rows <= NP)
			return true;
	}
	return false;
}

static int parse(struct record *record, const char *text, size_t length, struct error *err)
{
	struct coreinfo coreinfo = { .record = record, .before = { text, text } };
	reader_open(&coreinfo.reader, text, length);
	while (reader_next(&coreinfo.reader))
		if (take_line(&coreinfo, err) != 0)
			return -1;
	add_facts(&coreinfo);
	return 0;
}

const struct import_format import_coreinfo = {
	.name = "coreinfo",
	.help = "Coreinfo of Sysinternals, with -v or without",
	.recognises = recognises,
	.parse = parse,
};
