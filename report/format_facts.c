/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local facts of Ansible: the object that setup puts into
 * ansible_local.nestready (schema/facts.schema.json).  Names of members have no
 * dashes, so that a template can say ansible_local.nestready.not_proven.
 */
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

/* Lack of memory anywhere makes a NULL, and a NULL put anywhere makes the whole a failure. */
struct writer {
	bool failed;
};

static void put(struct writer *writer, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value) != 0)
		writer->failed = true;
}

static void put_text(struct writer *writer, json_t *object, const char *key, const char *text)
{
	put(writer, object, key, fact_text_value(text, strlen(text)));
}

static void append_text(struct writer *writer, json_t *list, const char *text)
{
	if (json_array_append_new(list, fact_text_value(text, strlen(text))) != 0)
		writer->failed = true;
}

static bool runs(enum verdict verdict)
{
	return verdict == VERDICT_READY || verdict == VERDICT_DEGRADED;
}

static json_t *platform_to_json(struct writer *writer, const struct report *report)
{
	const struct platform *platform = report->platform.platform;
	json_t *json = json_object();
	put_text(writer, json, "id", platform == NULL ? "unknown" : platform->id);
	put_text(writer, json, "product", platform == NULL ? "unknown" : platform->title);
	if (platform != NULL && platform->version_fact != NULL) {
		const struct fact *version = fact_set_find(report->facts, platform->version_fact);
		if (version != NULL && version->status == STATUS_OBSERVED)
			put(writer, json, "version", json_incref(version->value));
	}
	return json;
}

static json_t *targets_to_json(struct writer *writer, const struct report *report)
{
	json_t *json = json_object();
	put_text(writer, json, report->judgment.target->id, verdict_name(report->judgment.verdict));
	for (size_t i = 0; i < report->other_count; i++)
		put_text(writer, json, report->others[i].target->id,
		         verdict_name(report->others[i].verdict));
	return json;
}

static bool has_text(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
			return true;
	}
	return false;
}

/* What stands in the way of the target, each gap once. */
static json_t *gaps_to_json(struct writer *writer, const struct judgment *judgment)
{
	json_t *list = json_array();
	for (size_t i = 0; i < judgment->finding_count && !writer->failed; i++) {
		const struct finding *finding = &judgment->findings[i];
		if (finding->gap != NULL && finding_bearing(finding) != BEARING_NONE &&
		    !has_text(list, finding->gap))
			append_text(writer, list, finding->gap);
	}
	return list;
}

static json_t *findings_to_json(struct writer *writer, const struct judgment *judgment)
{
	json_t *json = json_object();
	for (size_t i = 0; i < judgment->finding_count; i++)
		put_text(writer, json, judgment->findings[i].requirement->id,
		         outcome_name(judgment->findings[i].outcome));
	return json;
}

static json_t *report_to_json(struct writer *writer, const struct report *report)
{
	const struct judgment *judgment = &report->judgment;
	json_t *json = json_object();
	json_t *open = json_array();
	put_text(writer, json, "schema", "nestready.facts/1");
	put_text(writer, json, "version", report->agent_version);
	put_text(writer, json, "time", report->time);
	put_text(writer, json, "target", judgment->target->id);
	put_text(writer, json, "verdict", verdict_name(judgment->verdict));
	put(writer, json, "runs", json_boolean(runs(judgment->verdict)));
	put_text(writer, json, "basis", basis_name(judgment->basis));
	for (size_t i = 0; i < judgment->not_proven_count; i++)
		append_text(writer, open, judgment->not_proven[i]);
	put(writer, json, "not_proven", open);
	put(writer, json, "platform", platform_to_json(writer, report));
	put(writer, json, "targets", targets_to_json(writer, report));
	put(writer, json, "gaps", gaps_to_json(writer, judgment));
	put(writer, json, "findings", findings_to_json(writer, judgment));
	return json;
}

static void write_facts(const struct report *report, const struct format_options *options,
                        struct text *out)
{
	(void)options;
	struct writer writer = { false };
	json_t *json = report_to_json(&writer, report);
	char *dump = writer.failed ? NULL : json_dumps(json, JSON_INDENT(2));
	if (dump == NULL) {
		out->failed = true;
	} else {
		text_add(out, dump);
		text_add(out, "\n");
	}
	free(dump);
	json_decref(json);
}

const struct format format_facts = { .name = "facts",
	                             .help = "local facts of Ansible, for /etc/ansible/facts.d",
	                             .write = write_facts };
