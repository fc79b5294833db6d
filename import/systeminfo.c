/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `systeminfo` of Windows, in English:
 *
 *   System Manufacturer:           VMware, Inc.
 *   Processor(s):                  2 Processor(s) Installed.
 *                                  [01]: Intel64 Family 6 Model 85 Stepping 4 GenuineIntel ~2295
 * Mhz Hyper-V Requirements:          VM Monitor Mode Extensions: Yes Virtualization Enabled In
 * Firmware: Yes
 *
 * Once a hypervisor runs, which is so in every VM and under Windows' own
 * Hyper-V, it shows none of these four, and then nothing is known of them.
 * Who owns the machine and how it is reached is passed over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/formats.h"
#include "import/reader.h"
#include "import/vendor.h"

#define SOURCE "systeminfo: "
#define BLOCK  "Hyper-V Requirements:"

struct systeminfo {
	struct record *record;
	struct reader reader;
	char vendor[16]; /* "" until it is known */
	int extension;   /* VM Monitor Mode Extensions: 0, 1, or -1 until it is known */
};

static void take_text(struct systeminfo *info, const char *key, struct span value,
                      const char *source)
{
	char text[128];
	span_copy(value, text, sizeof text);
	if (text[0] != '\0')
		fact_text(&info->record->sink, key, text, source);
}

/* "8,070 MB"; the separator of thousands is a matter of settings. */
static int take_memory(struct systeminfo *info, struct span value, struct error *err)
{
	char digits[16];
	size_t count = 0;
	const char *unit = span_find(value, "MB");
	for (const char *at = value.at; unit != NULL && at < unit; at++)
		if (*at >= '0' && *at <= '9' && count + 1 < sizeof digits)
			digits[count++] = *at;
	digits[count] = '\0';
	int64_t megabytes = strtoll(digits, NULL, 10);
	if (count == 0 || count > 9)
		return reader_error(&info->reader, info->record->name, "expected memory in MB",
		                    err);
	fact_int(&info->record->sink, "memory.total", megabytes << 20,
	         SOURCE "Total Physical Memory");
	return 0;
}

static int take_processors(struct systeminfo *info, struct span value, struct error *err)
{
	uint64_t count;
	if (!span_decimal(&value, &count) || count == 0 || count > RECORD_CPUS)
		return reader_error(&info->reader, info->record->name,
		                    "expected a number of processors", err);
	fact_int(&info->record->sink, "cpu.sockets", (int64_t)count, SOURCE "Processor(s)");
	return 0;
}

/* "[01]: Intel64 Family 6 Model 85 Stepping 4 GenuineIntel ~2295 Mhz": not translated anywhere. */
static bool is_processor(struct span line)
{
	span_blanks(&line);
	return span_word(&line, "[") && span_find(line, "]: ") != NULL &&
	       span_find(line, " Family ") != NULL && span_find(line, " Stepping ") != NULL &&
	       span_find(line, " ~") != NULL;
}

static int take_requirement(struct systeminfo *info, struct span line, struct error *err)
{
	static const struct {
		const char *label, *key, *source;
	} labels[] = {
		{ "VM Monitor Mode Extensions:", NULL, NULL },
		{ "Virtualization Enabled In Firmware:", "firmware.virtualization",
		  SOURCE "Virtualization Enabled In Firmware" },
		{ "Second Level Address Translation:", "slat.present",
		  SOURCE "Second Level Address Translation" },
		{ "Data Execution Prevention Available:", "cpu.nx",
		  SOURCE "Data Execution Prevention Available" },
	};
	struct fact_sink *sink = &info->record->sink;
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		struct span rest = line;
		if (!span_word(&rest, labels[i].label))
			continue;
		span_trim(&rest);
		bool yes = span_is(rest, "Yes");
		if (!yes && !span_is(rest, "No"))
			return reader_error(&info->reader, info->record->name, "expected Yes or No",
			                    err);
		if (labels[i].key == NULL)
			info->extension = yes;
		else
			fact_bool(sink, labels[i].key, yes, labels[i].source);
		fact_bool(sink, "cpu.hypervisor-bit", false, SOURCE BLOCK);
		return 0;
	}
	return 0;
}

/* The words with which the block hides. */
static void take_hidden(struct systeminfo *info)
{
	static const char *const keys[] = { "cpu.virtualization", "firmware.virtualization",
		                            "slat.present", "cpu.nx" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		fact_none(&info->record->sink, keys[i], STATUS_SKIPPED,
		          "systeminfo does not show it while a hypervisor runs", SOURCE BLOCK);
	fact_bool(&info->record->sink, "cpu.hypervisor-bit", true, SOURCE BLOCK);
}

static int take_line(struct systeminfo *info, struct error *err)
{
	static const struct {
		const char *label, *key, *source;
	} texts[] = {
		{ "OS Version:", "os.kernel", SOURCE "OS Version" },
		{ "System Manufacturer:", "dmi.sys-vendor", SOURCE "System Manufacturer" },
		{ "System Model:", "dmi.product-name", SOURCE "System Model" },
		{ "BIOS Version:", "dmi.bios-version", SOURCE "BIOS Version" },
	};
	struct span line = info->reader.line;
	span_blanks(&line);
	if (is_processor(line))
		vendor_find(line, info->vendor, sizeof info->vendor);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct span value = line;
		if (!span_word(&value, texts[i].label))
			continue;
		span_trim(&value);
		take_text(info, texts[i].key, value, texts[i].source);
		return 0;
	}
	if (span_word(&line, "Total Physical Memory:"))
		return take_memory(info, line, err);
	if (span_word(&line, "Processor(s):")) {
		span_blanks(&line);
		return take_processors(info, line, err);
	}
	if (span_word(&line, BLOCK))
		span_blanks(&line);
	if (span_find(line, "A hypervisor has been detected") != NULL)
		take_hidden(info);
	return take_requirement(info, line, err);
}

/* The block, or several of the other lines: each of these alone may be of some other program. */
static bool is_english(const char *text, size_t length)
{
	static const char *const labels[] = { "OS Name:",      "OS Version:",
		                              "System Model:", "System Manufacturer:",
		                              "System Type:",  "Total Physical Memory:" };
	struct reader reader;
	int found = 0;
	reader_open(&reader, text, length);
	while (reader_next(&reader)) {
		struct span line = reader.line;
		span_blanks(&line);
		for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
			found += span_word(&line, labels[i]);
		if (found >= 3 || span_word(&line, BLOCK) ||
		    span_word(&line, "VM Monitor Mode Extensions:"))
			return true;
	}
	return false;
}

static bool recognises(const char *text, size_t length)
{
	struct reader reader;
	reader_open(&reader, text, length);
	while (reader_next(&reader))
		if (is_processor(reader.line))
			return true;
	return is_english(text, length);
}

static int parse(struct record *record, const char *text, size_t length, struct error *err)
{
	struct systeminfo info = { .record = record, .extension = -1 };
	if (!is_english(text, length))
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%s: expected systeminfo in English, found another language; "
		                 "`coreinfo -v` is English everywhere",
		                 record->name);
	reader_open(&info.reader, text, length);
	while (reader_next(&info.reader))
		if (take_line(&info, err) != 0)
			return -1;
	vendor_facts(record, info.vendor, SOURCE "Processor(s)");
	if (info.extension >= 0)
		vendor_extension(record, info.vendor, info.extension == 1,
		                 SOURCE "VM Monitor Mode Extensions");
	return 0;
}

const struct import_format import_systeminfo = {
	.name = "systeminfo",
	.help = "`systeminfo` of Windows, in English",
	.recognises = recognises,
	.parse = parse,
};
