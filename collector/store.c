/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of stores, and the way to one by its URL. */
#include "collector/store.h"

#include <string.h>

static const struct store_type *const types[] = { &store_sqlite };

int store_open(const char *url, enum store_mode mode, struct store **store, struct error *err)
{
	*store = NULL;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		size_t length = strlen(types[i]->scheme);
		if (strncmp(url, types[i]->scheme, length) == 0)
			return types[i]->open(url + length, mode, store, err);
	}
	return error_set(err, ERROR_USAGE, 0, "--store %.100s: expected %s", url,
	                 store_sqlite.help);
}

void store_close(struct store *store)
{
	if (store != NULL)
		store->type->close(store);
}
