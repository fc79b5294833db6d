/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever the text, few ids come out of it, none empty, and each once. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/os_release.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1);
	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	json_t *ids = os_release_ids(text);
	if (json_array_size(ids) > 16)
		abort();
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		if (id[0] == '\0' || strstr(text, id) == NULL)
			abort();
		for (size_t k = 0; k < i; k++)
			if (strcmp(id, json_string_value(json_array_get(ids, k))) == 0)
				abort();
	}
	json_decref(ids);
	free(text);
	return 0;
}
