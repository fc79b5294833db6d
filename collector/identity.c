/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See identity.h. */
#include "collector/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/answer.h"
#include "collector/documents.h"
#include "collector/words.h"

#define KIND "identity"

/* How exactly is known when a machine was last heard of: so often a document is written. */
#define EXACT_MS (3600 * 1000)
/* Without a word for so long a guest may have become another one. */
#define GONE_MS  (2 * 86400 * 1000LL)
#define MACS_MAX 32

static json_t *copy_macs(const json_t *macs)
{
	json_t *copy = json_array();
	for (size_t i = 0; i < json_array_size(macs) && i < MACS_MAX; i++)
		json_array_append(copy, json_array_get(macs, i));
	return copy;
}

static json_t *describe(const struct intake *intake, int64_t first, int64_t now)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:I, s:I}", "name", intake->name,
	                 "hostname", intake->hostname, "lab", intake->lab, "system-uuid",
	                 json_at_text(intake->said, "system_uuid"), "machine-id",
	                 json_at_text(intake->said, "machine_id"), "macs",
	                 copy_macs(json_object_get(intake->said, "macs")), "first",
	                 (json_int_t)first, "last", (json_int_t)now);
}

/* What is remembered of a guest: this machine, and whether another one came after it. */
struct remembered {
	const char *machine;
	json_t *own;
	int64_t version;
	int64_t others; /* when the last of the others was first heard of; 0: there are none */
};

static int take_remembered(void *context, const char *machine, json_t *body,
                           const struct store_document *row)
{
	struct remembered *remembered = context;
	if (strcmp(machine, remembered->machine) == 0) {
		remembered->own = json_incref(body);
		remembered->version = row->version;
	} else if (json_at_integer(body, "first") > remembered->others) {
		remembered->others = json_at_integer(body, "first");
	}
	return 0;
}

/*
 * Whether what is remembered will do, so that nothing need be written.  A machine that is heard of
 * again after another one took its place is news: now they are two.
 */
static bool is_fresh(const struct remembered *remembered, const struct intake *intake, int64_t now)
{
	const json_t *own = remembered->own;
	json_t *macs = copy_macs(json_object_get(intake->said, "macs"));
	bool same = own != NULL && json_equal(json_object_get(own, "macs"), macs) &&
	            strcmp(json_at_text(own, "hostname"), intake->hostname) == 0 &&
	            now - json_at_integer(own, "last") < EXACT_MS &&
	            json_at_integer(own, "last") >= remembered->others;
	json_decref(macs);
	return same;
}

int identity_note(struct store *store, const struct intake *intake, int64_t now, struct error *err)
{
	char prefix[INTAKE_GUEST_SIZE + 1], key[INTAKE_GUEST_SIZE + INTAKE_NAME_MAX + 2];
	struct remembered there = { .machine = json_at_text(intake->said, "machine_id") };
	bool done;
	if (there.machine[0] == '\0')
		return 0;
	snprintf(prefix, sizeof prefix, "%s/", intake->guest);
	snprintf(key, sizeof key, "%s%.255s", prefix, there.machine);
	int status = documents_each(store, KIND, prefix, take_remembered, &there, err);
	if (status == 0 && !is_fresh(&there, intake, now)) {
		json_t *body = describe(
		        intake, there.own == NULL ? now : json_at_integer(there.own, "first"), now);
		/* Who else noted the same guest meanwhile was right, too. */
		const struct document_change change = { KIND, key, there.version, body };
		status = documents_change(store, &change, 1, NULL, now, &done, err);
		json_decref(body);
	}
	json_decref(there.own);
	return status;
}

/* ---- who shares what -------------------------------------------------------------- */

enum { SAME_UUID, SAME_MACHINE, SAME_MAC, SAME_COUNT };

static const char *const sames[SAME_COUNT] = { "system-uuid", "machine-id", "mac" };

/* Some platforms give every guest the same one (all zeroes, all ones): it says nothing. */
static bool says_something(const char *word)
{
	return word[strspn(word, "0-:")] != '\0' && word[strspn(word, "fF-:")] != '\0';
}

/* WORD -> [identity]; one machine counts once. */
static void add_owner(json_t *owners, const char *word, json_t *identity)
{
	json_t *list = json_object_get(owners, word);
	if (!says_something(word))
		return;
	if (list == NULL) {
		list = json_array();
		json_object_set_new(owners, word, list);
	}
	size_t count = json_array_size(list);
	if (count == 0 || json_array_get(list, count - 1) != identity)
		json_array_append(list, identity);
}

static int take_identity(void *context, const char *key, json_t *body,
                         const struct store_document *row)
{
	json_t *const *owners = context;
	const json_t *macs = json_object_get(body, "macs");
	char guest[INTAKE_GUEST_SIZE];
	(void)row;
	text_cut(guest, sizeof guest, key);
	json_object_set_new(body, "guest", json_string(guest));
	add_owner(owners[SAME_UUID], json_at_text(body, "system-uuid"), body);
	add_owner(owners[SAME_MACHINE], json_at_text(body, "machine-id"), body);
	for (size_t i = 0; i < json_array_size(macs); i++) {
		const char *mac = json_string_value(json_array_get(macs, i));
		if (mac != NULL)
			add_owner(owners[SAME_MAC], mac, body);
	}
	return 0;
}

/*
 * Two that are both still there.  With one system UUID they are when each was heard of after the
 * other came: else the one is what became of the other, whose machine-id was made new.  With two,
 * the one may be the other on new virtual hardware, and then it is not heard of any more.
 */
static bool overlap(const json_t *a, const json_t *b)
{
	bool one = strcmp(json_at_text(a, "guest"), json_at_text(b, "guest")) == 0;
	int64_t slack = one ? 0 : GONE_MS;
	return json_at_integer(a, "first") <= json_at_integer(b, "last") + slack &&
	       json_at_integer(b, "first") <= json_at_integer(a, "last") + slack;
}

static bool is_shared(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		for (size_t k = i + 1; k < json_array_size(list); k++) {
			if (overlap(json_array_get(list, i), json_array_get(list, k)))
				return true;
		}
	}
	return false;
}

static json_t *write_guests(const json_t *list)
{
	json_t *guests = json_array();
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *identity = json_array_get(list, i);
		char first[WORD_TIME_SIZE], last[WORD_TIME_SIZE];
		word_time_write(json_at_integer(identity, "first"), first);
		word_time_write(json_at_integer(identity, "last"), last);
		json_array_append_new(guests,
		                      json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "guest",
		                                json_at_text(identity, "guest"), "name",
		                                json_at_text(identity, "name"), "hostname",
		                                answer_string(json_at_text(identity, "hostname")),
		                                "lab", answer_string(json_at_text(identity, "lab")),
		                                "first", first, "last", last));
	}
	return guests;
}

json_t *identity_clones(struct store *store, struct error *err)
{
	json_t *owners[SAME_COUNT], *clones = json_array(), *list;
	const char *word;
	for (size_t i = 0; i < SAME_COUNT; i++)
		owners[i] = json_object();
	int status = documents_each(store, KIND, "", take_identity, owners, err);
	for (size_t i = 0; i < SAME_COUNT; i++) {
		json_object_foreach(owners[i], word, list)
		{
			if (json_array_size(list) > 1 && is_shared(list))
				json_array_append_new(clones,
				                      json_pack("{s:s, s:s, s:o}", "same", sames[i],
				                                "value", word, "guests",
				                                write_guests(list)));
		}
		json_decref(owners[i]);
	}
	if (status == 0)
		return clones;
	json_decref(clones);
	return NULL;
}
