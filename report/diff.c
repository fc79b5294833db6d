/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See diff.h. */
#include "report/diff.h"

#include <stdlib.h>
#include <string.h>

#include "report/controls.h"
#include "report/fact_read.h"
#include "report/report.h"

/* One report, checked, in the forms in which it is compared. */
struct side {
	const char *name;
	const json_t *report;
	const char *target;
	const json_t *findings;
	struct fact_set *facts;
};

/* Lack of memory anywhere makes the whole a failure. */
struct writer {
	json_t *diff;
	bool changed; /* readiness */
	bool failed;
};

static void put(struct writer *writer, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value) != 0)
		writer->failed = true;
}

static void append(struct writer *writer, json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) != 0)
		writer->failed = true;
}

static const char *member(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static int keep_fact(void *context, const struct fact *fact, struct error *err)
{
	if (fact_set_add(context, fact) != 0)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return 0;
}

static int no_report(const struct side *side, const char *expected, struct error *err)
{
	return error_set(err, ERROR_BAD_INPUT, 0, "%s: expected %s", side->name, expected);
}

static int check_findings(const struct side *side, struct error *err)
{
	size_t index;
	const json_t *finding;
	if (!json_is_array(side->findings))
		return no_report(side, "a list of findings", err);
	json_array_foreach(side->findings, index, finding)
	{
		const json_t *gap = json_object_get(finding, "gap");
		if (member(finding, "id") == NULL || member(finding, "outcome") == NULL ||
		    member(finding, "severity") == NULL || (gap != NULL && !json_is_string(gap)))
			return no_report(side, "findings with id, outcome and severity", err);
	}
	return 0;
}

static int open_side(struct side *side, const struct diff_side *given, struct error *err)
{
	const char *schema = member(given->report, "schema");
	*side = (struct side){ .name = given->name,
		               .report = given->report,
		               .target = member(json_object_get(given->report, "target"), "id"),
		               .findings = json_object_get(given->report, "findings") };
	if (schema == NULL || strcmp(schema, REPORT_SCHEMA) != 0)
		return no_report(side, "a report of the schema " REPORT_SCHEMA, err);
	if (side->target == NULL || member(given->report, "verdict") == NULL)
		return no_report(side, "a report with a target and a verdict", err);
	if (check_findings(side, err) != 0)
		return -1;
	if (!json_is_object(json_object_get(given->report, "facts")))
		return no_report(side, "a report with facts", err);
	side->facts = fact_set_new();
	if (side->facts == NULL)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	if (facts_read(json_object_get(given->report, "facts"), keep_fact, side->facts, err) != 0)
		return error_wrap(err, "%s", side->name);
	return 0;
}

/* The element whose `key` is `value`; NULL when there is none. */
static const json_t *find(const json_t *list, const char *key, const char *value)
{
	size_t index;
	const json_t *element;
	json_array_foreach(list, index, element)
	{
		const char *found = member(element, key);
		if (found != NULL && strcmp(found, value) == 0)
			return element;
	}
	return NULL;
}

static bool same_text(const char *one, const char *other)
{
	return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

/* "before" and "after", where there are such. */
static json_t *change(struct writer *writer, const char *before, const char *after)
{
	json_t *json = json_object();
	if (before != NULL)
		put(writer, json, "before", json_string(before));
	if (after != NULL)
		put(writer, json, "after", json_string(after));
	return json;
}

static void compare_verdicts(struct writer *writer, const struct side *before,
                             const struct side *after)
{
	const char *old = member(before->report, "verdict");
	const char *new = member(after->report, "verdict");
	json_t *others = json_array();
	size_t index;
	const json_t *other;
	writer->changed |= !same_text(old, new);
	put(writer, writer->diff, "verdict", change(writer, old, new));
	json_array_foreach(json_object_get(before->report, "others"), index, other)
	{
		const char *target = member(other, "target");
		if (target == NULL)
			continue;
		const json_t *now =
		        find(json_object_get(after->report, "others"), "target", target);
		old = member(other, "verdict");
		new = member(now, "verdict");
		if (now == NULL || same_text(old, new)) /* other versions know other targets */
			continue;
		json_t *json = change(writer, old, new);
		put(writer, json, "target", json_string(target));
		append(writer, others, json);
		writer->changed = true;
	}
	put(writer, writer->diff, "others", others);
}

/* Whether the finding names a gap that stands in the way, or makes the target less than ready. */
static const char *gap_of(const json_t *finding)
{
	const char *severity = member(finding, "severity");
	return strcmp(severity, severity_name(SEVERITY_INFORMATIONAL)) == 0
	               ? NULL
	               : member(finding, "gap");
}

static bool has_gap(const json_t *findings, const char *gap)
{
	size_t index;
	const json_t *finding;
	json_array_foreach(findings, index, finding)
	{
		if (same_text(gap_of(finding), gap))
			return true;
	}
	return false;
}

/* The gaps of `of` that are none in `in`, each once. */
static json_t *gaps_beyond(struct writer *writer, const struct side *of, const struct side *in)
{
	json_t *list = json_array();
	size_t index;
	const json_t *finding;
	json_array_foreach(of->findings, index, finding)
	{
		const char *gap = gap_of(finding);
		bool listed = false;
		for (size_t i = 0; gap != NULL && i < json_array_size(list); i++)
			listed |= same_text(json_string_value(json_array_get(list, i)), gap);
		if (gap == NULL || listed || has_gap(in->findings, gap))
			continue;
		append(writer, list, json_string(gap));
		writer->changed = true;
	}
	return list;
}

static void compare_gaps(struct writer *writer, const struct side *before, const struct side *after)
{
	json_t *gaps = json_object();
	put(writer, gaps, "opened", gaps_beyond(writer, after, before));
	put(writer, gaps, "closed", gaps_beyond(writer, before, after));
	put(writer, writer->diff, "gaps", gaps);
}

static json_t *outcome_of(struct writer *writer, const json_t *finding)
{
	json_t *json = json_object();
	put(writer, json, "outcome", json_string(member(finding, "outcome")));
	if (member(finding, "gap") != NULL)
		put(writer, json, "gap", json_string(member(finding, "gap")));
	return json;
}

static void add_finding(struct writer *writer, json_t *list, const json_t *old, const json_t *new)
{
	json_t *json = json_object();
	put(writer, json, "id", json_string(member(old != NULL ? old : new, "id")));
	if (old != NULL)
		put(writer, json, "before", outcome_of(writer, old));
	if (new != NULL)
		put(writer, json, "after", outcome_of(writer, new));
	append(writer, list, json);
}

static void compare_findings(struct writer *writer, const struct side *before,
                             const struct side *after)
{
	json_t *list = json_array();
	size_t index;
	const json_t *finding;
	json_array_foreach(after->findings, index, finding)
	{
		const json_t *old = find(before->findings, "id", member(finding, "id"));
		if (old == NULL || !same_text(member(old, "outcome"), member(finding, "outcome")) ||
		    !same_text(member(old, "gap"), member(finding, "gap")))
			add_finding(writer, list, old, finding);
	}
	json_array_foreach(before->findings, index, finding)
	{
		if (find(after->findings, "id", member(finding, "id")) == NULL)
			add_finding(writer, list, finding, NULL);
	}
	put(writer, writer->diff, "findings", list);
}

/* Measurements, and what names one start of the machine. */
static bool is_volatile(const char *key)
{
	static const char *const keys[] = { "disk.free", "guest.boot-id", "l2.exit-ns" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* The reason for not knowing may be told in other words. */
static bool same_fact(const struct fact *one, const struct fact *other)
{
	bool same_value = one->value == NULL
	                          ? other->value == NULL
	                          : other->value != NULL && json_equal(one->value, other->value);
	bool same_exceptions = one->exceptions == NULL
	                               ? other->exceptions == NULL
	                               : other->exceptions != NULL &&
	                                         json_equal(one->exceptions, other->exceptions);
	return one->status == other->status && same_value && same_exceptions;
}

/* What every CPU offers; false when the fact is no register of controls, or not known. */
static bool offered_by_all(const struct fact *fact, uint64_t *offered)
{
	const char *text = json_string_value(fact->value);
	size_t index;
	const json_t *exception;
	if (text == NULL || !controls_offered(fact->key, strtoull(text, NULL, 16), offered))
		return false;
	json_array_foreach(fact->exceptions, index, exception)
	{
		uint64_t here = 0;
		text = member(exception, "value");
		if (text == NULL)
			return false;
		controls_offered(fact->key, strtoull(text, NULL, 16), &here);
		*offered &= here;
	}
	return true;
}

static void add_controls(struct writer *writer, json_t *json, const struct fact *old,
                         const struct fact *new)
{
	uint64_t before;
	uint64_t after;
	if (!offered_by_all(old, &before) || !offered_by_all(new, &after))
		return;
	if ((before & ~after) != 0)
		put(writer, json, "lost", controls_names(old->key, before & ~after));
	if ((after & ~before) != 0)
		put(writer, json, "gained", controls_names(old->key, after & ~before));
}

static void add_fact(struct writer *writer, json_t *list, const struct fact *old,
                     const struct fact *new)
{
	const char *key = (old != NULL ? old : new)->key;
	json_t *json = json_object();
	put(writer, json, "key", json_string(key));
	if (old != NULL)
		put(writer, json, "before", fact_to_json(old));
	if (new != NULL)
		put(writer, json, "after", fact_to_json(new));
	if (old != NULL && new != NULL)
		add_controls(writer, json, old, new);
	append(writer, list, json);
}

static void compare_facts(struct writer *writer, const struct side *before,
                          const struct side *after)
{
	json_t *list = json_array();
	for (size_t i = 0; i < fact_set_count(before->facts); i++) {
		const struct fact *old = fact_set_at(before->facts, i);
		const struct fact *new = fact_set_find(after->facts, old->key);
		if (!is_volatile(old->key) && (new == NULL || !same_fact(old, new)))
			add_fact(writer, list, old, new);
	}
	for (size_t i = 0; i < fact_set_count(after->facts); i++) {
		const struct fact *new = fact_set_at(after->facts, i);
		if (!is_volatile(new->key) && fact_set_find(before->facts, new->key) == NULL)
			add_fact(writer, list, NULL, new);
	}
	put(writer, writer->diff, "facts", list);
}

static json_t *compare(const struct side *before, const struct side *after, struct error *err)
{
	struct writer writer = { .diff = json_object() };
	put(&writer, writer.diff, "schema", json_string(DIFF_SCHEMA));
	put(&writer, writer.diff, "target", json_string(before->target));
	put(&writer, writer.diff, "readiness_changed", json_false()); /* until it is known */
	compare_verdicts(&writer, before, after);
	compare_gaps(&writer, before, after);
	compare_findings(&writer, before, after);
	compare_facts(&writer, before, after);
	put(&writer, writer.diff, "readiness_changed", json_boolean(writer.changed));
	if (!writer.failed)
		return writer.diff;
	json_decref(writer.diff);
	error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return NULL;
}

json_t *diff_reports(const struct diff_side *before, const struct diff_side *after,
                     struct error *err)
{
	struct side old = { .facts = NULL };
	struct side new = { .facts = NULL };
	json_t *diff = NULL;
	if (open_side(&old, before, err) == 0 && open_side(&new, after, err) == 0) {
		if (strcmp(old.target, new.target) == 0)
			diff = compare(&old, &new, err);
		else
			error_set(err, ERROR_BAD_INPUT, 0, "%s is about %.40s, %s is about %.40s",
			          old.name, old.target, new.name, new.target);
	}
	fact_set_free(old.facts);
	fact_set_free(new.facts);
	return diff;
}

bool diff_readiness_changed(const json_t *diff)
{
	return json_is_true(json_object_get(diff, "readiness_changed"));
}
