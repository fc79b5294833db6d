/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of formats, and the way from bytes to a snapshot. */
#include "import/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "import/formats.h"
#include "machine/snapshot.h"

const struct import_format *const import_formats[] = {
	&import_cpuid_dump, &import_cpuid_raw,   &import_systeminfo,
	&import_coreinfo,   &import_esxcfg_info, NULL,
};

const struct import_fact import_facts[] = {
	{ "cpu.virtualization", "bool, VT-x or AMD-V is there, whichever the maker calls it" },
	{ "firmware.virtualization", "bool, the firmware left it switched on" },
	{ NULL, NULL },
};

/* What text may hold besides printable characters. */
static bool is_text(char c)
{
	return (unsigned char)c >= ' ' || strchr("\t\n\v\f\r", c) != NULL;
}

/* Half of what is ASCII in UTF-16, the end of DOS's files, half of a space that does not break. */
static bool is_nothing(const char *at, const char *end)
{
	return *at == '\0' || *at == '\x1a' || (*at == '\xc2' && at + 1 < end && at[1] == '\xa0');
}

/* Macs once ended lines so. */
static void end_lines(char *text)
{
	if (strchr(text, '\n') != NULL)
		return;
	while ((text = strchr(text, '\r')) != NULL)
		*text = '\n';
}

/*
 * Windows writes UTF-16 when a shell redirects, and some of its programs do by
 * themselves.  All that is looked for is ASCII, and UTF-16 without its NULs and
 * byte-order mark is just that; other characters become others, and harm nobody.
 * Pages of the web have spaces that do not break, where it was pasted from one.
 * A new string, or NULL: this is no text, or *err.
 */
static char *to_text(const char *bytes, size_t length, size_t *text_length, struct error *err)
{
	static const char *const marks[] = { "\xef\xbb\xbf", "\xff\xfe", "\xfe\xff" };
	char *text = malloc(length + 1);
	size_t count = 0;
	if (text == NULL) {
		error_set(err, ERROR_INTERNAL, 0, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < 3; i++) {
		size_t mark = strlen(marks[i]);
		if (length >= mark && memcmp(bytes, marks[i], mark) == 0) {
			bytes += mark;
			length -= mark;
			break;
		}
	}
	for (size_t i = 0; i < length; i++) {
		if (is_nothing(bytes + i, bytes + length))
			continue;
		if (!is_text(bytes[i])) {
			free(text);
			return NULL;
		}
		text[count++] = bytes[i] == '\xa0' ? ' ' : bytes[i];
	}
	text[count] = '\0';
	end_lines(text);
	*text_length = count;
	return text;
}

static const struct import_format *find_format(const char *text, size_t length)
{
	for (size_t i = 0; import_formats[i] != NULL; i++)
		if (import_formats[i]->recognises(text, length))
			return import_formats[i];
	return NULL;
}

static json_t *make_snapshot(struct record *record, const struct import_format *format,
                             struct error *err)
{
	json_t *root = json_object();
	int failed =
	        json_object_set_new_nocheck(root, "schema", json_string_nocheck(SNAPSHOT_SCHEMA));
	failed |= json_object_set_new_nocheck(root, "imported", json_string_nocheck(format->name));
	if (record->note.length > 0)
		failed |= json_object_set_new_nocheck(
		        root, "note", json_string_nocheck(text_string(&record->note)));
	if (json_object_size(record->facts) > 0)
		failed |= json_object_set_nocheck(root, "facts", record->facts);
	failed |= json_object_set_nocheck(root, "answers", record->answers);
	if (failed == 0 && !record->out_of_memory && !record->note.failed)
		return root;
	json_decref(root);
	error_set(err, ERROR_INTERNAL, 0, "%s: out of memory", record->name);
	return NULL;
}

static int unknown(const char *name, const char *found, struct error *err)
{
	cleanup_text struct text list = TEXT_INIT;
	for (size_t i = 0; import_formats[i] != NULL; i++)
		text_printf(&list, "%s%s", i == 0 ? "" : ", ", import_formats[i]->name);
	return error_set(err, ERROR_BAD_INPUT, 0,
	                 "%s: expected text of one of the formats %s; found %s", name,
	                 text_string(&list), found);
}

json_t *import_snapshot(const char *name, const char *bytes, size_t length, struct error *err)
{
	struct record record;
	json_t *root = NULL;
	size_t text_length = 0;
	if (length == 0) {
		unknown(name, "an empty file", err);
		return NULL;
	}
	cleanup_free char *text = to_text(bytes, length, &text_length, err);
	if (text == NULL) {
		unknown(name, "a file that is no text", err);
		return NULL;
	}
	const struct import_format *format = find_format(text, text_length);
	if (format == NULL) {
		unknown(name, "none of them", err);
		return NULL;
	}
	if (record_open(&record, name, err) == 0 &&
	    format->parse(&record, text, text_length, err) == 0)
		root = make_snapshot(&record, format, err);
	record_clear(&record);
	return root;
}
