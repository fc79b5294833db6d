/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot is refused with a message, or else every answer in it can be
 * given, written and read again without a change; redacted, it is a snapshot
 * still.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "machine/adapters.h"
#include "machine/redact.h"
#include "machine/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void there_and_back(const json_t *json)
{
	struct answer first = ANSWER_INIT;
	struct answer second = ANSWER_INIT;
	require(answer_from_json(json, &first, NULL) == 0);
	json_t *written = answer_to_json(&first);
	require(written != NULL);
	require(answer_from_json(written, &second, NULL) == 0);
	require(first.status == second.status && first.sys_errno == second.sys_errno);
	require(strcmp(first.why, second.why) == 0 && first.truncated == second.truncated);
	require(first.number_count == second.number_count);
	require(memcmp(first.numbers, second.numbers, sizeof first.numbers) == 0);
	require(first.length == second.length && (first.text == NULL) == (second.text == NULL));
	require(first.text == NULL || memcmp(first.text, second.text, first.length + 1) == 0);
	json_decref(written);
	answer_clear(&first);
	answer_clear(&second);
}

static void ask(struct machine *machine)
{
	struct answer answer = ANSWER_INIT;
	if (machine_read_file(machine, "/a", &answer) == STATUS_OBSERVED)
		require(answer.text != NULL && answer.text[answer.length] == '\0');
	if (machine_cpuid(machine, 0, 1, 0, &answer) == STATUS_OBSERVED)
		require(answer.number_count >= 4);
	answer_clear(&answer);
}

/* What a capture does, and whoever gets it. */
static void redact(json_t *root)
{
	struct error err = ERROR_INIT;
	require(redact_answers(json_object_get(root, "answers"), &err) == 0);
	char *text = json_dumps(root, JSON_SORT_KEYS);
	require(text != NULL);
	struct machine *machine = machine_snapshot_open("redacted", text, strlen(text), &err);
	require(machine != NULL);
	machine_close(machine);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct error err = ERROR_INIT;
	struct machine *machine = machine_snapshot_open("fuzz", text, size, &err);
	if (machine == NULL) {
		require(err.code == ERROR_BAD_INPUT && strncmp(err.message, "fuzz: ", 6) == 0);
		return 0;
	}
	ask(machine);
	json_t *root = snapshot_parse("fuzz", text, size, NULL);
	require(root != NULL);
	const char *key;
	json_t *answer;
	json_object_foreach(json_object_get(root, "answers"), key, answer)
	{
		there_and_back(answer);
	}
	redact(root);
	json_decref(root);
	machine_close(machine);
	return 0;
}
