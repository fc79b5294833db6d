/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets are 160 random bits, so that one round of SHA-256 is enough to keep them by. */
#include "collector/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "collector/digest.h"
#include "collector/grow.h"

#define PREFIX       "nrt_"
#define ID_BYTES     6
#define SECRET_BYTES 20

const char *const scope_words = "enrol, read or admin";

static const struct {
	const char *word;
	unsigned may;
} scopes[] = {
	{ "enrol", SCOPE_ENROL },
	{ "read", SCOPE_READ },
	{ "admin", SCOPE_ADMIN | SCOPE_READ | SCOPE_ENROL },
};

unsigned scope_parse(const char *word)
{
	for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
		if (strcmp(scopes[i].word, word) == 0)
			return scopes[i].may;
	}
	return 0;
}

struct loading {
	struct keyring *keyring;
	size_t room;
	bool failed;
};

static int take_token(void *context, const struct store_token *row)
{
	struct loading *loading = context;
	struct keyring *keyring = loading->keyring;
	struct key *keys = grow(keyring->keys, keyring->count, &loading->room, sizeof *keys);
	loading->failed = keys == NULL;
	if (loading->failed)
		return -1;
	keyring->keys = keys;
	struct key *key = &keyring->keys[keyring->count++];
	*key = (struct key){
		.hash = strdup(row->hash),
		.lab = strdup(row->lab),
		.name = strdup(row->name),
		.may = scope_parse(row->scope),
		.revoked = row->revoked != 0,
	};
	snprintf(key->id, sizeof key->id, "%s", row->id);
	loading->failed = key->hash == NULL || key->lab == NULL || key->name == NULL;
	return loading->failed ? -1 : 0;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct key *)a)->id, ((const struct key *)b)->id);
}

int keyring_load(struct store *store, struct keyring *keyring, struct error *err)
{
	struct loading loading = { .keyring = keyring };
	*keyring = (struct keyring){ NULL, 0 };
	int status = store->type->tokens(store, take_token, &loading, err);
	if (status == 0 && loading.failed)
		status = error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (status != 0) {
		keyring_clear(keyring);
		return -1;
	}
	if (keyring->count > 0)
		qsort(keyring->keys, keyring->count, sizeof *keyring->keys, by_id);
	return 0;
}

void keyring_clear(struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->count; i++) {
		free(keyring->keys[i].hash);
		free(keyring->keys[i].lab);
		free(keyring->keys[i].name);
	}
	free(keyring->keys);
	*keyring = (struct keyring){ NULL, 0 };
}

const struct key *keyring_find(const struct keyring *keyring, const char *token)
{
	size_t prefix = strlen(PREFIX);
	if (keyring->count == 0 || strlen(token) != KEYRING_TOKEN_SIZE - 1 ||
	    strncmp(token, PREFIX, prefix) != 0)
		return NULL;
	struct key wanted = { .may = 0 };
	memcpy(wanted.id, token + prefix, sizeof wanted.id - 1);
	const struct key *key =
	        bsearch(&wanted, keyring->keys, keyring->count, sizeof *keyring->keys, by_id);
	if (key == NULL || key->revoked || strlen(key->hash) != DIGEST_HEX_SIZE - 1)
		return NULL;
	char hash[DIGEST_HEX_SIZE];
	digest_hex(token, strlen(token), DIGEST_SIZE, hash);
	return digest_equal(hash, key->hash, sizeof hash - 1) ? key : NULL;
}

static void write_hex(const unsigned char *bytes, size_t count, char *hex)
{
	for (size_t i = 0; i < count; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

void keyring_write(const char *id, const char *secret, char token[KEYRING_TOKEN_SIZE])
{
	snprintf(token, KEYRING_TOKEN_SIZE, PREFIX "%s_%s", id, secret);
}

int keyring_add(struct store *store, const struct store_token *like, const char *id,
                const char *secret, char token[KEYRING_TOKEN_SIZE], struct error *err)
{
	char hash[DIGEST_HEX_SIZE];
	keyring_write(id, secret, token);
	digest_hex(token, strlen(token), DIGEST_SIZE, hash);
	struct store_token made = *like;
	made.id = id;
	made.hash = hash;
	return store->type->token_add(store, &made, err);
}

int keyring_make(struct store *store, const struct store_token *like,
                 char token[KEYRING_TOKEN_SIZE], char id[KEYRING_ID_SIZE], struct error *err)
{
	unsigned char random[ID_BYTES + SECRET_BYTES];
	char secret[2 * SECRET_BYTES + 1];
	if (getrandom(random, sizeof random, 0) != sizeof random)
		return error_set(err, ERROR_INTERNAL, errno, "cannot draw a token");
	write_hex(random, ID_BYTES, id);
	write_hex(random + ID_BYTES, SECRET_BYTES, secret);
	return keyring_add(store, like, id, secret, token, err);
}
