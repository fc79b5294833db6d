/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for machines: schema nestready.report/1 (schema/report.schema.json).
 * It carries everything; its names change only with the number of the schema.
 */
#include <stdlib.h>
#include <string.h>

#include "report/per_nic.h"
#include "report/report.h"

/* Lack of memory anywhere makes a NULL, and a NULL put anywhere makes the whole a failure. */
struct writer {
	const struct report *report;
	bool failed;
};

/* Takes over the value. */
static void put(struct writer *writer, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value) != 0)
		writer->failed = true;
}

static void append(struct writer *writer, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		writer->failed = true;
}

static json_t *text_value(const char *text)
{
	return fact_text_value(text, strlen(text));
}

static void put_text(struct writer *writer, json_t *object, const char *key, const char *text)
{
	put(writer, object, key, text_value(text));
}

/* Leaves the member out when there is nothing to say. */
static void put_optional(struct writer *writer, json_t *object, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		put_text(writer, object, key, text);
}

static json_t *text_list(struct writer *writer, const char *const *texts, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		append(writer, list, text_value(texts[i]));
	return list;
}

/* `texts` ends with NULL. */
static json_t *step_list(struct writer *writer, const char *const *texts)
{
	size_t count = 0;
	while (texts[count] != NULL)
		count++;
	return text_list(writer, texts, count);
}

static json_t *guest_to_json(struct writer *writer)
{
	const struct guest_identity *guest = &writer->report->guest;
	json_t *json = json_object();
	put_optional(writer, json, "hostname", guest->hostname);
	put_optional(writer, json, "system_uuid", guest->system_uuid);
	put_optional(writer, json, "boot_id", guest->boot_id);
	put_optional(writer, json, "machine_id", guest->machine_id);
	if (guest->mac_count > 0) {
		json_t *macs = json_array();
		for (size_t i = 0; i < guest->mac_count; i++)
			append(writer, macs, text_value(guest->macs[i]));
		put(writer, json, "macs", macs);
	}
	return json;
}

/* The answer is the L2's (probes/l2.c). */
static json_t *challenge_to_json(struct writer *writer)
{
	const struct fact *fact = fact_set_find(writer->report->facts, "l2.answer");
	json_t *json = json_object();
	put_text(writer, json, "nonce", writer->report->challenge);
	if (fact != NULL && fact->status == STATUS_OBSERVED)
		put(writer, json, "answer", json_incref(fact->value));
	return json;
}

/* The version of the platform, or a bound of it, where a fact holds one. */
static void put_version(struct writer *writer, json_t *json, const struct platform *platform)
{
	if (platform->version_fact == NULL)
		return;
	const struct fact *fact = fact_set_find(writer->report->facts, platform->version_fact);
	if (fact != NULL && fact->status == STATUS_OBSERVED)
		put(writer, json, "version", json_incref(fact->value));
}

static json_t *platform_to_json(struct writer *writer)
{
	const struct identification *found = &writer->report->platform;
	json_t *json = json_object();
	if (found->platform == NULL) {
		put(writer, json, "id", json_null());
	} else {
		put_text(writer, json, "id", found->platform->id);
		put_text(writer, json, "product", found->platform->title);
		put_version(writer, json, found->platform);
		put_text(writer, json, "confidence", confidence_name(found->confidence));
	}
	put(writer, json, "evidence", text_list(writer, found->evidence, found->evidence_count));
	return json;
}

/* How the target does on this platform. */
static json_t *support_to_json(struct writer *writer, const struct matrix_entry *entry)
{
	json_t *json = json_object();
	put_text(writer, json, "level", entry->support);
	put_optional(writer, json, "note", entry->note);
	put(writer, json, "uncertain", json_boolean(entry->uncertain));
	put_text(writer, json, "source", entry->source);
	return json;
}

static json_t *constraint_to_json(struct writer *writer, const struct constraint *constraint)
{
	json_t *json = json_object();
	put_text(writer, json, "id", constraint->id);
	put_text(writer, json, "what", constraint->what);
	put_text(writer, json, "text", constraint->text);
	put(writer, json, "uncertain", json_boolean(constraint->uncertain));
	put_text(writer, json, "source", constraint->source);
	return json;
}

static json_t *target_to_json(struct writer *writer, const struct target *target)
{
	json_t *json = json_object();
	put_text(writer, json, "id", target->id);
	put_text(writer, json, "title", target->title);
	const struct platform *platform = writer->report->platform.platform;
	const struct matrix_entry *entry = knowledge_support(target, platform);
	if (entry != NULL)
		put(writer, json, "support", support_to_json(writer, entry));
	json_t *constraints = json_array();
	for (const struct constraint *constraint = knowledge_constraints; constraint->id != NULL;
	     constraint++) {
		if (platform != NULL && knowledge_constrains(constraint, target, platform))
			append(writer, constraints, constraint_to_json(writer, constraint));
	}
	put(writer, json, "constraints", constraints);
	return json;
}

struct evidence {
	struct writer *writer;
	json_t *list;
};

static bool has_key(const json_t *list, const char *key)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "key")),
		           key) == 0)
			return true;
	return false;
}

/* Each fact once, however often the condition asks for it. */
static void add_evidence(const char *key, void *context)
{
	struct evidence *evidence = context;
	const struct fact *fact = fact_set_find(evidence->writer->report->facts, key);
	if (fact == NULL || evidence->writer->failed || has_key(evidence->list, key))
		return;
	json_t *json = fact_to_json(fact);
	put_text(evidence->writer, json, "key", key);
	append(evidence->writer, evidence->list, json);
}

static json_t *remedy_to_json(struct writer *writer, const struct remedy *remedy)
{
	json_t *json = json_object();
	put_text(writer, json, "tool", remedy->tool);
	put_text(writer, json, "who", remedy->who);
	put(writer, json, "steps", step_list(writer, remedy->steps));
	put(writer, json, "power_off", json_boolean(remedy->power_off));
	put_optional(writer, json, "downtime", remedy->downtime);
	put(writer, json, "verify", step_list(writer, remedy->verify));
	put(writer, json, "undo", step_list(writer, remedy->undo));
	put_optional(writer, json, "cost", remedy->cost);
	put(writer, json, "uncertain", json_boolean(remedy->uncertain));
	put_text(writer, json, "source", remedy->source);
	return json;
}

static void put_gap(struct writer *writer, json_t *json, const char *gap)
{
	const struct platform_gap *closing = knowledge_platform_gap(
	        writer->report->platform.platform, gap, writer->report->facts);
	json_t *remedies = json_array();
	put_text(writer, json, "gap", gap);
	if (closing != NULL)
		put_text(writer, json, "gap_summary", closing->summary);
	for (size_t i = 0; closing != NULL && i < closing->remedy_count; i++)
		append(writer, remedies, remedy_to_json(writer, &closing->remedies[i]));
	put(writer, json, "remedies", remedies);
	if (closing != NULL && closing->instead != NULL)
		put(writer, json, "instead", step_list(writer, closing->instead));
}

/* The same finding for each interface that was tested. */
static void put_nics(struct writer *writer, json_t *json, const struct requirement *requirement)
{
	struct nic_finding list[PER_NIC_MAX];
	int count = per_nic_judge(requirement, writer->report->facts, list);
	json_t *nics = json_array();
	writer->failed = writer->failed || count < 0;
	for (int i = 0; i < count; i++) {
		json_t *nic = json_object();
		put_text(writer, nic, "nic", list[i].nic);
		put_text(writer, nic, "word", list[i].word);
		put_text(writer, nic, "confidence", list[i].confidence);
		put_text(writer, nic, "outcome", outcome_name(list[i].outcome));
		put_optional(writer, nic, "gap", list[i].gap);
		append(writer, nics, nic);
	}
	if (count > 0)
		put(writer, json, "nics", nics);
	else
		json_decref(nics);
}

static json_t *finding_to_json(struct writer *writer, const struct finding *finding)
{
	const struct requirement *requirement = finding->requirement;
	struct evidence evidence = { writer, json_array() };
	json_t *json = json_object();
	put_text(writer, json, "id", requirement->id);
	put_text(writer, json, "outcome", outcome_name(finding->outcome));
	put_text(writer, json, "severity", severity_name(finding_severity(finding)));
	put_text(writer, json, "group", requirement->group);
	put_text(writer, json, "title", requirement->title);
	put_text(writer, json, "why", requirement->why);
	put_text(writer, json, "source", requirement->source);
	put(writer, json, "uncertain", json_boolean(requirement->uncertain));
	if (requirement->phase != PHASE_BOTH)
		put_text(writer, json, "phase", phase_name(requirement->phase));
	put_optional(writer, json, "because", finding->because);
	condition_visit_evidence(requirement->condition, writer->report->facts, add_evidence,
	                         &evidence);
	put(writer, json, "evidence", evidence.list);
	if (strcmp(requirement->id, FINDING_NETWORK) == 0)
		put_nics(writer, json, requirement);
	if (finding->gap != NULL)
		put_gap(writer, json, finding->gap);
	return json;
}

static void put_judgment(struct writer *writer, json_t *json)
{
	const struct judgment *judgment = &writer->report->judgment;
	json_t *findings = json_array();
	put(writer, json, "target", target_to_json(writer, judgment->target));
	if (writer->report->phase != PHASE_BOTH)
		put_text(writer, json, "for", phase_name(writer->report->phase));
	put_text(writer, json, "verdict", verdict_name(judgment->verdict));
	put_text(writer, json, "basis", basis_name(judgment->basis));
	put(writer, json, "not_proven",
	    text_list(writer, judgment->not_proven, judgment->not_proven_count));
	for (size_t i = 0; i < judgment->finding_count; i++)
		append(writer, findings, finding_to_json(writer, &judgment->findings[i]));
	put(writer, json, "findings", findings);
}

static json_t *others_to_json(struct writer *writer)
{
	json_t *list = json_array();
	for (size_t i = 0; i < writer->report->other_count; i++) {
		const struct judgment *other = &writer->report->others[i];
		json_t *json = json_object();
		put_text(writer, json, "target", other->target->id);
		put_text(writer, json, "verdict", verdict_name(other->verdict));
		put_text(writer, json, "basis", basis_name(other->basis));
		put(writer, json, "not_proven",
		    text_list(writer, other->not_proven, other->not_proven_count));
		put_optional(writer, json, "reason", judgment_reason(other));
		append(writer, list, json);
	}
	return list;
}

static json_t *probes_to_json(struct writer *writer)
{
	json_t *list = json_array();
	for (size_t i = 0; i < writer->report->probe_count; i++) {
		const struct probe_outcome *probe = &writer->report->probes[i];
		json_t *json = json_object();
		put_text(writer, json, "id", probe->id);
		put_text(writer, json, "status", status_name(probe->status));
		put_optional(writer, json, "why", probe->why);
		put(writer, json, "duration_us", json_integer((json_int_t)probe->duration_us));
		append(writer, list, json);
	}
	return list;
}

static json_t *facts_to_json(struct writer *writer)
{
	const struct fact_set *facts = writer->report->facts;
	json_t *json = json_object();
	for (size_t i = 0; i < fact_set_count(facts); i++) {
		const struct fact *fact = fact_set_at(facts, i);
		put(writer, json, fact->key, fact_to_json(fact));
	}
	return json;
}

static json_t *report_to_json(struct writer *writer)
{
	const struct report *report = writer->report;
	json_t *json = json_object();
	json_t *agent = json_object();
	put_text(writer, agent, "version", report->agent_version);
	put_text(writer, json, "schema", REPORT_SCHEMA);
	put_text(writer, json, "id", report->id);
	put_text(writer, json, "time", report->time);
	put(writer, json, "agent", agent);
	put(writer, json, "guest", guest_to_json(writer));
	if (report->challenge != NULL)
		put(writer, json, "challenge", challenge_to_json(writer));
	put(writer, json, "platform", platform_to_json(writer));
	put_judgment(writer, json);
	put(writer, json, "others", others_to_json(writer));
	put(writer, json, "probes", probes_to_json(writer));
	put(writer, json, "facts", facts_to_json(writer));
	if (report->spool_dropped > 0)
		put(writer, json, "spool",
		    json_pack("{sI}", "dropped", (json_int_t)report->spool_dropped));
	return json;
}

static void write_json(const struct report *report, const struct format_options *options,
                       struct text *out)
{
	struct writer writer = { report, false };
	json_t *json = report_to_json(&writer);
	char *dump = writer.failed
	                     ? NULL
	                     : json_dumps(json, options->compact ? JSON_COMPACT : JSON_INDENT(2));
	if (dump == NULL) {
		out->failed = true;
	} else {
		text_add(out, dump);
		text_add(out, "\n");
	}
	free(dump);
	json_decref(json);
}

const struct format format_json = {
	.name = "json",
	.help = "everything, for machines (schema nestready.report/1)",
	.whole = true,
	.write = write_json,
};
