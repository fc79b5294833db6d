/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Redaction takes out who, keeps what, and gives equal things equal stand-ins. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "machine/redact.h"
#include "machine/redact_text.h"
#include "machine/snapshot.h"
#include "tests/lib/fake_machine.h"

/* Redacts {KEY: {"text": TEXT}} and gives the text; the caller frees it. */
static char *redact_one(const char *key, const char *bytes, size_t length)
{
	struct answer answer = ANSWER_INIT;
	answer_set_text(&answer, bytes, length);
	json_t *answers = json_object();
	json_object_set_new(answers, key, answer_to_json(&answer));
	struct error err = ERROR_INIT;
	cr_assert_eq(redact_answers(answers, &err), 0, "%s", err.message);
	cr_assert_eq(answer_from_json(json_object_get(answers, key), &answer, &err), 0);
	json_decref(answers);
	cr_assert_not_null(answer.text);
	return answer.text;
}

static const struct {
	const char *key, *text, *redacted;
} texts[] = {
	/* What identifies. */
	{ "file /proc/sys/kernel/hostname", "db7.corp.example.org\n", "host-1.example\n" },
	{ "file /etc/hostname", "db7\n", "host-1\n" },
	{ "file /sys/class/dmi/id/product_uuid", "D4AB7F1C-11F0-4C5E-9B7E-0242AC120002\n",
	  "00000000-0000-4000-8000-000000000001\n" },
	{ "file /sys/class/dmi/id/product_uuid", "EC2AB7F1-11F0-4C5E-9B7E-0242AC120002\n",
	  "EC200000-0000-4000-8000-000000000001\n" },
	{ "file /proc/sys/kernel/random/boot_id", "d4ab7f1c-11f0-4c5e-9b7e-0242ac120002\n",
	  "00000000-0000-4000-8000-000000000001\n" },
	{ "file /etc/machine-id", "d4ab7f1c11f04c5e9b7e0242ac120002\n",
	  "00000000000000000000000000000001\n" },
	{ "file /sys/class/dmi/id/product_serial", "VMware-42 1e aa bb-cc\n",
	  "VMware-00 00 00 00-01\n" },
	{ "file /sys/class/dmi/id/board_asset_tag", "i-0123456789abcdef0\n",
	  "i-00000000000000001\n" },
	{ "file /sys/block/vda/serial", "HJKLMNP", "0000001" },
	{ "file /sys/class/net/eth0/address", "52:54:00:ab:cd:ef\n", "52:54:00:00:00:01\n" },
	{ "file /x", "a 00-15-5D-AB-CD-EF b", "a 00-15-5D-00-00-01 b" },
	{ "file /proc/cmdline", "root=UUID=d4ab7f1c-11f0-4c5e-9b7e-0242ac120002 ip=10.1.2.3:::1",
	  "root=UUID=00000000-0000-4000-8000-000000000001 ip=192.0.2.1:::1" },
	{ "file /x", "10.1.2.3 10.1.2.4 10.1.2.3", "192.0.2.1 192.0.2.2 192.0.2.1" },
	{ "file /x", "[2a01:4f8::17]:80 fe80::5054:ff:feab:cdef 2A01:4F8::17",
	  "[2001:db8::1]:80 fe80::2 2001:db8::1" },
	{ "file /x", "image=/home/alice/a.img:/home/bob;/home/alice",
	  "image=/home/user-1/a.img:/home/user-2;/home/user-1" },
	{ "file /proc/1/cgroup",
	  "0::/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
	  "0::/docker/0000000000000000000000000000000000000000000000000000000000000001\n" },
	{ "caller", "uid 1000\nname alice\nthrough sudo\ngids 1000 27\n",
	  "uid 1000\nname user-1\nthrough sudo\ngids 1000 27\n" },
	{ "file /proc/net/route", "eth0\t0008082D\t0108082D\t0001\t00FFFFFF\nbr0\t0008082D\t",
	  "eth0\t000001F0\t000002F0\t0001\t00FFFFFF\nbr0\t000001F0\t" },
	/* What does not. */
	{ "file /proc/net/route", "eth0\t00000000\t0100A8C0\t0003\nbr0\t0000000A\t",
	  "eth0\t00000000\t0100A8C0\t0003\nbr0\t0000000A\t" },
	{ "file /etc/libvirt/qemu/networks/default.xml", "<ip address='192.168.122.1'",
	  "<ip address='192.168.122.1'" },
	{ "uname", "Linux\n5.15.153.1\n", "Linux\n5.15.153.1\n" },
	{ "uname", "Linux\n5.15.153.1-microsoft-standard-WSL2\n",
	  "Linux\n5.15.153.1-microsoft-standard-WSL2\n" },
	{ "file /sys/class/dmi/id/bios_version", "4.2.1.0\n", "4.2.1.0\n" },
	{ "file /sys/class/dmi/id/bios_version", "VMW201.00V.20192059.B64.2207280713\n",
	  "VMW201.00V.20192059.B64.2207280713\n" },
	{ "file /sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n",
	  "7783-7084-3265-9085-8269-3286-77\n" },
	{ "file /sys/class/dmi/id/product_serial", "Not Specified\n", "Not Specified\n" },
	{ "file /sys/class/dmi/id/product_serial", "\n", "\n" },
	{ "file /sys/class/dmi/id/product_uuid", "00000000-0000-0000-0000-000000000000\n",
	  "00000000-0000-0000-0000-000000000000\n" },
	{ "file /sys/bus/vmbus/devices/x/class_id", "{f8615163-df3e-46c5-913f-f2d2f965ed0e}\n",
	  "{f8615163-df3e-46c5-913f-f2d2f965ed0e}\n" },
	{ "pci", "0000:00:1f.2 0106 8086:2922 1af4:1100\n",
	  "0000:00:1f.2 0106 8086:2922 1af4:1100\n" },
	{ "file /x", "ff:ff:ff:ff:ff:ff 127.0.0.1 255.255.255.0 ::1 :: 12:34:56",
	  "ff:ff:ff:ff:ff:ff 127.0.0.1 255.255.255.0 ::1 :: 12:34:56" },
	{ "file /x", "1.2.3.4.5 v1.2.3.4 1.2.3.4-rc 1.2.3 300.1.1.1",
	  "1.2.3.4.5 v1.2.3.4 1.2.3.4-rc 1.2.3 300.1.1.1" },
	{ "file /x", "52:54:00:ab:cd:ef:01 52:54:00:ab:cd", "52:54:00:ab:cd:ef:01 52:54:00:ab:cd" },
	{ "file /x", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcde" },
	{ "file /proc/cpuinfo", "address sizes\t: 46 bits physical\nbugs\t\t:\n",
	  "address sizes\t: 46 bits physical\nbugs\t\t:\n" },
	{ "file /x", "/home/", "/home/" },
	{ "file /x", "", "" },
};

Test(redact, takes_out_who_and_keeps_what)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char *redacted = redact_one(texts[i].key, texts[i].text, strlen(texts[i].text));
		cr_assert_str_eq(redacted, texts[i].redacted, "%s: %s: %s", texts[i].key,
		                 texts[i].text, redacted);
		free(redacted);
	}
}

Test(redact, redacting_twice_changes_nothing_more)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const char *once = texts[i].redacted;
		char *twice = redact_one(texts[i].key, once, strlen(once));
		cr_assert_str_eq(twice, once);
		free(twice);
	}
}

Test(redact, the_environment_keeps_only_who_made_the_container)
{
	static const char before[] = "PATH=/bin\0container=lxc\0TOKEN=secret\0bare\0A=/bin\0EMPTY=";
	static const char after[] = "PATH=redacted-1\0container=lxc\0TOKEN=redacted-2\0redacted-"
	                            "3\0A=redacted-1\0EMPTY=";
	char *redacted = redact_one("file /proc/1/environ", before, sizeof before - 1);
	cr_assert_eq(memcmp(redacted, after, sizeof after), 0);
	free(redacted);
}

#define RECORD 2560

/* One record of a Hyper-V pool: a key of 512 bytes, a value of 2048. */
static void put_record(char *pool, int index, const char *key, const char *value)
{
	memcpy(pool + index * RECORD, key, strlen(key));
	memcpy(pool + index * RECORD + 512, value, strlen(value));
}

Test(redact, hyperv_pairs_keep_their_records_and_their_numbers)
{
	static const char *const pairs[][3] = {
		{ "HostName", "HV01", "host-1" },
		{ "PhysicalHostName", "hv01", "host-1" },
		{ "PhysicalHostNameFullyQualified", "hv01.corp.example.org", "host-1.example" },
		{ "VirtualMachineName", "Payroll", "vm-1" },
		{ "VirtualMachineId", "D4AB7F1C-11F0-4C5E-9B7E-0242AC120002",
		  "00000000-0000-4000-8000-000000000001" },
		{ "HostingSystemOsMajor", "10", "10" },
		{ "HostingSystemNestedLevel", "1", "1" },
		{ "SomebodysOwn", "secret", "redacted-1" },
	};
	enum { PAIRS = sizeof pairs / sizeof pairs[0] };
	static char before[PAIRS * RECORD + 7];
	static char after[sizeof before];
	for (int i = 0; i < PAIRS; i++) {
		put_record(before, i, pairs[i][0], pairs[i][1]);
		put_record(after, i, pairs[i][0], pairs[i][2]);
	}
	memcpy(before + sizeof before - 7, "secret", 6);
	char *redacted = redact_one("file /var/lib/hyperv/.kvp_pool_3", before, sizeof before);
	for (int i = 0; i < PAIRS; i++)
		cr_assert_str_eq(redacted + i * RECORD + 512, pairs[i][2]);
	cr_assert_eq(memcmp(redacted, after, sizeof after), 0);
	free(redacted);
}

Test(redact, a_value_that_does_not_end_still_does_not)
{
	static char pool[RECORD];
	memset(pool, 'k', RECORD);
	char *redacted = redact_one("file /var/lib/hyperv/.kvp_pool_3", pool, sizeof pool);
	cr_assert_eq(memcmp(redacted, pool, 512), 0);
	cr_assert_eq(memcmp(redacted + 512, "redacted-1", 10), 0);
	cr_assert_null(memchr(redacted, '\0', RECORD));
	free(redacted);
}

Test(redact, equal_things_have_equal_stand_ins_across_answers)
{
	json_t *answers = quoted_json(
	        "{'file /b': {'text': 'mac 52:54:00:ab:cd:ef'},"
	        " 'file /a': {'lines': ['52:54:00:AB:CD:EF', '52:54:00:00:00:07', '']},"
	        " 'file /c': {'status': 'denied', 'errno': 13, 'why': '/home/al/x: no'},"
	        " 'cpuid 0 0x00000000 0x00000000': {'numbers': ['0x1','0x2','0x3','0x4']}}");
	json_t *expected = quoted_json(
	        "{'file /b': {'text': 'mac 52:54:00:00:00:01'},"
	        " 'file /a': {'lines': ['52:54:00:00:00:01', '52:54:00:00:00:02', '']},"
	        " 'file /c': {'status': 'denied', 'errno': 13, 'why': '/home/user-1/x: no'},"
	        " 'cpuid 0 0x00000000 0x00000000':"
	        " {'numbers': ['0x00000001','0x00000002','0x00000003','0x00000004']}}");
	struct error err = ERROR_INIT;
	cr_assert_eq(redact_answers(answers, &err), 0, "%s", err.message);
	cr_assert(json_equal(answers, expected));
	json_decref(expected);
	json_decref(answers);
}

Test(redact, a_wrong_answer_is_an_error_that_names_it)
{
	json_t *answers = quoted_json("{'file /a': {'text': 1}}");
	struct error err = ERROR_INIT;
	cr_assert_eq(redact_answers(answers, &err), -1);
	cr_assert_str_eq(err.message, "answers: \"file /a\": text: expected a string, found 1");
	json_decref(answers);
}

Test(redact, hostile_text_costs_no_more_than_its_length, .timeout = 20)
{
	static const char *const units[] = { ":", "a", "1.", "aa:", "/home/", "-", "0" };
	enum { LENGTH = 2 << 20 };
	char *text = malloc(LENGTH);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		for (size_t at = 0; at < LENGTH; at++)
			text[at] = units[i][at % strlen(units[i])];
		struct standins standins = { .failed = false };
		struct text out = TEXT_INIT;
		redact_text(&standins, 0, text, LENGTH, &out);
		cr_assert_not(out.failed || standins.failed);
		text_clear(&out);
		standins_clear(&standins);
	}
	free(text);
}
