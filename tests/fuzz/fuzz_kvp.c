/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In a pool that passed the check, every key is found, and key and value end inside it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/kvp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *pool = (const char *)data;
	struct error err = ERROR_INIT;
	if (kvp_check(pool, size, &err) != 0) {
		if (err.code != ERROR_BAD_INPUT || err.message[0] == '\0')
			abort();
		return 0;
	}
	for (size_t at = 0; at < size; at += KVP_RECORD_SIZE) {
		const char *value = kvp_find(pool, size, pool + at);
		if (value == NULL || value > pool + at + KVP_KEY_SIZE ||
		    strlen(value) >= KVP_VALUE_SIZE)
			abort();
	}
	if (kvp_find(pool, size, "") != NULL)
		abort();
	return 0;
}
