/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools as the daemon writes them, and as a crash or a hand may leave them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/kvp.h"

/* A pool on the heap, exactly as long as it is, so that a sanitizer sees a read too far. */
static char *pool_of(size_t count, const char *const pairs[][2], size_t length)
{
	char *pool = malloc(length + 1);
	cr_assert_not_null(pool);
	memset(pool, 'x', length + 1); /* behind a NUL stands what the daemon left there */
	for (size_t i = 0; i < count; i++) {
		strcpy(pool + i * KVP_RECORD_SIZE, pairs[i][0]);
		strcpy(pool + i * KVP_RECORD_SIZE + KVP_KEY_SIZE, pairs[i][1]);
	}
	char *exact = realloc(pool, length == 0 ? 1 : length);
	cr_assert_not_null(exact);
	return exact;
}

static const char *const pairs[][2] = { { "HostName", "HV01" },
	                                { "VirtualMachineName", "" },
	                                { "HostName", "second" } };

Test(kvp, finds_values)
{
	char *pool = pool_of(3, pairs, 3 * KVP_RECORD_SIZE);
	struct error err = ERROR_INIT;
	cr_assert_eq(kvp_check(pool, 3 * KVP_RECORD_SIZE, &err), 0, "%s", err.message);
	cr_assert_str_eq(kvp_find(pool, 3 * KVP_RECORD_SIZE, "HostName"), "HV01");
	cr_assert_str_eq(kvp_find(pool, 3 * KVP_RECORD_SIZE, "VirtualMachineName"), "");
	cr_assert_null(kvp_find(pool, 3 * KVP_RECORD_SIZE, "Host"));
	free(pool);
}

Test(kvp, an_empty_pool_has_no_keys)
{
	cr_assert_eq(kvp_check("", 0, NULL), 0);
	cr_assert_null(kvp_find("", 0, "HostName"));
}

static void expect_error(const char *pool, size_t length, const char *message)
{
	struct error err = ERROR_INIT;
	cr_assert_eq(kvp_check(pool, length, &err), -1);
	cr_assert_str_eq(err.message, message);
}

Test(kvp, refuses_a_torn_pool)
{
	char *pool = pool_of(1, pairs, KVP_RECORD_SIZE + 100);
	expect_error(pool, KVP_RECORD_SIZE + 100, "torn: 100 bytes after record 1");
	expect_error(pool, KVP_RECORD_SIZE - 1, "torn: 2559 bytes after record 0");
	free(pool);
}

Test(kvp, refuses_what_does_not_end_and_what_has_no_key)
{
	char *pool = pool_of(2, pairs, 2 * KVP_RECORD_SIZE);
	memset(pool + KVP_RECORD_SIZE, 'k', KVP_KEY_SIZE);
	expect_error(pool, 2 * KVP_RECORD_SIZE, "the key of record 2 does not end");
	strcpy(pool + KVP_RECORD_SIZE, "key");
	memset(pool + KVP_RECORD_SIZE + KVP_KEY_SIZE, 'v', KVP_VALUE_SIZE);
	expect_error(pool, 2 * KVP_RECORD_SIZE, "the value of record 2 does not end");
	pool[0] = '\0';
	expect_error(pool, 2 * KVP_RECORD_SIZE, "record 1 has no key");
	free(pool);
}
