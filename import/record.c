/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers and facts in the form in which snapshots carry them. */
#include "import/record.h"

#include <errno.h>
#include <string.h>

#include "machine/machine.h"
#include "machine/snapshot.h"

#define ONLINE "/sys/devices/system/cpu/online"

static void add_fact(struct fact_sink *sink, const struct fact *fact)
{
	struct record *record = (struct record *)sink;
	json_t *json = fact_to_json(fact);
	if (json_object_set_new_nocheck(record->facts, fact->key, json) != 0)
		record->out_of_memory = true;
}

int record_open(struct record *record, const char *name, struct error *err)
{
	*record = (struct record){
		.sink = { add_fact }, .name = name, .answers = json_object(), .facts = json_object()
	};
	if (record->answers == NULL || record->facts == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "%s: out of memory", name);
	return 0;
}

void record_clear(struct record *record)
{
	json_decref(record->answers);
	json_decref(record->facts);
	text_clear(&record->note);
}

/* Adds an answer unless there is one; 1 when there is another one. */
static int add(struct record *record, const struct question *question, const struct answer *answer)
{
	char key[QUESTION_KEY_MAX];
	question_key(question, key, sizeof key);
	json_t *json = answer_to_json(answer);
	const json_t *old = json_object_get(record->answers, key);
	if (old != NULL) {
		int differs = !json_equal(old, json);
		json_decref(json);
		return differs;
	}
	if (json_object_set_new_nocheck(record->answers, key, json) != 0)
		record->out_of_memory = true;
	return 0;
}

int record_cpuid(struct record *record, uint32_t cpu, uint32_t leaf, uint32_t subleaf,
                 const uint32_t registers[4])
{
	struct question question = { .kind = QUESTION_CPUID, .argument = { cpu, leaf, subleaf } };
	struct answer answer = ANSWER_INIT;
	uint64_t numbers[4];
	for (int i = 0; i < 4; i++)
		numbers[i] = registers[i];
	answer_set_numbers(&answer, numbers, 4);
	record->cpus[cpu] = true;
	return add(record, &question, &answer);
}

int record_msr(struct record *record, uint32_t cpu, uint32_t index, uint64_t value)
{
	struct question question = { .kind = QUESTION_MSR, .argument = { cpu, index } };
	struct answer answer = ANSWER_INIT;
	answer_set_numbers(&answer, &value, 1);
	record->cpus[cpu] = true;
	return add(record, &question, &answer);
}

void record_msr_failed(struct record *record, uint32_t cpu, uint32_t index, const char *why)
{
	struct question question = { .kind = QUESTION_MSR, .argument = { cpu, index } };
	struct answer answer = ANSWER_INIT;
	answer_set_status(&answer, STATUS_FAILED, "%s", why);
	answer.sys_errno = EIO; /* what the msr device makes of a fault */
	record->cpus[cpu] = true;
	add(record, &question, &answer);
}

void record_online(struct record *record)
{
	cleanup_text struct text list = TEXT_INIT;
	struct question question = { .kind = QUESTION_FILE, .path = ONLINE };
	cleanup_answer struct answer answer = ANSWER_INIT;
	for (unsigned cpu = 0; cpu < RECORD_CPUS; cpu++) {
		unsigned first = cpu;
		if (!record->cpus[cpu])
			continue;
		while (cpu + 1 < RECORD_CPUS && record->cpus[cpu + 1])
			cpu++;
		text_printf(&list, "%s%u", list.length == 0 ? "" : ",", first);
		if (cpu > first)
			text_printf(&list, "-%u", cpu);
	}
	if (list.length == 0)
		return;
	text_add(&list, "\n");
	answer_set_text(&answer, text_string(&list), list.length);
	record->out_of_memory = record->out_of_memory || list.failed;
	add(record, &question, &answer);
}
