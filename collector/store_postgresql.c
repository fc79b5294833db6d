/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PostgreSQL database, or one that speaks its protocol: for any number of
 * collectors, none of which keeps anything to itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/pg_base.h"

#define SCHEME "postgresql:"

static void postgresql_close(struct store *store)
{
	struct pg_store *pg = pg_of(store);
	pg_disconnect(pg);
	free(pg->url);
	free(pg);
}

static const char *option(const PQconninfoOption *options, const char *keyword)
{
	for (; options->keyword != NULL; options++) {
		if (strcmp(options->keyword, keyword) == 0 && options->val != NULL)
			return options->val;
	}
	return "";
}

/* What a URL says, as it may be shown: libpq's own words about a mistake may quote a password. */
static int name_place(struct pg_store *pg, struct error *err)
{
	PQconninfoOption *options = PQconninfoParse(pg->url, NULL);
	if (options == NULL)
		return error_set(err, ERROR_USAGE, 0,
		                 "--store: expected postgresql://USER@HOST:PORT/DATABASE");
	const char *port = option(options, "port");
	snprintf(pg->place, sizeof pg->place, SCHEME "//%.70s%s%.10s/%.60s",
	         option(options, "host"), port[0] == '\0' ? "" : ":", port,
	         option(options, "dbname"));
	PQconninfoFree(options);
	pg->store.place = pg->place;
	return 0;
}

static int postgresql_open(const char *rest, enum store_mode mode, struct store **store,
                           struct error *err)
{
	struct pg_store *pg = calloc(1, sizeof *pg);
	char *url = malloc(sizeof SCHEME + strlen(rest));
	if (pg == NULL || url == NULL) {
		free(pg);
		free(url);
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	}
	sprintf(url, "%s%s", SCHEME, rest);
	pg->store.type = &store_postgresql;
	pg->mode = mode;
	pg->url = url;
	if (name_place(pg, err) != 0 || pg_ready(pg, err) != 0) {
		postgresql_close(&pg->store);
		return -1;
	}
	*store = &pg->store;
	return 0;
}

const struct store_type store_postgresql = {
	.scheme = SCHEME,
	.open = postgresql_open,
	.close = postgresql_close,
	.ingest = pg_ingest,
	.heard = pg_heard,
	.latest = pg_latest,
	.history = pg_history,
	.since = pg_since,
	.last = pg_last,
	.body = pg_body,
	.findings = pg_findings,
	.gaps = pg_gaps,
	.overview = pg_overview,
	.cohorts = pg_cohorts,
	.losses = pg_losses,
	.token_add = pg_token_add,
	.token_revoke = pg_token_revoke,
	.tokens = pg_tokens,
	.documents_put = pg_documents_put,
	.document_version = pg_document_version,
	.document = pg_document,
	.documents = pg_documents,
	.documents_of = pg_documents_of,
	.audits = pg_audits,
	.prune = pg_prune,
	.backup = pg_backup,
};
