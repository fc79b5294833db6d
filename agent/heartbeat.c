/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See heartbeat.h. */
#include "agent/heartbeat.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "transport/beat.h"

/* By what a collector compares guests (doc/fleet.md, Cohorts), besides the platform. */
static const char *const traits[] = { "hyperv.version", "xen.version",   "vmware.product",
	                              "cpu.name",       "cpu.microcode", "os.kernel" };

static void add(struct text *out, const char *word)
{
	text_add(out, word == NULL ? "" : word);
	text_add_bytes(out, "", 1); /* no word has a NUL: two never look like one */
}

static void add_fact(struct text *out, const struct report *report, const char *key)
{
	const struct fact *fact = key == NULL ? NULL : fact_set_find(report->facts, key);
	if (fact == NULL || fact->status != STATUS_OBSERVED) {
		add(out, NULL);
		return;
	}
	cleanup_free char *value = json_dumps(fact->value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
	out->failed = out->failed || value == NULL;
	add(out, value);
}

static void add_judgment(struct text *out, const struct judgment *judgment)
{
	add(out, judgment->target->id);
	add(out, verdict_name(judgment->verdict));
	add(out, basis_name(judgment->basis));
	for (size_t i = 0; i < judgment->not_proven_count; i++)
		add(out, judgment->not_proven[i]);
}

static void add_guest(struct text *out, const struct guest_identity *guest)
{
	add(out, guest->hostname);
	add(out, guest->system_uuid);
	add(out, guest->boot_id);
	add(out, guest->machine_id);
	for (size_t i = 0; i < guest->mac_count; i++)
		add(out, guest->macs[i]);
}

bool heartbeat_digest(const struct report *report, char digest[SHA256_HEX_SIZE])
{
	cleanup_text struct text out = TEXT_INIT;
	const struct platform *platform = report->platform.platform;
	add(&out, report->agent_version);
	add_guest(&out, &report->guest);
	add(&out, platform == NULL ? NULL : platform->id);
	add_fact(&out, report, platform == NULL ? NULL : platform->version_fact);
	text_printf(&out, "%d %d %d %" PRIu64, report->platform.confidence, report->phase,
	            report->require_network, report->spool_dropped);
	add_judgment(&out, &report->judgment);
	for (size_t i = 0; i < report->judgment.finding_count; i++) {
		const struct finding *finding = &report->judgment.findings[i];
		add(&out, finding->requirement->id);
		add(&out, outcome_name(finding->outcome));
		add(&out, severity_name(finding_severity(finding)));
		add(&out, finding->gap);
	}
	for (size_t i = 0; i < report->other_count; i++)
		add_judgment(&out, &report->others[i]);
	for (size_t i = 0; i < sizeof traits / sizeof traits[0]; i++)
		add_fact(&out, report, traits[i]);
	if (!out.failed)
		sha256_hex(text_string(&out), out.length, digest);
	return !out.failed;
}

/* As the report says it. */
static void put_word(json_t *object, const char *key, const char *word)
{
	if (word[0] != '\0')
		json_object_set_new(object, key, fact_text_value(word, strlen(word)));
}

void heartbeat_write(const struct report *report, const char *digest, const char *full,
                     struct text *out)
{
	const struct guest_identity *said = &report->guest;
	json_t *guest = json_object();
	put_word(guest, "hostname", said->hostname);
	put_word(guest, "system_uuid", said->system_uuid);
	/* Its schema comes first: beat_is. */
	json_t *json =
	        json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s}", "schema", HEARTBEAT_SCHEMA,
	                  "id", report->id, "time", report->time, "guest", guest, "target",
	                  report->judgment.target->id, "verdict",
	                  verdict_name(report->judgment.verdict), "digest", digest, "full", full);
	cleanup_free char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	out->failed = out->failed || text == NULL;
	text_add(out, text == NULL ? "" : text);
}
