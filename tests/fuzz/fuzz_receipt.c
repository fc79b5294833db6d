/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a collector, or who stands in for one, tells a student is text and nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/submit.h"
#include "base/enrolment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A code that is taken is written as it was read, but for how it was typed. */
static void check_code(const char *text)
{
	struct enrolment enrolment;
	struct error err = ERROR_INIT;
	if (enrolment_read(text, &enrolment, &err) != 0) {
		if (err.code != ERROR_USAGE)
			abort();
		return;
	}
	if (!enrolment_is_lab(enrolment.lab) || strlen(enrolment.key) != 64)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_text struct text out = TEXT_INIT;
	json_t *json = json_loadb((const char *)data, size, 0, NULL);
	submit_head(json, &out);
	submit_receipt(json, &out);
	for (const char *at = text_string(&out); *at != '\0'; at++) {
		if (((unsigned char)*at < 0x20 && *at != '\n') || *at == 0x7f)
			abort();
	}
	json_decref(json);
	char *text = strndup((const char *)data, size);
	if (text != NULL)
		check_code(text);
	free(text);
	return 0;
}
