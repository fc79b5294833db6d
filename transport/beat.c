/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See beat.h. */
#include "transport/beat.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

#include "transport/said.h"

bool beat_is(const struct text *entry)
{
	static const char head[] = "{\"schema\":\"" HEARTBEAT_SCHEMA "\"";
	return strncmp(text_string(entry), head, sizeof head - 1) == 0;
}

size_t beat_length(const struct text *entry)
{
	const char *end = memchr(text_string(entry), '\n', entry->length);
	return end == NULL ? entry->length : (size_t)(end - text_string(entry));
}

const char *beat_report(const struct text *entry)
{
	size_t length = beat_length(entry);
	return length + 1 < entry->length ? text_string(entry) + length + 1 : NULL;
}

void beat_replaced(const struct spool *spool, const char *destination, const struct text *entry)
{
	struct said said;
	json_t *json = json_loadb(text_string(entry), beat_length(entry), 0, NULL);
	const char *target = json_string_value(json_object_get(json, "target"));
	const char *digest = json_string_value(json_object_get(json, "digest"));
	const char *id = json_string_value(json_object_get(json, "id"));
	/* Ids grow with time: what was said after this one stays. */
	if (target != NULL && digest != NULL && id != NULL && strlen(id) == sizeof said.full - 1 &&
	    said_read(spool, destination, target, &said) && strcmp(said.digest, digest) == 0 &&
	    strcmp(said.full, id) < 0) {
		memcpy(said.full, id, sizeof said.full);
		said.since = (int64_t)time(NULL);
		said_write(spool, destination, target, &said, NULL);
	}
	json_decref(json);
}
