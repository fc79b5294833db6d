/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands on a store; each may run beside a collector that serves it. */
#include "collector/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/keyring.h"
#include "collector/server.h"
#include "collector/store.h"
#include "collector/words.h"

int command_serve(const struct options *options, struct error *err)
{
	return server_run(&options->settings, err);
}

static int token_add(struct store *store, const struct options *options, struct error *err)
{
	char token[KEYRING_TOKEN_SIZE], id[KEYRING_ID_SIZE];
	if (options->scope == NULL || scope_parse(options->scope) == 0)
		return error_set(err, ERROR_USAGE, 0, "--scope %.20s: expected %s",
		                 options->scope == NULL ? "is missing" : options->scope,
		                 scope_words);
	if (strlen(options->name) > INTAKE_NAME_MAX || strlen(options->lab) > INTAKE_NAME_MAX)
		return error_set(err, ERROR_USAGE, 0, "--guest, --lab: at most %d bytes",
		                 INTAKE_NAME_MAX);
	const struct store_token like = { .scope = options->scope,
		                          .lab = options->lab,
		                          .name = options->name,
		                          .note = options->note,
		                          .created = server_now() };
	if (keyring_make(store, &like, token, id, err) != 0)
		return -1;
	printf("%s\n", token);
	return 0;
}

/* Notes are somebody's words; a terminal gets no control character from here. */
static void print_word(const char *word)
{
	for (; *word != '\0'; word++)
		putchar((unsigned char)*word < 0x20 || *word == 0x7f ? '?' : *word);
}

static int print_token(void *context, const struct store_token *token)
{
	char created[WORD_TIME_SIZE];
	(void)context;
	word_time_write(token->created, created);
	printf("%s  %-5s  %s  %s", token->id, token->scope, created,
	       token->revoked == 0 ? "valid  " : "revoked");
	const char *const words[][2] = { { "guest", token->name },
		                         { "lab", token->lab },
		                         { "note", token->note } };
	for (size_t i = 0; i < 3; i++) {
		if (words[i][1][0] == '\0')
			continue;
		printf("  %s: ", words[i][0]);
		print_word(words[i][1]);
	}
	putchar('\n');
	return 0;
}

static int token_revoke(struct store *store, const char *id, struct error *err)
{
	bool found = false;
	if (id == NULL)
		return error_set(err, ERROR_USAGE, 0, "token revoke: expected the ID of a token");
	if (store->type->token_revoke(store, id, server_now(), &found, err) != 0)
		return -1;
	if (!found)
		return error_set(err, ERROR_NO_INPUT, 0,
		                 "%.40s: no such token that is valid: `nestready-collector token "
		                 "list`",
		                 id);
	return 0;
}

int command_token(const struct options *options, struct error *err)
{
	const char *what = options->operands[0] == NULL ? "" : options->operands[0];
	struct store *store;
	bool add = strcmp(what, "add") == 0, list = strcmp(what, "list") == 0;
	if (!add && !list && strcmp(what, "revoke") != 0)
		return error_set(err, ERROR_USAGE, 0,
		                 "token %.20s: expected add, list or revoke ID", what);
	if (store_open(options->settings.store, add ? STORE_WRITE : STORE_MAINTAIN, &store, err) !=
	    0)
		return -1;
	int status = add    ? token_add(store, options, err)
	             : list ? store->type->tokens(store, print_token, NULL, err)
	                    : token_revoke(store, options->operands[1], err);
	store_close(store);
	return status;
}

int command_prune(const struct options *options, struct error *err)
{
	struct store *store;
	int64_t removed = 0;
	if (options->days == 0)
		return error_set(err, ERROR_USAGE, 0, "prune: expected --older-than DAYS");
	if (store_open(options->settings.store, STORE_MAINTAIN, &store, err) != 0)
		return -1;
	int status = store->type->prune(store, server_now() - (int64_t)options->days * 86400000,
	                                &removed, err);
	store_close(store);
	if (status == 0)
		printf("%" PRId64 " reports removed; the newest of each guest stay\n", removed);
	return status;
}

int command_backup(const struct options *options, struct error *err)
{
	struct store *store;
	if (options->operands[0] == NULL)
		return error_set(err, ERROR_USAGE, 0, "backup: expected a FILE to write");
	if (store_open(options->settings.store, STORE_MAINTAIN, &store, err) != 0)
		return -1;
	int status = store->type->backup(store, options->operands[0], err);
	store_close(store);
	return status;
}
