/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line for the QR code: only its characters, only its length, nothing lost but in words. */
#include <criterion/criterion.h>
#include <string.h>

#include "report/code.h"
#include "tests/lib/judged.h"

static struct text out = TEXT_INIT;

static void end(void)
{
	text_clear(&out);
	judged_end();
}

TestSuite(format_code, .init = judged_begin, .fini = end);

static const char *write(const char *facts)
{
	const struct format_options options = { 0 };
	with(facts);
	judged("kvm");
	format_find("code")->write(&judged_report, &options, &out);
	cr_assert_not(out.failed);
	return text_string(&out);
}

static void read_back(struct code *code)
{
	struct error err = ERROR_INIT;
	cr_assert_eq(code_read(out.data, code, &err), 0, "%s", err.message);
}

Test(format_code, is_the_last_line_of_a_console_after_the_summary)
{
	const struct format_options options = { 0 };
	cleanup_text struct text console = TEXT_INIT;
	cleanup_text struct text both = TEXT_INIT;
	const char *code = write(machine_intel);
	format_find("console")->write(&judged_report, &options, &console);
	format_find("summary")->write(&judged_report, &options, &both);
	cr_assert_gt(both.length, 0);
	text_add(&both, code);
	cr_assert_str_eq(text_string(&console), text_string(&both));
}

Test(format_code, keeps_to_the_characters_and_the_length_of_its_qr_code)
{
	const char *const machines[] = { machine_intel, machine_amd, machine_hidden,
		                         machine_esxi_devices, machine_pvm };
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
		text_clear(&out);
		const char *line = write(machines[i]);
		cr_assert_eq(strspn(line, letters), out.length - 1, "%s", line);
		cr_assert_eq(line[out.length - 1], '\n');
		cr_assert_leq(out.length - 1, 195);
	}
}

Test(format_code, says_in_words_what_the_code_says)
{
	struct code code;
	const char *line = write(machine_hidden);
	cr_assert_not_null(
	        strstr(line, " NOT-READY:KVM/PROXMOX/ESXI-8/HYPERV-2022 L0.VIRT-NOT-EXPOSED/"),
	        "%s", line);
	read_back(&code);
	cr_assert_str_eq(code_find_gap(code.gaps[0])->id, "l0.virt-not-exposed");
}

Test(format_code, what_has_no_room_is_counted)
{
	const char *line = write(STR({
		"cpu.vmx" : false,
		"cpu.svm" : false,
		"cpu.nx" : false,
		"cpu.count" : 1,
		"memory.total" : 100000000,
		"pci.nics" : [],
		"pci.storage" : [],
		"memory.dynamic" : true,
		"kvm.device" : { "status" : "absent" },
		"slat.present" : { "status" : "absent" }
	}));
	cr_assert_not_null(strstr(line, "/+"), "%s", line);
	cr_assert_leq(out.length - 1, 195);
	struct code code;
	read_back(&code);
	cr_assert_gt(code.gap_count, 3);
}
