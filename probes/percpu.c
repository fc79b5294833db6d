/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups CPUs by what they answered, and writes the groups as one fact. */
#include "probes/percpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "probes/cpus.h"

/* CPUs that answered alike. */
struct percpu_group {
	enum status status;
	uint64_t value;
	char why[112];
	struct cpu_ranges cpus;
};

void percpu_begin(struct percpu *fact, const char *key, enum percpu_form form, const char *source)
{
	*fact = (struct percpu){ .key = key, .form = form, .source = source };
}

static bool same(const struct percpu_group *group, enum status status, uint64_t value,
                 const char *why)
{
	if (group->status != status)
		return false;
	return status == STATUS_OBSERVED ? group->value == value : strcmp(group->why, why) == 0;
}

static bool make_room(struct percpu *fact)
{
	if (fact->count < fact->capacity)
		return true;
	size_t capacity = fact->capacity == 0 ? 1 : fact->capacity * 4;
	struct percpu_group *groups = realloc(fact->groups, capacity * sizeof *groups);
	if (groups == NULL)
		return false;
	fact->groups = groups;
	fact->capacity = capacity;
	return true;
}

/* The group of CPUs that answered so; a new one when none did; NULL on lack of memory. */
static struct percpu_group *group_of(struct percpu *fact, enum status status, uint64_t value,
                                     const char *why)
{
	char cut[sizeof fact->groups->why];
	text_cut(cut, sizeof cut, status == STATUS_OBSERVED || why == NULL ? "" : why);
	for (size_t i = 0; i < fact->count; i++)
		if (same(&fact->groups[i], status, value, cut))
			return &fact->groups[i];
	if (fact->count == PERCPU_GROUPS - 1) {
		status = STATUS_FAILED;
		snprintf(cut, sizeof cut, "more than %d different answers", PERCPU_GROUPS - 1);
	} else if (fact->count == PERCPU_GROUPS) {
		return &fact->groups[PERCPU_GROUPS - 1];
	}
	if (!make_room(fact))
		return NULL;
	struct percpu_group *group = &fact->groups[fact->count++];
	*group = (struct percpu_group){ .status = status, .value = value, .cpus = CPU_RANGES_INIT };
	text_cut(group->why, sizeof group->why, cut);
	return group;
}

void percpu_add(struct percpu *fact, uint32_t cpu, enum status status, uint64_t value,
                const char *why)
{
	struct percpu_group *group = group_of(fact, status, value, why);
	if (group == NULL) {
		fact->out_of_memory = true;
		return;
	}
	cpu_ranges_add(&group->cpus, cpu);
}

static json_t *value_of(const struct percpu_group *group, enum percpu_form form)
{
	switch (form) {
	case PERCPU_BOOL:
		return json_boolean(group->value != 0);
	case PERCPU_INT:
		return json_integer((json_int_t)group->value);
	case PERCPU_HEX:
		break;
	}
	return fact_hex_value(group->value);
}

static json_t *exception_of(struct percpu_group *group, enum percpu_form form)
{
	json_t *json = json_object();
	const char *ranges = cpu_ranges_string(&group->cpus);
	if (json == NULL || ranges == NULL)
		goto fail;
	json_t *cpus = json_string_nocheck(ranges);
	json_t *status = json_string_nocheck(status_name(group->status));
	if (json_object_set_new_nocheck(json, "cpus", cpus) != 0 ||
	    json_object_set_new_nocheck(json, "status", status) != 0)
		goto fail;
	if (group->status == STATUS_OBSERVED) {
		if (json_object_set_new_nocheck(json, "value", value_of(group, form)) != 0)
			goto fail;
	} else if (json_object_set_new_nocheck(
	                   json, "why", fact_text_value(group->why, strlen(group->why))) != 0) {
		goto fail;
	}
	return json;
fail:
	json_decref(json);
	return NULL;
}

/* All groups but `most`; NULL when there is no other, and on lack of memory. */
static json_t *exceptions_of(struct percpu *fact, const struct percpu_group *most)
{
	if (fact->count == 1)
		return NULL;
	json_t *list = json_array();
	for (size_t i = 0; i < fact->count; i++) {
		if (&fact->groups[i] == most)
			continue;
		if (json_array_append_new(list, exception_of(&fact->groups[i], fact->form)) != 0) {
			fact->out_of_memory = true;
			break;
		}
	}
	return list;
}

static void emit_groups(struct percpu *fact, struct fact_sink *sink)
{
	const struct percpu_group *most = &fact->groups[0];
	for (size_t i = 1; i < fact->count; i++)
		if (fact->groups[i].cpus.cpus > most->cpus.cpus)
			most = &fact->groups[i];
	struct fact out = { .key = fact->key, .status = most->status, .source = fact->source };
	out.exceptions = exceptions_of(fact, most);
	if (most->status == STATUS_OBSERVED)
		out.value = value_of(most, fact->form);
	else
		out.why = most->why;
	if (fact->out_of_memory || (most->status == STATUS_OBSERVED && out.value == NULL))
		fact_none(sink, fact->key, STATUS_FAILED, "out of memory", fact->source);
	else
		sink->emit(sink, &out);
	json_decref(out.value);
	json_decref(out.exceptions);
}

void percpu_emit(struct percpu *fact, struct fact_sink *sink)
{
	if (fact->count > 0)
		emit_groups(fact, sink);
	else if (fact->out_of_memory)
		fact_none(sink, fact->key, STATUS_FAILED, "out of memory", fact->source);
	else
		fact_none(sink, fact->key, STATUS_SKIPPED, "no CPU was asked", fact->source);
	for (size_t i = 0; i < fact->count; i++)
		cpu_ranges_clear(&fact->groups[i].cpus);
	free(fact->groups);
	*fact = (struct percpu){ 0 };
}

void percpu_why(const struct answer *answer, char *why, size_t size)
{
	if (answer->sys_errno != 0)
		text_cut(why, size, strerror(answer->sys_errno));
	else
		text_cut(why, size, answer->why);
}
