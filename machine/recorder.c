/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Remembers every answer, so that nothing is asked twice: a question may cost
 * a VM exit, and two answers to one question could differ.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "machine/adapters.h"

#define FIRST_BUCKETS ((size_t)256) /* a power of two; doubled as the table fills */

struct entry {
	struct entry *next;
	uint64_t hash;
	bool done; /* from now on nobody writes to the answer */
	struct answer answer;
	char key[];
};

struct recorder {
	struct machine machine;
	struct machine *inner;
	recorder_listener listener;
	void *context;
	pthread_mutex_t lock; /* of what follows; not held while the inner machine thinks */
	pthread_cond_t done;  /* some entry was done */
	struct entry **buckets;
	size_t bucket_count;
	size_t entry_count;
};

/* FNV-1a, 64 bits: keys come from our own probes, so nobody chooses them to collide. */
static uint64_t hash_key(const char *key)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
	return hash;
}

static struct entry *find(const struct recorder *recorder, const char *key, uint64_t hash)
{
	struct entry *entry = recorder->buckets[hash & (recorder->bucket_count - 1)];
	while (entry != NULL && (entry->hash != hash || strcmp(entry->key, key) != 0))
		entry = entry->next;
	return entry;
}

static void link_entry(struct entry **buckets, size_t count, struct entry *entry)
{
	struct entry **bucket = &buckets[entry->hash & (count - 1)];
	entry->next = *bucket;
	*bucket = entry;
}

/* Without memory for a larger table the chains grow longer, and that is all. */
static void make_room(struct recorder *recorder)
{
	if (recorder->entry_count < recorder->bucket_count)
		return;
	size_t count = recorder->bucket_count * 2;
	struct entry **buckets = calloc(count, sizeof(struct entry *));
	if (buckets == NULL)
		return;
	for (size_t i = 0; i < recorder->bucket_count; i++) {
		struct entry *next;
		for (struct entry *entry = recorder->buckets[i]; entry != NULL; entry = next) {
			next = entry->next;
			link_entry(buckets, count, entry);
		}
	}
	free(recorder->buckets);
	recorder->buckets = buckets;
	recorder->bucket_count = count;
}

static struct entry *add(struct recorder *recorder, const char *key, uint64_t hash)
{
	size_t size = strlen(key) + 1;
	struct entry *entry = malloc(sizeof *entry + size);
	if (entry == NULL)
		return NULL;
	*entry = (struct entry){ .hash = hash, .answer = ANSWER_INIT };
	memcpy(entry->key, key, size);
	make_room(recorder);
	link_entry(recorder->buckets, recorder->bucket_count, entry);
	recorder->entry_count++;
	return entry;
}

/* From now on the entry is as it is; the answer becomes its own. */
static void settle(struct recorder *recorder, struct entry *entry, const struct answer *answer)
{
	pthread_mutex_lock(&recorder->lock);
	entry->answer = *answer;
	entry->done = true;
	pthread_cond_broadcast(&recorder->done);
	pthread_mutex_unlock(&recorder->lock);
	if (recorder->listener != NULL)
		recorder->listener(recorder->context, entry->key, &entry->answer);
}

/* Who added the entry asks; the others wait for it. */
static void ask_inner(struct recorder *recorder, const struct question *question,
                      struct entry *entry)
{
	struct answer answer = ANSWER_INIT;
	machine_ask(recorder->inner, question, &answer);
	settle(recorder, entry, &answer);
}

static void recorder_ask(struct machine *machine, const struct question *question,
                         struct answer *answer)
{
	struct recorder *recorder = (struct recorder *)machine;
	char key[QUESTION_KEY_MAX];
	question_key(question, key, sizeof key);
	uint64_t hash = hash_key(key);
	pthread_mutex_lock(&recorder->lock);
	struct entry *entry = find(recorder, key, hash);
	bool first = entry == NULL;
	if (first)
		entry = add(recorder, key, hash);
	while (!first && !entry->done)
		pthread_cond_wait(&recorder->done, &recorder->lock);
	pthread_mutex_unlock(&recorder->lock);
	if (entry == NULL) {
		answer_set_status(answer, STATUS_FAILED, "out of memory");
		return;
	}
	if (first)
		ask_inner(recorder, question, entry);
	answer_copy(answer, &entry->answer);
}

void machine_recorder_note(struct machine *machine, const struct question *question,
                           const struct answer *answer)
{
	struct recorder *recorder = (struct recorder *)machine;
	struct answer copy = ANSWER_INIT;
	char key[QUESTION_KEY_MAX];
	question_key(question, key, sizeof key);
	uint64_t hash = hash_key(key);
	pthread_mutex_lock(&recorder->lock);
	struct entry *entry = find(recorder, key, hash) == NULL ? add(recorder, key, hash) : NULL;
	pthread_mutex_unlock(&recorder->lock);
	if (entry == NULL)
		return;
	answer_copy(&copy, answer);
	settle(recorder, entry, &copy);
}

static void recorder_close(struct machine *machine)
{
	struct recorder *recorder = (struct recorder *)machine;
	for (size_t i = 0; i < recorder->bucket_count; i++) {
		struct entry *next;
		for (struct entry *entry = recorder->buckets[i]; entry != NULL; entry = next) {
			next = entry->next;
			answer_clear(&entry->answer);
			free(entry);
		}
	}
	machine_close(recorder->inner);
	pthread_cond_destroy(&recorder->done);
	pthread_mutex_destroy(&recorder->lock);
	free(recorder->buckets);
	free(recorder);
}

static const struct machine_ops recorder_ops = { .ask = recorder_ask, .close = recorder_close };

struct machine *machine_recorder_open(struct machine *inner, recorder_listener listener,
                                      void *context, struct error *err)
{
	struct recorder *recorder = calloc(1, sizeof *recorder);
	struct entry **buckets = calloc(FIRST_BUCKETS, sizeof(struct entry *));
	if (recorder == NULL || buckets == NULL) {
		error_set(err, ERROR_INTERNAL, 0, "recorder: out of memory");
		free(recorder);
		free(buckets);
		machine_close(inner);
		return NULL;
	}
	recorder->machine.ops = &recorder_ops;
	recorder->inner = inner;
	recorder->listener = listener;
	recorder->context = context;
	recorder->buckets = buckets;
	recorder->bucket_count = FIRST_BUCKETS;
	pthread_mutex_init(&recorder->lock, NULL);
	pthread_cond_init(&recorder->done, NULL);
	return &recorder->machine;
}
