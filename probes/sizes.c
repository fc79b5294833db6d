/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading /proc/meminfo and /proc/partitions, strictly and line by line. */
#include "probes/sizes.h"

#include <string.h>

#include "probes/lines.h"

/* 2^53 bytes: what a JSON number still holds exactly, and more than any disk. */
#define KIB_LIMIT (UINT64_C(1) << 43)

static void skip_spaces(struct line *line)
{
	while (line->length > 0 && (*line->start == ' ' || *line->start == '\t')) {
		line->start++;
		line->length--;
	}
}

/* Takes spaces and a decimal below KIB_LIMIT off a line. */
static bool take_number(struct line *line, uint64_t *number)
{
	skip_spaces(line);
	size_t digits = 0;
	*number = 0;
	while (digits < line->length && line->start[digits] >= '0' && line->start[digits] <= '9') {
		*number = *number * 10 + (uint64_t)(line->start[digits++] - '0');
		if (*number >= KIB_LIMIT)
			return false;
	}
	line->start += digits;
	line->length -= digits;
	return digits > 0;
}

bool sizes_meminfo(const char *text, const char *name, uint64_t *bytes)
{
	struct line line;
	size_t length = strlen(name);
	uint64_t number;
	while (lines_next(&text, &line)) {
		if (line.length <= length || memcmp(line.start, name, length) != 0 ||
		    line.start[length] != ':')
			continue;
		line.start += length + 1;
		line.length -= length + 1;
		if (!take_number(&line, &number) || !line_is(&line, " kB"))
			return false;
		*bytes = number * 1024;
		return true;
	}
	return false;
}

/* A name of one of these kinds: the word, then a number. */
static bool is_no_disk(const struct line *name)
{
	static const char *const kinds[] = { "loop", "ram", "zram", "sr", "fd", "dm-", "md" };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t length = strlen(kinds[i]);
		if (name->length > length && memcmp(name->start, kinds[i], length) == 0 &&
		    name->start[length] >= '0' && name->start[length] <= '9')
			return true;
	}
	return false;
}

bool sizes_largest_disk(const char *text, uint64_t *bytes)
{
	struct line line;
	*bytes = 0;
	/* The kernel heads the table with its first row: no disk, no text (show_partition_start).
	 */
	if (*text == '\0')
		return true;
	if (!lines_next(&text, &line) || !line_is(&line, "major minor  #blocks  name"))
		return false;
	while (lines_next(&text, &line)) {
		uint64_t major;
		uint64_t minor;
		uint64_t kib;
		if (line.length == 0)
			continue;
		if (!take_number(&line, &major) || !take_number(&line, &minor) ||
		    !take_number(&line, &kib))
			return false;
		skip_spaces(&line);
		if (line.length == 0)
			return false;
		if (!is_no_disk(&line) && kib * 1024 > *bytes)
			*bytes = kib * 1024;
	}
	return true;
}
