/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves this machine with `nestready submit`, and what its receipt says. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/submit.h"
#include "agent/submit_redact.h"

static json_t *parse(const char *text)
{
	json_error_t at;
	json_t *json = json_loads(text, 0, &at);
	cr_assert_not_null(json, "%s: %s", at.text, text);
	return json;
}

static void expect_redacted(const char *report, const char *expected)
{
	struct error err = ERROR_INIT;
	json_t *json = parse(report);
	cr_assert_eq(submit_redact(json, &err), 0, "%s", err.message);
	char *dump = json_dumps(json, JSON_COMPACT);
	cr_assert_str_eq(dump, expected);
	free(dump);
	json_decref(json);
}

Test(submit, what_the_machine_said_is_redacted_and_what_we_say_is_not)
{
	expect_redacted(
	        "{\"guest\":{\"hostname\":\"db7\",\"boot_id\":\"x\",\"machine_id\":"
	        "\"0123456789abcdef\"},"
	        "\"facts\":{"
	        "\"caller.name\":{\"value\":\"anna\"},"
	        "\"hyperv.kvp.host\":{\"value\":\"hv1.corp.example\"},"
	        "\"klog.line\":{\"value\":\"eth0 52:54:00:ab:cd:ef at 10.1.2.3\"},"
	        "\"os.kernel\":{\"value\":\"6.1.0.18\"},"
	        "\"l2.answer\":{\"value\":\"9e3779b185ebca6bc2b2ae35\"},"
	        "\"msr.vmx-basic\":{\"value\":\"0x00da040000000004\"},"
	        "\"vmnet.bridges\":{\"value\":[\"br0\",\"52:54:00:ab:cd:ef\"],"
	        "\"exceptions\":[{\"value\":\"10.1.2.3\"}]}},"
	        "\"probes\":[{\"why\":\"no answer of 10.1.2.3\"}],"
	        "\"findings\":[{\"why\":\"set 192.168.77.1\",\"because\":\"10.1.2.3 is silent\","
	        "\"evidence\":[{\"key\":\"caller.name\",\"value\":\"anna\"}],"
	        "\"remedies\":[{\"steps\":[\"ip a add 192.168.77.1\"]}]}]}",
	        "{\"guest\":{\"hostname\":\"guest-0123456789ab\",\"machine_id\":"
	        "\"0123456789abcdef\"},"
	        "\"facts\":{"
	        "\"caller.name\":{\"value\":\"user-1\"},"
	        "\"hyperv.kvp.host\":{\"value\":\"host-1.example\"},"
	        "\"klog.line\":{\"value\":\"eth0 52:54:00:00:00:01 at 192.0.2.1\"},"
	        "\"os.kernel\":{\"value\":\"6.1.0.18\"},"
	        "\"l2.answer\":{\"value\":\"9e3779b185ebca6bc2b2ae35\"},"
	        "\"msr.vmx-basic\":{\"value\":\"0x00da040000000004\"},"
	        "\"vmnet.bridges\":{\"value\":[\"br0\",\"52:54:00:00:00:01\"],"
	        "\"exceptions\":[{\"value\":\"192.0.2.1\"}]}},"
	        "\"probes\":[{\"why\":\"no answer of 192.0.2.1\"}],"
	        "\"findings\":[{\"why\":\"set 192.168.77.1\",\"because\":\"192.0.2.1 is silent\","
	        "\"evidence\":[{\"key\":\"caller.name\",\"value\":\"user-1\"}],"
	        "\"remedies\":[{\"steps\":[\"ip a add 192.168.77.1\"]}]}]}");
}

Test(submit, a_machine_with_a_uuid_is_known_by_a_digest_of_it_however_it_is_written)
{
	static const char *const uuids[] = { "4C4C4544-0051-3510-8052-B4C04F4A4D31",
		                             "4c4c4544-0051-3510-8052-b4c04f4a4d31",
		                             "4c4c4544-0051-3510-8052-b4c04f4a4d32" };
	char made[3][37];
	for (size_t i = 0; i < 3; i++) {
		struct error err = ERROR_INIT;
		json_t *report =
		        json_pack("{s:{s:s, s:s}, s:{}, s:[], s:[]}", "guest", "hostname", "db7",
		                  "system_uuid", uuids[i], "facts", "probes", "findings");
		cr_assert_eq(submit_redact(report, &err), 0, "%s", err.message);
		const json_t *guest = json_object_get(report, "guest");
		const char *uuid = json_string_value(json_object_get(guest, "system_uuid"));
		cr_assert_null(json_object_get(guest, "hostname"));
		cr_assert_eq(strlen(uuid), 36);
		cr_assert_eq(uuid[14], '8');
		strcpy(made[i], uuid);
		json_decref(report);
	}
	cr_assert_str_eq(made[0], made[1]);
	cr_assert_str_neq(made[0], made[2]);
	cr_assert_null(strstr(made[0], "4c4c4544"));
}

Test(submit, a_receipt_says_why_and_what_to_do)
{
	cleanup_text struct text out = TEXT_INIT;
	json_t *marks = parse(
	        "{\"points\":7.5,\"possible\":20,\"items\":["
	        "{\"points\":5,\"possible\":5,\"state\":\"met\",\"title\":\"A\",\"reason\":\"r\"},"
	        "{\"points\":2.5,\"possible\":5,\"state\":\"late\",\"title\":\"B\",\"reason\":"
	        "\"r\"},"
	        "{\"points\":0,\"possible\":10,\"state\":\"not-met\",\"title\":\"C\",\"reason\":"
	        "\"why\","
	        "\"note\":\"hint\",\"fix\":{\"who\":\"root\",\"power_off\":true,"
	        "\"steps\":[\"one\",\"two\"]}}]}");
	submit_receipt(marks, &out);
	cr_assert_str_eq(text_string(&out),
	                 "points: 7.5 of 20\n"
	                 "  5/5  met: A\n"
	                 "  2.5/5  late: B\n      r\n"
	                 "  0/10  not-met: C\n      why\n      note: hint\n"
	                 "      to fix (root; the VM powered off and on, a reboot is not enough):\n"
	                 "        one\n        two\n");
	json_decref(marks);
}
