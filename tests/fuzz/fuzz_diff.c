/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two files, each a line of JSON, that call themselves reports: they are refused with a message,
 * or have a difference that can be printed; none when they are the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void compare(const json_t *before, const json_t *after)
{
	cleanup_text struct text out = TEXT_INIT;
	const struct page page = { .out = &out, .columns = 80 };
	const struct diff_side sides[2] = { { "before", before }, { "after", after } };
	struct error err = ERROR_INIT;
	json_t *diff = diff_reports(&sides[0], &sides[1], &err);
	if (diff == NULL) {
		require(err.code == ERROR_BAD_INPUT && err.message[0] != '\0');
		return;
	}
	diff_text(&page, diff);
	require(out.length > 0);
	if (before == after)
		require(json_array_size(json_object_get(diff, "facts")) == 0);
	json_decref(diff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *newline = memchr(text, '\n', size);
	if (newline == NULL)
		return 0;
	size_t length = (size_t)(newline - text);
	json_t *before = json_loadb(text, length, 0, NULL);
	json_t *after = json_loadb(newline + 1, size - length - 1, 0, NULL);
	if (before != NULL && after != NULL)
		compare(before, after);
	if (before != NULL)
		compare(before, before);
	json_decref(before);
	json_decref(after);
	return 0;
}
