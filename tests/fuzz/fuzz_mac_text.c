/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text with a MAC address on a line of its own has one, whatever else it has. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/mac_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char line[] = "\nhwaddress 52:54:00:12:34:56\n";
	char *text = malloc(size + sizeof line);
	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	bool without = mac_text_names_one(text);
	strcpy(text + strlen(text), line);
	if (!mac_text_names_one(text))
		abort();
	(void)without;
	free(text);
	return 0;
}
