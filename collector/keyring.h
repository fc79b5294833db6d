/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens: who may do what.  A token is nrt_ID_SECRET; only a digest of it is
 * kept, so that who reads the store cannot use what is in it.
 */
#ifndef NESTREADY_COLLECTOR_KEYRING_H
#define NESTREADY_COLLECTOR_KEYRING_H

#include <stdbool.h>

#include "base/error.h"
#include "collector/store.h"

enum scope {
	SCOPE_NONE = 0,
	SCOPE_ENROL = 1, /* send reports, read nothing */
	SCOPE_READ = 2,
	SCOPE_ADMIN = 4, /* what all others may */
};

#define KEYRING_ID_SIZE    13
#define KEYRING_TOKEN_SIZE 58

struct key {
	char id[KEYRING_ID_SIZE];
	char *hash, *lab, *name; /* as struct store_token */
	unsigned may;            /* of enum scope */
	bool revoked;
};

/* The tokens of a store, in memory. */
struct keyring {
	struct key *keys; /* by id */
	size_t count;
};

/* Reads all tokens; `keyring` then is to be cleared. */
int keyring_load(struct store *store, struct keyring *keyring, struct error *err);
void keyring_clear(struct keyring *keyring);

/* The key that a token opens with; NULL when there is none or it was revoked. */
const struct key *keyring_find(const struct keyring *keyring, const char *token);

/*
 * Draws a token with this scope; `name` binds it to a guest, `lab` to a lab.  `token` is told once
 * and never again.
 */
int keyring_make(struct store *store, const struct store_token *like,
                 char token[KEYRING_TOKEN_SIZE], char id[KEYRING_ID_SIZE], struct error *err);

/* A token as it is told. */
void keyring_write(const char *id, const char *secret, char token[KEYRING_TOKEN_SIZE]);

/* The same with an id and a secret of the caller's, 12 and 40 hexadecimal digits. */
int keyring_add(struct store *store, const struct store_token *like, const char *id,
                const char *secret, char token[KEYRING_TOKEN_SIZE], struct error *err);

/* 0 when there is no such scope. */
unsigned scope_parse(const char *word);

/* "enrol, read or admin" */
extern const char *const scope_words;

#endif
