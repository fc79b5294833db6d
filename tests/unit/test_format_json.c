/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The json format says what the report says; tests/data validates it against its schema. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/lib/judged.h"

static struct text out = TEXT_INIT;
static json_t *json;

static void end(void)
{
	json_decref(json);
	text_clear(&out);
	judged_end();
}

TestSuite(format_json, .init = judged_begin, .fini = end);

static void write(const char *target)
{
	struct format_options options = { .columns = 80, .rows = 24 };
	json_error_t error;
	judged(target);
	judged_report.agent_version = "1.2.3";
	strcpy(judged_report.id, "01890a5d-ac96-774b-bcce-b302099a8057");
	strcpy(judged_report.time, "2026-11-20T10:46:00Z");
	strcpy(judged_report.guest.hostname, "vm-\xff-1");
	format_find("json")->write(&judged_report, &options, &out);
	cr_assert_not(out.failed);
	json = json_loads(text_string(&out), JSON_REJECT_DUPLICATES, &error);
	cr_assert_not_null(json, "line %d: %s", error.line, error.text);
}

static const char *text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "" : text;
}

static json_t *finding_at(const char *id)
{
	size_t i;
	json_t *finding;
	json_array_foreach(json_object_get(json, "findings"), i, finding)
	{
		if (strcmp(text_at(finding, "id"), id) == 0)
			return finding;
	}
	cr_assert_fail("no finding %s", id);
	return NULL;
}

Test(format_json, the_head_of_a_report)
{
	write("kvm");
	cr_expect_str_eq(text_at(json, "schema"), REPORT_SCHEMA);
	cr_expect_str_eq(text_at(json, "id"), "01890a5d-ac96-774b-bcce-b302099a8057");
	cr_expect_str_eq(text_at(json, "verdict"), "ready");
	cr_expect_str_eq(text_at(json, "basis"), "proven");
	cr_expect_str_eq(text_at(json_object_get(json, "target"), "id"), "kvm");
	cr_expect_str_eq(text_at(json_object_get(json, "agent"), "version"), "1.2.3");
	cr_expect_str_eq(text_at(json_object_get(json, "guest"), "hostname"), "vm-?-1");
	cr_expect_null(json_object_get(json_object_get(json, "guest"), "boot_id"));
	json_t *platform = json_object_get(json, "platform");
	cr_expect_str_eq(text_at(platform, "id"), "kvm-libvirt");
	cr_expect_str_eq(text_at(platform, "confidence"), "high");
	cr_expect_eq(json_array_size(json_object_get(platform, "evidence")), 1);
	cr_expect_eq(json_array_size(json_object_get(json, "others")), judged_report.other_count);
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(json, "not_proven"), 0)),
	                 "network");
}

Test(format_json, a_failed_finding_carries_evidence_gap_and_remedies)
{
	with(machine_hidden);
	write("kvm");
	json_t *finding = finding_at("cpu.extension");
	cr_expect_str_eq(text_at(finding, "outcome"), "fail");
	cr_expect_str_eq(text_at(finding, "gap"), "l0.virt-not-exposed");
	json_t *evidence = json_object_get(finding, "evidence");
	cr_assert_eq(json_array_size(evidence), 3); /* cpu.vendor once, though asked for twice */
	cr_expect_str_eq(text_at(json_array_get(evidence, 1), "key"), "cpu.vmx");
	cr_expect(json_is_false(json_object_get(json_array_get(evidence, 1), "value")));
	json_t *remedy = json_array_get(json_object_get(finding, "remedies"), 0);
	cr_expect_str_eq(text_at(remedy, "tool"), "virsh");
	cr_expect(json_is_true(json_object_get(remedy, "power_off")));
	cr_expect_gt(json_array_size(json_object_get(remedy, "steps")), 1);
	cr_expect_gt(json_array_size(json_object_get(remedy, "undo")), 0);
	cr_expect_null(json_object_get(finding_at("cpu.nx"), "gap"));
}

Test(format_json, what_is_not_known_says_why)
{
	with(machine_ordinary);
	write("kvm");
	cr_expect_str_eq(text_at(finding_at("kvm.device"), "outcome"), "unknown");
	cr_expect_str_eq(text_at(finding_at("kvm.device"), "because"),
	                 "/dev/kvm: Permission denied");
}

Test(format_json, facts_come_whole)
{
	with("{\"cpu.svm-asids\":{\"value\":8,\"exceptions\":[{\"cpus\":\"1\",\"status\":"
	     "\"denied\"}]}}");
	write("kvm");
	json_t *facts = json_object_get(json, "facts");
	cr_expect_eq(json_object_size(facts), fact_set_count(judged_report.facts));
	json_t *fact = json_object_get(facts, "cpu.svm-asids");
	cr_expect_eq(json_integer_value(json_object_get(fact, "value")), 8);
	cr_expect_eq(json_array_size(json_object_get(fact, "exceptions")), 1);
	cr_expect_str_eq(text_at(json_object_get(facts, DERIVED_PLATFORM), "value"), "kvm-libvirt");
}

Test(format_json, an_unknown_platform_is_null)
{
	with("{\"hypervisor.signatures\":[\"NobodyNobody\"],\"dmi.sys-vendor\":\"Acme\"}");
	write("esxi-8");
	json_t *platform = json_object_get(json, "platform");
	cr_expect(json_is_null(json_object_get(platform, "id")));
	cr_expect_null(json_object_get(platform, "confidence"));
	cr_expect_gt(json_array_size(json_object_get(finding_at("net.adapter-model"), "remedies")),
	             0);
}
