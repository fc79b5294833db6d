/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection a handle, made again when it is gone.  libpq's pipeline mode
 * sends the statements of a transaction without waiting for each
 * (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html).
 */
#include "collector/pg_base.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AGAIN_NS 1000000000 /* between two attempts to connect: who waits is told at once */

struct pg_store *pg_of(struct store *store)
{
	return (struct pg_store *)(void *)store;
}

/* ---- values and results -------------------------------------------------------- */

void pg_add_text(struct pg_values *values, const char *text)
{
	values->value[values->count++] = text;
}

void pg_add_open(struct pg_values *values, const char *text)
{
	pg_add_text(values, text == NULL || text[0] == '\0' ? NULL : text);
}

void pg_add_number(struct pg_values *values, int64_t number)
{
	char *digits = values->digits[values->count];
	snprintf(digits, sizeof values->digits[0], "%" PRId64, number);
	pg_add_text(values, digits);
}

void pg_add_bytes(struct pg_values *values, const void *bytes, size_t length)
{
	values->length[values->count] = (int)length;
	values->format[values->count] = 1;
	pg_add_text(values, bytes);
}

void pg_add_array(struct pg_values *values, const struct text *array)
{
	pg_add_bytes(values, array->data, array->length);
}

const char *pg_text(const PGresult *result, int row, int column)
{
	return PQgetvalue(result, row, column);
}

int64_t pg_number(const PGresult *result, int row, int column)
{
	return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

int64_t pg_binary_number(const PGresult *result, int row, int column)
{
	uint64_t number;
	memcpy(&number, PQgetvalue(result, row, column), sizeof number);
	return (int64_t)be64toh(number);
}

/* ---- what goes wrong ----------------------------------------------------------- */

/* Classes of https://www.postgresql.org/docs/15/errcodes-appendix.html; the first that fits. */
static const struct {
	const char *prefix;
	enum error_code means;
	bool repeat; /* the same again, at once, may do */
} states[] = {
	{ "08", ERROR_UNAVAILABLE, true },     /* connection */
	{ "25006", ERROR_UNAVAILABLE, true },  /* read only: perhaps another one writes now */
	{ "40", ERROR_UNAVAILABLE, true },     /* rolled back: deadlock, serialization */
	{ "42501", ERROR_NO_INPUT, false },    /* not allowed */
	{ "42P01", ERROR_BAD_INPUT, false },   /* no such table */
	{ "3F000", ERROR_BAD_INPUT, false },   /* no such schema */
	{ "53", ERROR_UNAVAILABLE, false },    /* disk full, out of memory, too many connections */
	{ "55P03", ERROR_UNAVAILABLE, false }, /* locked */
	{ "57P", ERROR_UNAVAILABLE, true },    /* shutting down, crashed, starting */
	{ "57", ERROR_UNAVAILABLE, false },    /* cancelled: took too long */
	{ "58", ERROR_UNAVAILABLE, false },    /* input or output */
	{ "XX001", ERROR_BAD_INPUT, false },   /* damaged */
	{ "XX002", ERROR_BAD_INPUT, false },
};

#define STATE_COUNT (sizeof states / sizeof states[0])

static size_t find_state(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	size_t i = 0;
	while (state != NULL && i < STATE_COUNT &&
	       strncmp(states[i].prefix, state, strlen(states[i].prefix)) != 0)
		i++;
	return state == NULL ? STATE_COUNT : i;
}

bool pg_may_repeat(const struct pg_store *pg, const PGresult *result)
{
	size_t i = find_state(result);
	return PQstatus(pg->link) != CONNECTION_OK || (i < STATE_COUNT && states[i].repeat);
}

int pg_failed(const struct pg_store *pg, const PGresult *result, const char *doing,
              struct error *err)
{
	size_t i = find_state(result);
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	enum error_code means = ERROR_INTERNAL;
	if (i < STATE_COUNT)
		means = states[i].means;
	else if (PQstatus(pg->link) != CONNECTION_OK)
		means = ERROR_UNAVAILABLE;
	char words[160];
	text_cut(words, sizeof words, primary != NULL ? primary : PQerrorMessage(pg->link));
	words[strcspn(words, "\n")] = '\0';
	return error_set(err, means, 0, "%.100s: %s: %s", pg->place, doing, words);
}

/* ---- the connection --------------------------------------------------------------- */

static int64_t clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void pg_disconnect(struct pg_store *pg)
{
	PQfinish(pg->link);
	pg->link = NULL;
	memset(pg->prepared, 0, sizeof pg->prepared);
}

/*
 * No statement waits for ever: not for a lock, not on a server that hangs, not for one whose
 * machine is gone.  Plans are made for what is asked: one that was made for an empty table reads
 * all of it when it is full.
 */
static const char *const session =
        "SET search_path = nestready, pg_temp; SET client_min_messages = warning;"
        "SET lock_timeout = '5s'; SET statement_timeout = '60s';"
        "SET idle_in_transaction_session_timeout = '60s';"
        "SET plan_cache_mode = force_custom_plan";

/* Acknowledged means on disk: what a session can choose is chosen, and the rest has to be so. */
static const char *const durable =
        "SELECT current_setting('server_encoding'), coalesce(current_setting('fsync', true), "
        "'on'), set_config('synchronous_commit', CASE coalesce(current_setting("
        "'synchronous_commit', true), 'on') WHEN 'off' THEN 'on' ELSE "
        "current_setting('synchronous_commit', true) END, false)";

static int set_up(struct pg_store *pg, struct error *err)
{
	cleanup_pg_result PGresult *set = PQexec(pg->link, session);
	if (PQresultStatus(set) != PGRES_COMMAND_OK)
		return pg_failed(pg, set, "beginning", err);
	cleanup_pg_result PGresult *found = PQexec(pg->link, durable);
	if (PQresultStatus(found) != PGRES_TUPLES_OK)
		return pg_failed(pg, found, "beginning", err);
	if (strcmp(pg_text(found, 0, 0), "UTF8") != 0)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%.100s: its encoding is %.20s, expected UTF8: CREATE DATABASE "
		                 "NAME ENCODING 'UTF8' TEMPLATE template0",
		                 pg->place, pg_text(found, 0, 0));
	if (strcmp(pg_text(found, 0, 1), "on") != 0)
		return error_set(err, ERROR_BAD_INPUT, 0,
		                 "%.100s: the server runs with fsync=off, so that what it "
		                 "acknowledges is not on disk",
		                 pg->place);
	if (pg_schema(pg, err) != 0)
		return -1;
	if (pg->mode != STORE_READ)
		return 0;
	cleanup_pg_result PGresult *only =
	        PQexec(pg->link, "SET default_transaction_read_only = on");
	return PQresultStatus(only) == PGRES_COMMAND_OK ? 0 : pg_failed(pg, only, "beginning", err);
}

/* What the URL says comes later and so counts. */
static void connect_link(struct pg_store *pg)
{
	static const char *const names[] = { "connect_timeout",           "tcp_user_timeout",
		                             "keepalives_idle",           "keepalives_interval",
		                             "fallback_application_name", "dbname",
		                             "client_encoding",           NULL };
	const char *const values[] = { "5",     "15000", "10", "5", "nestready-collector",
		                       pg->url, "UTF8",  NULL };
	pg->link = PQconnectdbParams(names, values, 1);
}

int pg_ready(struct pg_store *pg, struct error *err)
{
	if (pg->link != NULL && PQstatus(pg->link) == CONNECTION_OK)
		return 0;
	if (pg->again != 0 && clock_ns() < pg->again)
		return error_set(err, ERROR_UNAVAILABLE, 0, "%.100s: no connection", pg->place);
	pg_disconnect(pg);
	connect_link(pg);
	int status = PQstatus(pg->link) == CONNECTION_OK ? set_up(pg, err)
	                                                 : pg_failed(pg, NULL, "connecting", err);
	pg->again = status == 0 ? 0 : clock_ns() + AGAIN_NS;
	if (status != 0)
		pg_disconnect(pg);
	return status;
}

/* ---- statements ----------------------------------------------------------------- */

static void name_of(enum pg_sql sql, char name[16])
{
	snprintf(name, 16, "s%d", (int)sql);
}

/* NULL when it is prepared, or what the server said instead. */
static PGresult *prepare(struct pg_store *pg, enum pg_sql sql)
{
	char name[16];
	name_of(sql, name);
	if (pg->prepared[sql])
		return NULL;
	PGresult *result = PQprepare(pg->link, name, pg_sql_text(sql), 0, NULL);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return result;
	pg->prepared[sql] = true;
	PQclear(result);
	return NULL;
}

/* Bodies come as bytes, all else as text. */
static int result_format(enum pg_sql sql)
{
	return sql == PG_BODY || sql == PG_BODY_FIND || sql == PG_DOCUMENT ||
	       sql == PG_DOCUMENT_LIST || sql == PG_DOCUMENTS_OF;
}

static PGresult *query_once(struct pg_store *pg, enum pg_sql sql, const struct pg_values *values)
{
	static const struct pg_values none = { .count = 0 };
	char name[16];
	PGresult *refused = prepare(pg, sql);
	if (refused != NULL)
		return refused;
	if (values == NULL)
		values = &none;
	name_of(sql, name);
	return PQexecPrepared(pg->link, name, values->count, values->value, values->length,
	                      values->format, result_format(sql));
}

static bool went_well(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

PGresult *pg_query(struct pg_store *pg, enum pg_sql sql, const struct pg_values *values,
                   const char *doing, struct error *err)
{
	for (int attempt = 0;; attempt++) {
		if (pg_ready(pg, err) != 0)
			return NULL;
		PGresult *result = query_once(pg, sql, values);
		if (went_well(result))
			return result;
		bool again = attempt == 0 && pg_may_repeat(pg, result);
		if (!again)
			pg_failed(pg, result, doing, err);
		if (pg_may_repeat(pg, result))
			pg_disconnect(pg);
		PQclear(result);
		if (!again)
			return NULL;
	}
}

/* One attempt; *taken: something was given away, so that there is no other. */
static PGresult *each_once(struct pg_store *pg, enum pg_sql sql, const struct pg_values *values,
                           pg_take take, void *context, bool *taken)
{
	char name[16];
	PGresult *result = prepare(pg, sql);
	bool stopped = false;
	if (result != NULL)
		return result;
	name_of(sql, name);
	if (PQsendQueryPrepared(pg->link, name, values->count, values->value, values->length,
	                        values->format, result_format(sql)) != 1 ||
	    PQsetSingleRowMode(pg->link) != 1)
		return NULL;
	while ((result = PQgetResult(pg->link)) != NULL) {
		if (PQresultStatus(result) != PGRES_SINGLE_TUPLE)
			break;
		*taken = true;
		stopped = stopped || take(context, result) != 0;
		PQclear(result);
	}
	PGresult *last = result; /* how it ended */
	while (PQstatus(pg->link) == CONNECTION_OK && (result = PQgetResult(pg->link)) != NULL)
		PQclear(result);
	return last;
}

int pg_each(struct pg_store *pg, enum pg_sql sql, const struct pg_values *values, pg_take take,
            void *context, struct error *err)
{
	bool taken = false;
	for (int attempt = 0;; attempt++) {
		if (pg_ready(pg, err) != 0)
			return -1;
		cleanup_pg_result PGresult *ended =
		        each_once(pg, sql, values, take, context, &taken);
		if (went_well(ended))
			return 0;
		bool repeat = pg_may_repeat(pg, ended), again = attempt == 0 && !taken && repeat;
		if (!again)
			pg_failed(pg, ended, "reading", err);
		if (repeat)
			pg_disconnect(pg);
		if (!again)
			return -1;
	}
}

/*
 * Each statement's results end with a NULL, and the pipeline's with one that says so.  On a
 * connection that broke no NULL ever comes.
 */
static void collect(struct pg_store *pg, struct pg_step *steps, size_t count)
{
	for (size_t i = 0; i < count && PQstatus(pg->link) == CONNECTION_OK; i++) {
		PGresult *more = NULL;
		steps[i].result = PQgetResult(pg->link);
		while (PQstatus(pg->link) == CONNECTION_OK &&
		       (more = PQgetResult(pg->link)) != NULL)
			PQclear(more);
	}
	if (PQstatus(pg->link) == CONNECTION_OK)
		PQclear(PQgetResult(pg->link));
}

static bool send_steps(struct pg_store *pg, struct pg_step *steps, size_t count)
{
	static const struct pg_values none = { .count = 0 };
	size_t sent = 0;
	if (PQenterPipelineMode(pg->link) != 1)
		return false;
	for (; sent < count; sent++) {
		const struct pg_values *values =
		        steps[sent].values == NULL ? &none : steps[sent].values;
		char name[16];
		name_of(steps[sent].sql, name);
		if (PQsendQueryPrepared(pg->link, name, values->count, values->value,
		                        values->length, values->format,
		                        result_format(steps[sent].sql)) != 1)
			break;
	}
	if (sent < count || PQpipelineSync(pg->link) != 1)
		return false;
	collect(pg, steps, count);
	return PQstatus(pg->link) == CONNECTION_OK && PQexitPipelineMode(pg->link) == 1;
}

int pg_pipeline(struct pg_store *pg, struct pg_step *steps, size_t count, const char *doing,
                bool *repeat, struct error *err)
{
	PGresult *refused = NULL;
	size_t failed = 0;
	for (size_t i = 0; i < count && refused == NULL; i++)
		refused = prepare(pg, steps[i].sql);
	bool sent = refused == NULL && send_steps(pg, steps, count);
	while (sent && failed < count && went_well(steps[failed].result))
		failed++;
	if (sent && failed == count)
		return 0;
	const PGresult *why = refused != NULL ? refused : sent ? steps[failed].result : NULL;
	for (size_t i = 0; why == NULL && i < count; i++)
		why = went_well(steps[i].result) ? NULL : steps[i].result;
	*repeat = pg_may_repeat(pg, why);
	pg_failed(pg, why, doing, err);
	PQclear(refused);
	return -1;
}

void pg_clear_steps(struct pg_step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		PQclear(steps[i].result);
		steps[i].result = NULL;
	}
}
