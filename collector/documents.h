/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents of the store as values. */
#ifndef NESTREADY_COLLECTOR_DOCUMENTS_H
#define NESTREADY_COLLECTOR_DOCUMENTS_H

#include <jansson.h>

#include "collector/store.h"

struct document {
	json_t *body;             /* NULL: there is none */
	int64_t version, updated; /* 0 then */
};

/* *document->body is the caller's, also when this fails: NULL then. */
int document_load(struct store *store, const char *kind, const char *key, struct document *document,
                  struct error *err);

struct document_change {
	const char *kind, *key;
	int64_t expected; /* as in struct store_put */
	const json_t *body;
};

/* As documents_put of struct store_type; `audit` may be NULL. */
int documents_change(struct store *store, const struct document_change *changes, size_t count,
                     const struct store_audit *audit, int64_t now, bool *done, struct error *err);

/* All whose key begins with `prefix`, each with the key behind it; other than 0 ends it. */
typedef int (*document_take)(void *context, const char *rest, json_t *body,
                             const struct store_document *row);

int documents_each(struct store *store, const char *kind, const char *prefix, document_take take,
                   void *context, struct error *err);

/* The same of several prefixes, as documents_of of struct store_type; each with its whole key. */
int documents_each_of(struct store *store, const char *kind, const char *const *prefixes,
                      size_t count, document_take take, void *context, struct error *err);

#endif
