/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First who said what, over all attempts; then each attempt against that. */
#include "collector/suspect.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "base/transform.h"
#include "collector/attempt.h"

/* What two students may not share, worst first. */
static const struct {
	const char *same; /* member of an attempt's `same` */
	const char *flag;
	const char *what;
} shared[] = {
	{ "report", "same-report", "the very same report came from" },
	{ "evidence", "same-evidence",
	  "everything that was found is equal, to the last digit, to" },
	{ "timing", "same-timing", "all times are equal, to the microsecond, to those of" },
	{ "system-uuid", "same-system-uuid", "the VM has the same system UUID as that of" },
	{ "machine-id", "same-machine-id", "the system has the same machine-id as that of" },
	{ "mac", "same-mac", "a network adapter has the same MAC address as one of" },
};

#define SHARED_COUNT (sizeof shared / sizeof shared[0])

/* The words of an attempt that nobody else may have. */
static json_t *words_of(const json_t *attempt, size_t kind)
{
	if (kind == 0)
		return json_pack("[s]", json_at_text(attempt, "report"));
	json_t *words = json_object_get(json_object_get(attempt, "same"), shared[kind].same);
	return words == NULL ? json_array() : json_incref(words);
}

/* WORD -> {STUDENT: true} of one kind. */
static json_t *who_said(const json_t *all, size_t kind)
{
	const char *student;
	json_t *attempts, *owners = json_object();
	json_object_foreach((json_t *)all, student, attempts)
	{
		for (size_t i = 0; i < json_array_size(attempts); i++) {
			json_t *words = words_of(json_array_get(attempts, i), kind);
			for (size_t k = 0; k < json_array_size(words); k++) {
				const char *word = json_string_value(json_array_get(words, k));
				json_t *owner = json_object_get(owners, word == NULL ? "" : word);
				if (owner == NULL && word != NULL) {
					owner = json_object();
					json_object_set_new(owners, word, owner);
				}
				if (word != NULL)
					json_object_set_new(owner, student, json_true());
			}
			json_decref(words);
		}
	}
	return owners;
}

/* Of what is shared once a student, of all else once a report. */
static bool is_told(const json_t *flags, const char *flag, const char *report)
{
	for (size_t i = 0; i < json_array_size(flags); i++) {
		const json_t *there = json_array_get(flags, i);
		if (strcmp(json_at_text(there, "flag"), flag) == 0 &&
		    (report == NULL || strcmp(json_at_text(there, "report"), report) == 0))
			return true;
	}
	return false;
}

static void add_flag(json_t *flags, const char *flag, const char *what, const json_t *attempt)
{
	const char *report = json_at_text(attempt, "report");
	if (!is_told(flags, flag, report))
		json_array_append_new(flags, json_pack("{s:s, s:s, s:s, s:[]}", "flag", flag,
		                                       "what", what, "report", report, "with"));
}

static bool has_name(const json_t *names, const char *name)
{
	for (size_t i = 0; i < json_array_size(names); i++)
		if (strcmp(json_string_value(json_array_get(names, i)), name) == 0)
			return true;
	return false;
}

/* Names the first who said a word, too, and counts them all. */
static size_t name_others(const json_t *owner, const char *student, json_t *names)
{
	const char *other;
	json_t *present;
	json_object_foreach((json_t *)owner, other, present)
	{
		if (json_array_size(names) == SUSPECT_NAMED)
			break;
		if (strcmp(other, student) != 0 && !has_name(names, other))
			json_array_append_new(names, json_string(other));
	}
	return json_object_size(owner) - 1;
}

static void add_shared(json_t *flags, const char *student, const json_t *attempt, size_t kind,
                       const json_t *owners)
{
	if (is_told(flags, shared[kind].flag, NULL))
		return;
	json_t *words = words_of(attempt, kind), *names = json_array();
	size_t most = 0;
	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));
		const json_t *owner = json_object_get(owners, word == NULL ? "" : word);
		size_t others = owner == NULL ? 0 : name_others(owner, student, names);
		most = others > most ? others : most;
	}
	size_t named = json_array_size(names);
	if (named > 0)
		json_array_append_new(
		        flags, json_pack("{s:s, s:s, s:s, s:O, s:I}", "flag", shared[kind].flag,
		                         "what", shared[kind].what, "report",
		                         json_at_text(attempt, "report"), "with", names, "more",
		                         (json_int_t)(most > named ? most - named : 0)));
	json_decref(names);
	json_decref(words);
}

static const json_t *find_challenge(const json_t *challenges, const char *nonce)
{
	for (size_t i = 0; i < json_array_size(challenges); i++) {
		const json_t *challenge = json_array_get(challenges, i);
		if (strcmp(json_at_text(challenge, "nonce"), nonce) == 0)
			return challenge;
	}
	return NULL;
}

/* Each eight digits of the nonce, as the L2's code of that stage makes them. */
static bool is_right(const char *nonce, const char *answer)
{
	char expected[CHALLENGE_DIGITS + 1] = "";
	for (unsigned stage = 0; stage < CHALLENGE_STAGES; stage++) {
		char word[9] = "";
		memcpy(word, nonce + 8 * (size_t)stage, 8);
		snprintf(expected + 8 * (size_t)stage, 9, "%08x",
		         (unsigned)transform(stage, (uint32_t)strtoul(word, NULL, 16)));
	}
	return strcmp(expected, answer) == 0;
}

/* Where no L2 ran there is nothing that could have answered. */
static bool ran_l2(const json_t *attempt)
{
	return strcmp(attempt_outcome(attempt, "l2.long-mode"), "pass") == 0;
}

static bool used_before(const json_t *attempts, size_t index, const char *nonce)
{
	const json_t *attempt = json_array_get(attempts, index);
	for (size_t i = 0; i < json_array_size(attempts); i++) {
		const json_t *other = json_array_get(attempts, i);
		if (i != index &&
		    strcmp(json_at_text(other, "target"), json_at_text(attempt, "target")) == 0 &&
		    strcmp(json_at_text(json_object_get(other, "challenge"), "nonce"), nonce) ==
		            0 &&
		    json_integer_value(json_object_get(other, "received")) <=
		            json_integer_value(json_object_get(attempt, "received")))
			return true;
	}
	return false;
}

static void check_challenge(json_t *flags, const json_t *attempts, size_t index,
                            const json_t *challenges)
{
	const json_t *attempt = json_array_get(attempts, index);
	const json_t *said = json_object_get(attempt, "challenge");
	const char *nonce = json_at_text(said, "nonce"), *answer = json_at_text(said, "answer");
	const json_t *given = find_challenge(challenges, nonce);
	if (strcmp(json_at_text(attempt, "basis"), "imported") == 0)
		add_flag(flags, "recording", "it judges a recording, not the machine that sent it",
		         attempt);
	if (said == NULL) {
		add_flag(flags, "no-challenge", "it answers no challenge", attempt);
		return;
	}
	if (given == NULL || strlen(nonce) != CHALLENGE_DIGITS) {
		add_flag(flags, "other-challenge",
		         "its challenge was not given to this student, or long ago", attempt);
		return;
	}
	if ((answer[0] != '\0' || ran_l2(attempt)) && !is_right(nonce, answer))
		add_flag(flags, "wrong-answer",
		         "the answer to its challenge is not what a VM makes of it", attempt);
	if (used_before(attempts, index, nonce))
		add_flag(flags, "challenge-used-again",
		         "an earlier report answered this challenge already", attempt);
	if (json_integer_value(json_object_get(attempt, "time")) <
	    json_integer_value(json_object_get(given, "time")))
		add_flag(flags, "older-than-challenge",
		         "by its own clock it was made before its challenge was given", attempt);
}

json_t *suspect(const json_t *all, const json_t *challenges)
{
	json_t *owners[SHARED_COUNT], *attempts, *made = json_object();
	const char *student;
	for (size_t kind = 0; kind < SHARED_COUNT; kind++)
		owners[kind] = who_said(all, kind);
	json_object_foreach((json_t *)all, student, attempts)
	{
		json_t *flags = json_array();
		for (size_t i = 0; i < json_array_size(attempts); i++) {
			for (size_t kind = 0; kind < SHARED_COUNT; kind++)
				add_shared(flags, student, json_array_get(attempts, i), kind,
				           owners[kind]);
			check_challenge(flags, attempts, i, json_object_get(challenges, student));
		}
		if (json_array_size(flags) > 0)
			json_object_set(made, student, flags);
		json_decref(flags);
	}
	for (size_t kind = 0; kind < SHARED_COUNT; kind++)
		json_decref(owners[kind]);
	return made;
}
