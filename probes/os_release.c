/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See os_release.h. */
#include "probes/os_release.h"

#include <stdbool.h>
#include <string.h>

#include "probes/lines.h"

#define IDS_MAX 16

/* os-release(5): an id is of 0-9, a-z, ".", "_" and "-". */
static const char id_characters[] = "0123456789abcdefghijklmnopqrstuvwxyz._-";

static bool has(const json_t *ids, const char *word, size_t length)
{
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const json_t *id = json_array_get(ids, i);
		if (json_string_length(id) == length &&
		    memcmp(json_string_value(id), word, length) == 0)
			return true;
	}
	return false;
}

/* Adds the words of a value, quoted or not.  0, or -1 on lack of memory. */
static int add_words(json_t *ids, const char *value, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t word = i;
		while (i < length && value[i] != '\0' && strchr(id_characters, value[i]) != NULL)
			i++;
		if (i == word) {
			i++;
			continue;
		}
		if (json_array_size(ids) < IDS_MAX && !has(ids, value + word, i - word) &&
		    json_array_append_new(ids, json_stringn(value + word, i - word)) != 0)
			return -1;
	}
	return 0;
}

static int add_key(json_t *ids, const char *text, const char *key)
{
	size_t size = strlen(key);
	struct line line;
	while (lines_next(&text, &line)) {
		if (line.length > size && memcmp(line.start, key, size) == 0 &&
		    add_words(ids, line.start + size, line.length - size) != 0)
			return -1;
	}
	return 0;
}

json_t *os_release_ids(const char *text)
{
	json_t *ids = json_array();
	if (ids == NULL || (add_key(ids, text, "ID=") == 0 && add_key(ids, text, "ID_LIKE=") == 0))
		return ids;
	json_decref(ids);
	return NULL;
}
