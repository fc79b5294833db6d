/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digest of a report is the same as long as it says the same, and a heartbeat names both. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "agent/heartbeat.h"
#include "tests/lib/judged.h"
#include "tests/lib/made_facts.h"
#include "transport/beat.h"

#define FULL "01970000-0000-7000-8000-000000000005"

/* The digest of a machine; `change` is called before, and may be NULL. */
static const char *digest_of(const char *facts, const char *target, void (*change)(struct report *))
{
	static char digests[2][SHA256_HEX_SIZE];
	static unsigned turn;
	struct report report = { .agent_version = "1", .guest = { .hostname = "g" } };
	struct error err = ERROR_INIT;
	report.facts = made_facts(machine_intel);
	made_facts_add(report.facts, facts);
	cr_assert_eq(report_judge(&report, knowledge_target(target), false, &err), 0, "%s",
	             err.message);
	if (change != NULL)
		change(&report);
	char *digest = digests[turn++ % 2];
	cr_assert(heartbeat_digest(&report, digest));
	report_clear(&report);
	return digest;
}

static void another_run(struct report *report)
{
	static struct probe_outcome probe = { .id = "cpuid", .duration_us = 4711 };
	strcpy(report->id, FULL);
	strcpy(report->time, "2026-01-02T03:04:05.678Z");
	report->probes = realloc(report->probes, sizeof probe);
	report->probes[0] = probe;
	report->probe_count = 1;
}

static void rebooted(struct report *report)
{
	strcpy(report->guest.boot_id, "4c4c4544-0000-2010-8020-80c04f202020");
}

static void cloned(struct report *report)
{
	strcpy(report->guest.macs[0], "00112233445566778899aabbccddeeff");
	report->guest.mac_count = 1;
}

static void renamed(struct report *report)
{
	strcpy(report->guest.hostname, "other");
}

static void updated(struct report *report)
{
	report->agent_version = "2";
}

static void dropped(struct report *report)
{
	report->spool_dropped++;
}

static void one_finding(struct report *report)
{
	report->judgment.findings[0].outcome = OUTCOME_UNKNOWN;
}

static void one_gap(struct report *report)
{
	report->judgment.findings[0].gap = "l0.virt-not-exposed";
}

static void another_verdict(struct report *report)
{
	report->others[0].verdict =
	        report->others[0].verdict == VERDICT_READY ? VERDICT_DEGRADED : VERDICT_READY;
}

Test(heartbeat, the_same_again)
{
	cr_expect_str_eq(digest_of("{}", "kvm", NULL), digest_of("{}", "kvm", another_run));
	/* Measured anew each time, and of no consequence here. */
	cr_expect_str_eq(digest_of("{}", "kvm", NULL),
	                 digest_of("{\"l2.exit-ns\": 1234}", "kvm", NULL));
}

Test(heartbeat, what_changed_is_seen)
{
	static void (*const changes[])(struct report *) = {
		rebooted, cloned, renamed, updated, dropped, one_finding, one_gap, another_verdict,
	};
	static const char *const facts[] = { "{\"cpu.microcode\": \"0xff\"}",
		                             "{\"os.kernel\": \"6.99.0\"}",
		                             "{\"cpu.name\": \"Another\"}",
		                             "{\"cpu.vmx\": false}" };
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
		cr_expect_str_neq(digest_of("{}", "kvm", NULL), digest_of("{}", "kvm", changes[i]),
		                  "change %zu", i);
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		cr_expect_str_neq(digest_of("{}", "kvm", NULL), digest_of(facts[i], "kvm", NULL),
		                  "%s", facts[i]);
	cr_expect_str_neq(digest_of("{}", "kvm", NULL), digest_of("{}", "proxmox", NULL));
}

static const char *member(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text == NULL ? "" : text;
}

Test(heartbeat, names_the_report_that_it_stands_for)
{
	cleanup_text struct text out = TEXT_INIT, other = TEXT_INIT;
	judged_begin();
	judged_report.judgment =
	        (struct judgment){ .target = knowledge_target("kvm"), .verdict = VERDICT_DEGRADED };
	text_cut(judged_report.guest.hostname, sizeof judged_report.guest.hostname, "g");
	heartbeat_write(&judged_report, "d", FULL, &out);
	judged_report.judgment = (struct judgment){ .target = NULL };
	judged_end();
	cr_assert(beat_is(&out));
	json_t *json = json_loads(text_string(&out), JSON_REJECT_DUPLICATES, NULL);
	cr_expect_str_eq(member(json, "full"), FULL);
	cr_expect_str_eq(member(json, "digest"), "d");
	cr_expect_str_eq(member(json, "verdict"), "degraded");
	cr_expect_str_eq(member(json_object_get(json, "guest"), "hostname"), "g");
	cr_expect_null(json_object_get(json_object_get(json, "guest"), "system_uuid"));
	json_decref(json);
	text_add(&other, "{\"schema\":\"nestready.report/1\"");
	cr_expect_not(beat_is(&other));
}
