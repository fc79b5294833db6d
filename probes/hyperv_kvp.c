/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names that the host gives in pool 3 of the key-value exchange.  They
 * join this guest to the host's own records; nothing is decided by them.
 * Keys: Microsoft's documentation of Data Exchange (host-only items).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/kvp.h"
#include "probes/hyperv.h"
#include "probes/relay.h"

static const char path[] = "/var/lib/hyperv/.kvp_pool_3";

enum form { FORM_TEXT, FORM_INT, FORM_BOOL };

static const struct pair {
	const char *key;
	enum form form;
	const char *names[3]; /* the first one that is there counts */
} pairs[] = {
	{ "hyperv.kvp.host",
	  FORM_TEXT,
	  { "PhysicalHostNameFullyQualified", "PhysicalHostName", "HostName" } },
	{ "hyperv.kvp.vm-name", FORM_TEXT, { "VirtualMachineName" } },
	{ "hyperv.kvp.vm-id", FORM_TEXT, { "VirtualMachineId" } },
	{ "hyperv.kvp.nested-level", FORM_INT, { "HostingSystemNestedLevel" } },
	{ "hyperv.kvp.dynamic-memory",
	  FORM_BOOL,
	  { "VirtualMachineDynamicMemoryBalancingEnabled" } },
};

#define PAIRS (sizeof pairs / sizeof *pairs)

/* One to nine decimal digits. */
static bool parse_number(const char *text, int64_t *number)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 9 || text[digits] != '\0')
		return false;
	*number = strtol(text, NULL, 10);
	return true;
}

static void emit_value(const struct probe_run *run, const struct pair *pair, const char *value)
{
	int64_t number;
	if (pair->form == FORM_TEXT)
		fact_text(run->facts, pair->key, value, path);
	else if (!parse_number(value, &number) || (pair->form == FORM_BOOL && number > 1))
		fact_none(run->facts, pair->key, STATUS_FAILED,
		          "the value is not the number expected", path);
	else if (pair->form == FORM_BOOL)
		fact_bool(run->facts, pair->key, number == 1, path);
	else
		fact_int(run->facts, pair->key, number, path);
}

static void emit_pair(const struct probe_run *run, const struct pair *pair,
                      const struct answer *pool)
{
	const char *value = NULL;
	for (size_t i = 0; i < 3 && value == NULL && pair->names[i] != NULL; i++)
		value = kvp_find(pool->text, pool->length, pair->names[i]);
	if (value == NULL)
		fact_none(run->facts, pair->key, STATUS_ABSENT, "the host does not tell", path);
	else
		emit_value(run, pair, value);
}

void hyperv_emit_kvp(const struct probe_run *run, const struct answer *vmbus)
{
	cleanup_answer struct answer pool = ANSWER_INIT;
	struct error err = ERROR_INIT;
	if (vmbus->status != STATUS_OBSERVED)
		answer_copy(&pool, vmbus); /* no bus, no exchange */
	else if (machine_read_file(run->machine, path, &pool) != STATUS_OBSERVED)
		; /* the answer says why */
	else if (pool.truncated)
		answer_set_status(&pool, STATUS_FAILED, "the pool is too large");
	else if (kvp_check(pool.text, pool.length, &err) != 0)
		answer_set_status(&pool, STATUS_FAILED, "%s", err.message);
	for (size_t i = 0; i < PAIRS; i++) {
		if (pool.status == STATUS_OBSERVED)
			emit_pair(run, &pairs[i], &pool);
		else
			relay_none(run->facts, pairs[i].key, &pool, path);
	}
}
