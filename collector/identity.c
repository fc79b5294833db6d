/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See identity.h. */
#include "collector/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
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

/* A report, and what is remembered of its guest. */
struct remembered {
	const struct intake *intake;
	const char *machine;
	size_t order;   /* in which it came */
	json_t *own;    /* of this machine; NULL: it is new */
	int64_t others; /* when the last of its others was first heard of; 0: there are none */
};

struct note {
	struct remembered *all; /* by guest, machine and order */
	size_t count;
};

static int by_guest(const void *first, const void *second)
{
	const struct remembered *a = first, *b = second;
	return strcmp(a->intake->guest, b->intake->guest);
}

static int by_machine(const void *first, const void *second)
{
	const struct remembered *a = first, *b = second;
	int order = by_guest(a, b);
	if (order == 0)
		order = strcmp(a->machine, b->machine);
	return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

/* Those of a report each that say who they are; the last word of each machine. */
static void choose(struct note *note, const struct intake *const *reports, size_t count)
{
	size_t said = 0;
	for (size_t i = 0; i < count; i++) {
		const char *machine = json_at_text(reports[i]->said, "machine_id");
		if (machine[0] != '\0')
			note->all[said++] = (struct remembered){ reports[i], machine, i, NULL, 0 };
	}
	qsort(note->all, said, sizeof *note->all, by_machine);
	for (size_t i = 0; i < said; i++) {
		const struct remembered *next = i + 1 < said ? &note->all[i + 1] : NULL;
		if (next == NULL || by_guest(&note->all[i], next) != 0 ||
		    strcmp(note->all[i].machine, next->machine) != 0)
			note->all[note->count++] = note->all[i];
	}
}

static int take_remembered(void *context, const char *key, json_t *body,
                           const struct store_document *row)
{
	const struct note *note = context;
	const char *machine = strchr(key, '/');
	(void)row;
	for (size_t i = 0; i < note->count && machine != NULL; i++) {
		struct remembered *one = &note->all[i];
		if (strncmp(one->intake->guest, key, (size_t)(machine - key)) != 0)
			continue;
		if (strcmp(machine + 1, one->machine) == 0)
			one->own = json_incref(body);
		else if (json_at_integer(body, "first") > one->others)
			one->others = json_at_integer(body, "first");
	}
	return 0;
}

static int recall(struct note *note, struct store *store, struct error *err)
{
	cleanup_free char(*prefixes)[INTAKE_GUEST_SIZE + 1] = calloc(note->count, sizeof *prefixes);
	cleanup_free const char **of = calloc(note->count, sizeof *of);
	size_t guests = 0;
	if (prefixes == NULL || of == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	for (size_t i = 0; i < note->count; i++) {
		if (i > 0 && by_guest(&note->all[i - 1], &note->all[i]) == 0)
			continue;
		snprintf(prefixes[guests], sizeof *prefixes, "%s/", note->all[i].intake->guest);
		of[guests] = prefixes[guests];
		guests++;
	}
	return documents_each_of(store, KIND, of, guests, take_remembered, note, err);
}

/*
 * Whether what is remembered will do, so that nothing need be written.  A machine that is heard of
 * again after another one took its place is news: now they are two.
 */
static bool is_fresh(const struct remembered *remembered, int64_t now)
{
	const json_t *own = remembered->own;
	json_t *macs = copy_macs(json_object_get(remembered->intake->said, "macs"));
	bool same = own != NULL && json_equal(json_object_get(own, "macs"), macs) &&
	            strcmp(json_at_text(own, "hostname"), remembered->intake->hostname) == 0 &&
	            now - json_at_integer(own, "last") < EXACT_MS &&
	            json_at_integer(own, "last") >= remembered->others;
	json_decref(macs);
	return same;
}

/* Who else noted the same guest meanwhile was right, too: any version is replaced. */
static int write_down(const struct note *note, struct store *store, int64_t now, struct error *err)
{
	typedef char key_text[INTAKE_GUEST_SIZE + INTAKE_NAME_MAX + 2];
	cleanup_free struct document_change *changes = calloc(note->count, sizeof *changes);
	cleanup_free key_text *keys = calloc(note->count, sizeof *keys);
	size_t count = 0;
	bool done;
	if (changes == NULL || keys == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	for (size_t i = 0; i < note->count; i++) {
		const struct remembered *one = &note->all[i];
		if (is_fresh(one, now))
			continue;
		snprintf(keys[count], sizeof keys[count], "%s/%.255s", one->intake->guest,
		         one->machine);
		changes[count] = (struct document_change){
			KIND, keys[count], STORE_ANY_VERSION,
			describe(one->intake,
			         one->own == NULL ? now : json_at_integer(one->own, "first"), now)
		};
		count++;
	}
	int status =
	        count == 0 ? 0 : documents_change(store, changes, count, NULL, now, &done, err);
	for (size_t i = 0; i < count; i++)
		json_decref((json_t *)changes[i].body);
	return status;
}

int identity_note(struct store *store, const struct intake *const *reports, size_t count,
                  int64_t now, struct error *err)
{
	cleanup_free struct remembered *all = calloc(count + 1, sizeof *all);
	struct note note = { all, 0 };
	if (all == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	choose(&note, reports, count);
	if (note.count == 0)
		return 0;
	int status = recall(&note, store, err);
	if (status == 0)
		status = write_down(&note, store, now, err);
	for (size_t i = 0; i < note.count; i++)
		json_decref(note.all[i].own);
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
