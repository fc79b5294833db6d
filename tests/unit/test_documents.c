/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents and the log of changes, of the store that needs no server; or of an empty one that
 * NESTREADY_TEST_STORE names (tests/collector/test_postgres.py).
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "collector/store.h"

static char path[] = "/tmp/nestready-documents-XXXXXX";
static struct store *store;

static void open_store(void)
{
	struct error err = ERROR_INIT;
	char url[64];
	const char *other = getenv("NESTREADY_TEST_STORE");
	cr_assert_not_null(mkdtemp(path));
	snprintf(url, sizeof url, "sqlite:%s/db", path);
	cr_assert_eq(store_open(other == NULL ? url : other, STORE_WRITE, &store, &err), 0, "%s",
	             err.message);
}

static void close_store(void)
{
	char command[64];
	store_close(store);
	snprintf(command, sizeof command, "rm -r %s", path);
	cr_assert_eq(system(command), 0);
}

TestSuite(documents, .init = open_store, .fini = close_store);

static bool put_at(const char *key, int64_t expected, const char *body, int64_t now)
{
	struct error err = ERROR_INIT;
	bool done;
	const struct store_put put = { "k", key, expected, body, body == NULL ? 0 : strlen(body) };
	cr_assert_eq(store->type->documents_put(store, &put, 1, NULL, now, &done, &err), 0, "%s",
	             err.message);
	return done;
}

static int note_document(void *context, const struct store_document *row)
{
	text_printf(context, "%s%s:%d@%d=%.*s;", strcmp(row->kind, "k") == 0 ? "" : row->kind,
	            row->key, (int)row->version, (int)row->updated, (int)row->length, row->body);
	return 0;
}

static void expect_documents(const char *prefix, const char *after, unsigned limit,
                             const char *expected)
{
	struct error err = ERROR_INIT;
	cleanup_text struct text seen = TEXT_INIT;
	cr_assert_eq(store->type->documents(store, "k", prefix, after, limit, note_document, &seen,
	                                    &err),
	             0, "%s", err.message);
	cr_assert_str_eq(text_string(&seen), expected);
}

Test(documents, a_version_is_replaced_only_by_who_knows_it)
{
	cr_assert_not(put_at("a", 1, "{}", 5));
	cr_assert(put_at("a", 0, "1", 10));
	cr_assert_not(put_at("a", 0, "2", 20));
	cr_assert(put_at("a", 1, "3", 30));
	cr_assert_not(put_at("a", 1, "4", 40));
	cr_assert(put_at("a", STORE_ANY_VERSION, "5", 50));
	expect_documents("", "", 10, "a:3@50=5;");
	cr_assert_not(put_at("a", 2, NULL, 60));
	cr_assert(put_at("a", 3, NULL, 60));
	expect_documents("", "", 10, "");
	cr_assert(put_at("a", STORE_ANY_VERSION, NULL, 60));
	cr_assert(put_at("a", 0, "6", 70));
	expect_documents("", "", 10, "a:1@70=6;");
}

Test(documents, a_prefix_is_no_pattern_and_keys_are_ordered_by_bytes)
{
	static const char *const keys[] = { "lab/b", "lab",  "lab/\xc3\xa9", "lab0",
		                            "lab/B", "l%/x", "lab/b/c" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		cr_assert(put_at(keys[i], 0, "x", 1));
	expect_documents("lab/", NULL, 10,
	                 "lab/B:1@1=x;lab/b:1@1=x;lab/b/c:1@1=x;lab/\xc3\xa9:1@1=x;");
	expect_documents("l%", NULL, 10, "l%/x:1@1=x;");
	expect_documents("lab/", "lab/B", 2, "lab/b:1@1=x;lab/b/c:1@1=x;");
	expect_documents("lab/", "lab/b/c", 2, "lab/\xc3\xa9:1@1=x;");
	expect_documents(NULL, NULL, 2, "l%/x:1@1=x;lab:1@1=x;");
}

static int count_document(void *context, const struct store_document *row)
{
	size_t *seen = context;
	seen[row->key[0] - 'a'] += row->length;
	return 0;
}

Test(documents, those_of_several_prefixes)
{
	struct error err = ERROR_INIT;
	size_t seen[4] = { 0 };
	static const char *const keys[] = { "a/1", "a/2", "b/1", "c/", "c/\xc3\xa9", "d/1" };
	static const char *const prefixes[] = { "d/", "a/", "c/", "e/" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		cr_assert(put_at(keys[i], 0, "x", 1));
	cr_assert_eq(store->type->documents_of(store, "k", prefixes, 4, count_document, seen, &err),
	             0, "%s", err.message);
	cr_assert_arr_eq(seen, ((size_t[4]){ 2, 0, 2, 1 }), sizeof seen);
	cr_assert_eq(store->type->documents_of(store, "k", NULL, 0, count_document, seen, &err), 0);
}

static int note_audit(void *context, const struct store_audit *row)
{
	text_printf(context, "%d@%d %s %s %s:%s %s;", (int)row->seq, (int)row->time, row->who,
	            row->what, row->kind, row->key, row->note);
	return 0;
}

Test(documents, all_of_a_change_or_none_of_it_and_its_line_in_the_log)
{
	struct error err = ERROR_INIT;
	bool done;
	cleanup_text struct text seen = TEXT_INIT;
	const struct store_audit audit = {
		.who = "me", .what = "made", .kind = "k", .key = "lab", .note = "why"
	};
	const struct store_put both[] = { { "k", "lab", 0, "1", 1 },
		                          { "other", "lab", 0, "2", 1 } };
	const struct store_put bad[] = { { "k", "new", 0, "3", 1 }, { "other", "lab", 0, "4", 1 } };
	cr_assert_eq(store->type->documents_put(store, both, 2, &audit, 7, &done, &err), 0);
	cr_assert(done);
	cr_assert_eq(store->type->documents_put(store, bad, 2, &audit, 8, &done, &err), 0);
	cr_assert_not(done);
	expect_documents("", "", 10, "lab:1@7=1;");
	cr_assert_eq(store->type->document(store, "other", "lab", note_document, &seen, &err), 0);
	cr_assert_eq(store->type->document(store, "other", "new", note_document, &seen, &err), 0);
	cr_assert_eq(store->type->documents_put(store, NULL, 0, &audit, 9, &done, &err), 0);
	cr_assert_eq(store->type->audits(store, "k", "l", 0, 10, note_audit, &seen, &err), 0);
	cr_assert_eq(store->type->audits(store, "k", "", 1, 10, note_audit, &seen, &err), 0);
	cr_assert_eq(store->type->audits(store, "k", "x", 0, 10, note_audit, &seen, &err), 0);
	cr_assert_str_eq(text_string(&seen), "otherlab:1@7=2;1@7 me made k:lab why;"
	                                     "2@9 me made k:lab why;2@9 me made k:lab why;");
}
