/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changed between two reports, and what of it is a change of readiness. */
#include <criterion/criterion.h>
#include <string.h>

#include "report/controls.h"
#include "report/diff.h"
#include "tests/lib/fake_machine.h"

#define REPORT(verdict, proxmox, findings, facts)                                                  \
	"{'schema': 'nestready.report/1', 'target': {'id': 'kvm', 'title': 'KVM'}, 'verdict': "    \
	"'" verdict "', 'others': [{'target': 'proxmox', 'verdict': '" proxmox                     \
	"'}], 'findings': [" findings "], 'facts': {" facts "}}"
#define PASS(id) "{'id': '" id "', 'outcome': 'pass', 'severity': 'required'}"
#define FAIL(id, severity, gap)                                                                    \
	"{'id': '" id "', 'outcome': 'fail', 'severity': '" severity "', 'gap': '" gap "'}"
#define OBSERVED(key, value) "'" key "': {'status': 'observed', 'value': " value "}"

static json_t *before;
static json_t *after;
static json_t *diff;

static void end(void)
{
	json_decref(before);
	json_decref(after);
	json_decref(diff);
}

TestSuite(diff, .fini = end);

static void compare(const char *old, const char *new)
{
	struct error err = ERROR_INIT;
	end();
	before = quoted_json(old);
	after = quoted_json(new);
	const struct diff_side sides[2] = { { "old.json", before }, { "new.json", after } };
	diff = diff_reports(&sides[0], &sides[1], &err);
	cr_assert_not_null(diff, "%s", err.message);
}

static void expect_member(const char *key, const char *json)
{
	json_t *wanted = quoted_json(json);
	char *found = json_dumps(json_object_get(diff, key), JSON_ENCODE_ANY);
	cr_expect(json_equal(json_object_get(diff, key), wanted), "%s: %s", key,
	          found == NULL ? "not there" : found);
	free(found);
	json_decref(wanted);
}

Test(diff, the_same_report_has_no_difference)
{
	static const char report[] =
	        REPORT("ready", "ready", PASS("cpu.nx"), OBSERVED("cpu.nx", "true"));
	compare(report, report);
	cr_expect_not(diff_readiness_changed(diff));
	expect_member("schema", "'nestready.diff/1'");
	expect_member("target", "'kvm'");
	expect_member("verdict", "{'before': 'ready', 'after': 'ready'}");
	expect_member("others", "[]");
	expect_member("gaps", "{'opened': [], 'closed': []}");
	expect_member("findings", "[]");
	expect_member("facts", "[]");
}

Test(diff, a_gap_opens_and_another_closes)
{
	compare(REPORT("not-ready", "not-ready",
	               FAIL("cpu.nx", "required", "l0.cpu-features") "," FAIL(
	                       "cpu.count", "informational", "l0.too-few-cpus"),
	               ""),
	        REPORT("not-ready", "not-ready",
	               PASS("cpu.nx") "," FAIL(
	                       "cpu.slat", "required",
	                       "l0.slat-not-exposed") "," FAIL("l2.slat", "required",
	                                                       "l0.slat-not-exposed"),
	               ""));
	cr_expect(diff_readiness_changed(diff));
	expect_member("gaps", "{'opened': ['l0.slat-not-exposed'], 'closed': ['l0.cpu-features']}");
	expect_member("findings",
	              "[{'id': 'cpu.nx', 'before': {'outcome': 'fail', 'gap': 'l0.cpu-features'},"
	              "  'after': {'outcome': 'pass'}},"
	              " {'id': 'cpu.slat', 'after': {'outcome': 'fail', 'gap': "
	              "'l0.slat-not-exposed'}},"
	              " {'id': 'l2.slat', 'after': {'outcome': 'fail', 'gap': "
	              "'l0.slat-not-exposed'}},"
	              " {'id': 'cpu.count', 'before': {'outcome': 'fail', 'gap': "
	              "'l0.too-few-cpus'}}]");
}

Test(diff, what_counts_as_readiness)
{
	compare(REPORT("ready", "ready", "", ""), REPORT("indeterminate", "ready", "", ""));
	cr_expect(diff_readiness_changed(diff));
	compare(REPORT("ready", "ready", "", ""), REPORT("ready", "degraded", "", ""));
	cr_expect(diff_readiness_changed(diff));
	expect_member("others", "[{'target': 'proxmox', 'before': 'ready', 'after': 'degraded'}]");
	compare(REPORT("ready", "ready", PASS("cpu.count"), ""),
	        REPORT("ready", "ready", FAIL("cpu.count", "informational", "l0.too-few-cpus"),
	               ""));
	cr_expect_not(diff_readiness_changed(diff));
	compare(REPORT("ready", "ready", "", OBSERVED("cpu.count", "2")),
	        REPORT("ready", "ready", "", OBSERVED("cpu.count", "4")));
	cr_expect_not(diff_readiness_changed(diff));
}

Test(diff, facts_that_changed)
{
	compare(REPORT("ready", "ready", "",
	               OBSERVED("cpu.count", "2") "," OBSERVED("gone", "true") "," OBSERVED(
	                       "l2.exit-ns",
	                       "900") "," OBSERVED("same", "['a']") ","
	                                                            "'why': {'status': 'denied', "
	                                                            "'why': 'one'},"
	                                                            "'cpus': {'status': "
	                                                            "'observed', 'value': true}"),
	        REPORT("ready", "ready", "",
	               OBSERVED("cpu.count", "4") "," OBSERVED("came", "'x'") "," OBSERVED(
	                       "l2.exit-ns",
	                       "950") "," OBSERVED("same",
	                                           "['a']") ","
	                                                    "'why': {'status': 'denied', 'why': "
	                                                    "'other'},"
	                                                    "'cpus': {'status': 'observed', "
	                                                    "'value': true, 'exceptions': "
	                                                    "[{'cpus': '3', 'status': 'observed', "
	                                                    "'value': false}]}"));
	expect_member("facts", "[{'key': 'cpu.count', 'before': {'status': 'observed', 'value': 2},"
	                       "  'after': {'status': 'observed', 'value': 4}},"
	                       " {'key': 'cpus', 'before': {'status': 'observed', 'value': true},"
	                       "  'after': {'status': 'observed', 'value': true, 'exceptions': "
	                       "[{'cpus': '3', 'status': 'observed', 'value': false}]}},"
	                       " {'key': 'gone', 'before': {'status': 'observed', 'value': true}},"
	                       " {'key': 'came', 'after': {'status': 'observed', 'value': 'x'}}]");
}

static void expect_controls(const char *old, const char *new, const char *lost, const char *gained)
{
	compare(old, new);
	const json_t *change = json_array_get(json_object_get(diff, "facts"), 0);
	json_t *names = lost == NULL ? NULL : quoted_json(lost);
	cr_expect(names == NULL ? json_object_get(change, "lost") == NULL
	                        : json_equal(json_object_get(change, "lost"), names));
	json_decref(names);
	names = gained == NULL ? NULL : quoted_json(gained);
	cr_expect(names == NULL ? json_object_get(change, "gained") == NULL
	                        : json_equal(json_object_get(change, "gained"), names));
	json_decref(names);
}

Test(diff, controls_that_were_lost_or_gained_have_names)
{
	expect_controls(REPORT("ready", "ready", "", OBSERVED("msr.vmx-proc2", "'0xff00000000'")),
	                REPORT("ready", "ready", "", OBSERVED("msr.vmx-proc2", "'0x17d00000001'")),
	                "['EPT', 'unrestricted guest']", "['APIC-register virtualization']");
	expect_controls(REPORT("ready", "ready", "", OBSERVED("cpu.svm-features", "'0x9'")),
	                REPORT("ready", "ready", "", OBSERVED("cpu.svm-features", "'0x80000008'")),
	                "['nested paging']", "['bit 31']");
	expect_controls(REPORT("ready", "ready", "", OBSERVED("msr.vmx-pin", "'0x9f00000000'")),
	                REPORT("ready", "ready", "",
	                       "'msr.vmx-pin': {'status': 'observed', 'value': '0x9f00000000', "
	                       "'exceptions': [{'cpus': '1', 'status': 'observed', 'value': "
	                       "'0x1f00000000'}]}"),
	                "['posted interrupts']", NULL);
	expect_controls(REPORT("ready", "ready", "", OBSERVED("msr.vmx-pin", "'0x9f00000000'")),
	                REPORT("ready", "ready", "", "'msr.vmx-pin': {'status': 'denied'}"), NULL,
	                NULL);
	expect_controls(REPORT("ready", "ready", "", OBSERVED("msr.vmx-basic", "'0x9'")),
	                REPORT("ready", "ready", "", OBSERVED("msr.vmx-basic", "'0x8'")), NULL,
	                NULL);
}

static void expect_refusal(const char *old, const char *new, const char *words)
{
	struct error err = ERROR_INIT;
	end();
	diff = NULL;
	before = quoted_json(old);
	after = quoted_json(new);
	const struct diff_side sides[2] = { { "old.json", before }, { "new.json", after } };
	cr_assert_null(diff_reports(&sides[0], &sides[1], &err));
	cr_assert_eq(err.code, ERROR_BAD_INPUT);
	cr_assert_not_null(strstr(err.message, words), "%s", err.message);
}

Test(diff, what_is_no_report_is_refused)
{
	static const char good[] = REPORT("ready", "ready", "", "");
	expect_refusal("[]", good, "old.json: expected a report of the schema");
	expect_refusal(good, "{'schema': 'nestready.report/2'}", "new.json: expected a report");
	expect_refusal(good, "{'schema': 'nestready.report/1'}", "a target and a verdict");
	expect_refusal(good,
	               "{'schema': 'nestready.report/1', 'target': {'id': 'kvm'}, 'verdict': "
	               "'ready', 'findings': {}}",
	               "a list of findings");
	expect_refusal(good,
	               "{'schema': 'nestready.report/1', 'target': {'id': 'kvm'}, 'verdict': "
	               "'ready', 'findings': []}",
	               "with facts");
	expect_refusal(good, REPORT("ready", "ready", "{'id': 'x'}", ""), "findings with id");
	expect_refusal(good, REPORT("ready", "ready", "", "'a': 5"), "new.json: facts: \"a\"");
	expect_refusal(good,
	               "{'schema': 'nestready.report/1', 'target': {'id': 'xen'}, 'verdict': "
	               "'ready', 'findings': [], 'facts': {}}",
	               "old.json is about kvm, new.json is about xen");
}

Test(diff, text_says_gaps_first)
{
	cleanup_text struct text out = TEXT_INIT;
	const struct page page = { .out = &out, .columns = 80 };
	compare(REPORT("ready", "ready", PASS("cpu.slat"),
	               OBSERVED("msr.vmx-proc2", "'0x200000000'")),
	        REPORT("not-ready", "degraded", FAIL("cpu.slat", "required", "l0.slat-not-exposed"),
	               OBSERVED("msr.vmx-proc2", "'0x0'")));
	diff_text(&page, diff);
	cr_expect_str_eq(
	        text_string(&out),
	        "READINESS CHANGED for KVM: ready -> not-ready\n"
	        " opened: EPT or NPT (SLAT) is hidden from this VM            l0.slat-not-exposed\n"
	        "Other targets\n"
	        " proxmox: ready -> degraded\n"
	        "Findings\n"
	        " cpu.slat: pass -> fail (l0.slat-not-exposed)\n"
	        "Facts\n"
	        " msr.vmx-proc2: 0x200000000 -> 0x0\n"
	        "   lost: EPT\n");
}
