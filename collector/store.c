/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of stores, and the way to one by its URL. */
#include "collector/store.h"

#include <string.h>

#include "config.h"

static const struct store_type *const types[] = {
	&store_sqlite,
#ifdef HAVE_POSTGRESQL
	&store_postgresql,
#endif
};

int store_open(const char *url, enum store_mode mode, struct store **store, struct error *err)
{
	*store = NULL;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		size_t length = strlen(types[i]->scheme);
		if (strncmp(url, types[i]->scheme, length) == 0)
			return types[i]->open(url + length, mode, store, err);
	}
	/* Not the URL: a password may be in it. */
	return error_set(err, ERROR_USAGE, 0, "--store: expected " STORE_FORMS);
}

void store_close(struct store *store)
{
	if (store != NULL)
		store->type->close(store);
}
