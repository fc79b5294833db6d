/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `esxcfg-info` of ESXi, all of it or what `grep "HV Support"` leaves:
 *
 *      |----Product Name...........................................PowerEdge R740
 *         |----HV Support............................................3
 *         |----World Command Line.................................grep HV Support
 */
#include <string.h>

#include "import/formats.h"
#include "import/reader.h"
#include "import/vendor.h"

#define SOURCE "esxcfg-info: "
#define HV     "HV Support"

struct esxcfg_info {
	struct record *record;
	struct reader reader;
	bool after_product; /* the line before was Product Name: PCI devices have a vendor too */
};

/* "|----NAME.....VALUE" */
static bool read_entry(struct span line, struct span *name, struct span *value)
{
	span_blanks(&line);
	if (!span_word(&line, "|----"))
		return false;
	*name = line;
	while (line.at < line.end && *line.at != '.')
		line.at++;
	name->end = line.at;
	while (line.at < line.end && *line.at == '.')
		line.at++;
	*value = line;
	span_trim(value);
	return name->end > name->at && value->at > name->end;
}

/*
 * 0: the hardware has none; 1: it may have, but VMware does not support it
 * there; 2: off in the firmware; 3: on.  VMware KB 1011712.
 */
static int take_support(struct esxcfg_info *info, struct span value, struct error *err)
{
	static const char source[] = SOURCE HV;
	struct record *record = info->record;
	uint64_t number;
	if (!span_decimal(&value, &number) || value.at != value.end || number > 3)
		return reader_error(&info->reader, record->name, "expected " HV " of 0 to 3", err);
	if (number == 1) {
		fact_none(&record->sink, "cpu.virtualization", STATUS_SKIPPED,
		          "ESXi does not support this hardware's, if it has any", source);
		return 0;
	}
	vendor_extension(record, "", number >= 2, source);
	if (number >= 2)
		fact_bool(&record->sink, "firmware.virtualization", number == 3, source);
	return 0;
}

static bool take_text(struct esxcfg_info *info, const char *key, const char *source,
                      struct span value)
{
	char text[128];
	span_copy(value, text, sizeof text);
	if (text[0] != '\0')
		fact_text(&info->record->sink, key, text, source);
	return true;
}

static int take_number(struct esxcfg_info *info, const char *key, const char *source,
                       struct span value, struct error *err)
{
	uint64_t number;
	if (!span_decimal(&value, &number) || number > INT64_MAX)
		return reader_error(&info->reader, info->record->name, "expected a number", err);
	fact_int(&info->record->sink, key, (int64_t)number, source);
	return 0;
}

static int take_line(struct esxcfg_info *info, struct error *err)
{
	static const struct {
		const char *name, *key, *source;
	} numbers[] = {
		{ "Num Packages", "cpu.sockets", SOURCE "Num Packages" },
		{ "Num Cores", "cpu.cores", SOURCE "Num Cores" },
		{ "Num Threads", "cpu.count", SOURCE "Num Threads" },
		{ "Physical Mem", "memory.total", SOURCE "Physical Mem" },
	};
	struct span name;
	struct span value;
	bool after_product = info->after_product;
	info->after_product = false;
	if (!read_entry(info->reader.line, &name, &value))
		return 0;
	if (span_is(name, HV))
		return take_support(info, value, err);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (span_is(name, numbers[i].name) &&
		    json_object_get(info->record->facts, numbers[i].key) == NULL)
			return take_number(info, numbers[i].key, numbers[i].source, value, err);
	if (span_is(name, "Product Name"))
		info->after_product =
		        take_text(info, "dmi.product-name", SOURCE "Product Name", value);
	else if (after_product && span_is(name, "Vendor Name"))
		take_text(info, "dmi.sys-vendor", SOURCE "Vendor Name", value);
	return 0;
}

static bool recognises(const char *text, size_t length)
{
	struct reader reader;
	struct span name;
	struct span value;
	reader_open(&reader, text, length);
	while (reader_next(&reader))
		if (read_entry(reader.line, &name, &value) && span_is(name, HV))
			return true;
	return false;
}

static int parse(struct record *record, const char *text, size_t length, struct error *err)
{
	struct esxcfg_info info = { .record = record };
	reader_open(&info.reader, text, length);
	while (reader_next(&info.reader))
		if (take_line(&info, err) != 0)
			return -1;
	return 0;
}

const struct import_format import_esxcfg_info = {
	.name = "esxcfg-info",
	.help = "`esxcfg-info` of ESXi, or its line HV Support",
	.recognises = recognises,
	.parse = parse,
};
