/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See documents.h. */
#include "collector/documents.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static int take_document(void *context, const struct store_document *row)
{
	struct document *document = context;
	document->body = json_loadb(row->body, row->length, JSON_DECODE_ANY, NULL);
	document->version = row->version;
	document->updated = row->updated;
	return 0;
}

int document_load(struct store *store, const char *kind, const char *key, struct document *document,
                  struct error *err)
{
	*document = (struct document){ .body = NULL };
	if (store->type->document(store, kind, key, take_document, document, err) != 0)
		return -1;
	if (document->version != 0 && document->body == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "%.60s %.100s: cannot be read", kind, key);
	return 0;
}

int documents_change(struct store *store, const struct document_change *changes, size_t count,
                     const struct store_audit *audit, int64_t now, bool *done, struct error *err)
{
	cleanup_free struct store_put *puts = calloc(count + 1, sizeof *puts);
	cleanup_free char **bodies = calloc(count + 1, sizeof *bodies);
	int status = 0;
	if (puts == NULL || bodies == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	for (size_t i = 0; i < count && status == 0; i++) {
		const struct document_change *change = &changes[i];
		if (change->body != NULL)
			bodies[i] = json_dumps(change->body, JSON_COMPACT | JSON_ENCODE_ANY);
		puts[i] =
		        (struct store_put){ change->kind, change->key, change->expected, bodies[i],
			                    bodies[i] == NULL ? 0 : strlen(bodies[i]) };
		if (change->body != NULL && bodies[i] == NULL)
			status = error_set(err, ERROR_INTERNAL, 0, "out of memory");
	}
	if (status == 0)
		status = store->type->documents_put(store, puts, count, audit, now, done, err);
	for (size_t i = 0; i < count; i++)
		free(bodies[i]);
	return status;
}

struct each {
	size_t prefix;
	document_take take;
	void *context;
	bool failed;
};

static int take_each(void *context, const struct store_document *row)
{
	struct each *each = context;
	json_t *body = json_loadb(row->body, row->length, JSON_DECODE_ANY, NULL);
	each->failed = body == NULL;
	int stop =
	        each->failed || each->take(each->context, row->key + each->prefix, body, row) != 0;
	json_decref(body);
	return stop;
}

int documents_each(struct store *store, const char *kind, const char *prefix, document_take take,
                   void *context, struct error *err)
{
	struct each each = { strlen(prefix), take, context, false };
	if (store->type->documents(store, kind, prefix, NULL, INT_MAX, take_each, &each, err) != 0)
		return -1;
	return each.failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}

int documents_each_of(struct store *store, const char *kind, const char *const *prefixes,
                      size_t count, document_take take, void *context, struct error *err)
{
	struct each each = { 0, take, context, false };
	if (store->type->documents_of(store, kind, prefixes, count, take_each, &each, err) != 0)
		return -1;
	return each.failed ? error_set(err, ERROR_INTERNAL, 0, "out of memory") : 0;
}
