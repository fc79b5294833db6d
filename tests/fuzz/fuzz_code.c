/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read as a short code is written back as the same characters. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report/code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Characters that count: in the text of a QR code those between its prefix and the first blank. */
static size_t letters(const char *string)
{
	size_t prefix = strlen(CODE_QR_PREFIX);
	bool qr = strncasecmp(string, CODE_QR_PREFIX, prefix) == 0;
	size_t count = 0;
	for (string += qr ? prefix : 0; *string != '\0' && !(qr && *string == ' '); string++)
		count += *string != '-' && *string != ' ';
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct code code, again;
	struct error err = ERROR_INIT;
	cleanup_text struct text typed = TEXT_INIT;
	cleanup_text struct text canonical = TEXT_INIT;
	text_add_bytes(&typed, data, size);
	if (code_read(text_string(&typed), &code, &err) != 0) {
		if (err.code != ERROR_BAD_INPUT || err.message[0] == '\0')
			abort();
		return 0;
	}
	code_write(&code, &canonical);
	if (code_read(text_string(&canonical), &again, &err) != 0 ||
	    memcmp(&code, &again, sizeof code) != 0 ||
	    letters(text_string(&typed)) != letters(text_string(&canonical)))
		abort();
	return 0;
}
