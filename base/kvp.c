/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a pool of key-value pairs that another program may be writing this very moment. */
#include "base/kvp.h"

#include <string.h>

int kvp_check(const char *pool, size_t length, struct error *err)
{
	size_t count = length / KVP_RECORD_SIZE;
	if (length % KVP_RECORD_SIZE != 0)
		return error_set(err, ERROR_BAD_INPUT, 0, "torn: %zu bytes after record %zu",
		                 length % KVP_RECORD_SIZE, count);
	for (size_t i = 0; i < count; i++) {
		const char *record = pool + i * KVP_RECORD_SIZE;
		if (record[0] == '\0')
			return error_set(err, ERROR_BAD_INPUT, 0, "record %zu has no key", i + 1);
		if (memchr(record, '\0', KVP_KEY_SIZE) == NULL)
			return error_set(err, ERROR_BAD_INPUT, 0,
			                 "the key of record %zu does not end", i + 1);
		if (memchr(record + KVP_KEY_SIZE, '\0', KVP_VALUE_SIZE) == NULL)
			return error_set(err, ERROR_BAD_INPUT, 0,
			                 "the value of record %zu does not end", i + 1);
	}
	return 0;
}

const char *kvp_find(const char *pool, size_t length, const char *key)
{
	for (const char *record = pool; record < pool + length; record += KVP_RECORD_SIZE)
		if (strcmp(record, key) == 0)
			return record + KVP_KEY_SIZE;
	return NULL;
}
