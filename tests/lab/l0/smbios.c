/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMBIOS 2.4: DMTF DSP0134, 5.2.1 for the entry point and 7.1, 7.2, 7.3, 7.4,
 * 7.12 for the structures.  A structure is its formatted bytes and after them
 * its strings, which the bytes name by number.
 */
#include "tests/lab/l0/smbios.h"

#include <string.h>

#define ENTRY_POINT 0xf0000u /* Linux looks here, in steps of 16 bytes */
#define TABLES      0xf0100u
#define HANDLE_BASE 0x100u

#define VIRTUAL_MACHINE 0x10 /* BIOS characteristics extension byte 2 */
#define CHASSIS_OTHER   1
#define STATE_SAFE      3
#define WAKE_UP_POWER   6

struct tables {
	uint8_t *start, *end;
	uint16_t count, largest;
	uint8_t *structure;
	char *strings;
	uint8_t string_count;
};

/* Begins a structure of zeroes; returns its first byte. */
static uint8_t *begin(struct tables *tables, uint8_t type, uint8_t length)
{
	uint16_t handle = (uint16_t)(HANDLE_BASE + tables->count);
	tables->structure = tables->end;
	memset(tables->structure, 0, length);
	tables->structure[0] = type;
	tables->structure[1] = length;
	memcpy(tables->structure + 2, &handle, sizeof handle);
	tables->strings = (char *)tables->structure + length;
	tables->string_count = 0;
	return tables->structure;
}

/* The number of a string that now is in the structure; 0, "not specified", for NULL. */
static uint8_t string(struct tables *tables, const char *text)
{
	if (text == NULL)
		return 0;
	size_t size = strlen(text) + 1;
	memcpy(tables->strings, text, size);
	tables->strings += size;
	return ++tables->string_count;
}

/* The strings end with an empty one; none at all are two empty ones. */
static void end(struct tables *tables)
{
	if (tables->string_count == 0)
		*tables->strings++ = '\0';
	*tables->strings++ = '\0';
	tables->end = (uint8_t *)tables->strings;
	uint16_t size = (uint16_t)(tables->end - tables->structure);
	if (size > tables->largest)
		tables->largest = size;
	tables->count++;
}

static void write_firmware(struct tables *tables, const struct identity_strings *strings)
{
	uint8_t *structure = begin(tables, 0, 0x18);
	structure[4] = string(tables, strings->bios_vendor);
	structure[5] = string(tables, strings->bios_version);
	structure[8] = string(tables, strings->bios_date);
	structure[0x13] = VIRTUAL_MACHINE;
	end(tables);
}

static void write_system(struct tables *tables, const struct identity_strings *strings)
{
	static const uint8_t uuid[16] = { 0x4e, 0x65, 0x73, 0x74, 0x72, 0x65, 0x41, 0x64,
		                          0x80, 0x6c, 0x61, 0x62, 0x20, 0x4c, 0x31, 0x00 };
	uint8_t *structure = begin(tables, 1, 0x1b);
	structure[4] = string(tables, strings->system_vendor);
	structure[5] = string(tables, strings->product);
	structure[6] = string(tables, strings->product_version);
	memcpy(structure + 8, uuid, sizeof uuid);
	structure[0x18] = WAKE_UP_POWER;
	end(tables);
}

static void write_board(struct tables *tables, const struct identity_strings *strings)
{
	if (strings->board == NULL)
		return;
	uint8_t *structure = begin(tables, 2, 8);
	structure[4] = string(tables, strings->board_vendor);
	structure[5] = string(tables, strings->board);
	end(tables);
}

static void write_chassis(struct tables *tables, const struct identity_strings *strings)
{
	uint8_t *structure = begin(tables, 3, 0xd);
	structure[4] = string(tables, strings->chassis_vendor);
	structure[5] = CHASSIS_OTHER;
	memset(structure + 9, STATE_SAFE, 4);
	end(tables);
}

static void write_notes(struct tables *tables, const struct identity_strings *strings)
{
	if (strings->notes[0] == NULL)
		return;
	uint8_t *structure = begin(tables, 11, 5);
	for (size_t i = 0; i < IDENTITY_NOTES; i++)
		structure[4] = string(tables, strings->notes[i]);
	end(tables);
}

/* Makes the sum of the bytes 0. */
static void set_checksum(uint8_t *bytes, size_t length, size_t at)
{
	uint8_t sum = 0;
	bytes[at] = 0;
	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[at] = (uint8_t)-sum;
}

static void write_entry_point(uint8_t *entry, const struct tables *tables)
{
	const uint32_t address = TABLES;
	uint16_t length = (uint16_t)(tables->end - tables->start);
	memcpy(entry, "_SM_", 4);
	entry[5] = 0x1f; /* its length */
	entry[6] = 2;    /* version 2.4 */
	entry[7] = 4;
	memcpy(entry + 8, &tables->largest, sizeof tables->largest);
	memcpy(entry + 0x10, "_DMI_", 5);
	memcpy(entry + 0x16, &length, sizeof length);
	memcpy(entry + 0x18, &address, sizeof address);
	memcpy(entry + 0x1c, &tables->count, sizeof tables->count);
	entry[0x1e] = 0x24;
	set_checksum(entry + 0x10, 0xf, 5);
	set_checksum(entry, 0x1f, 4);
}

void smbios_write(uint8_t *memory, const struct identity_strings *strings)
{
	struct tables tables = { .start = memory + TABLES, .end = memory + TABLES };
	write_firmware(&tables, strings);
	write_system(&tables, strings);
	write_board(&tables, strings);
	write_chassis(&tables, strings);
	write_notes(&tables, strings);
	begin(&tables, 127, 4);
	end(&tables);
	write_entry_point(memory + ENTRY_POINT, &tables);
}
