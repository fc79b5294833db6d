/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the PCI list, and the models that are made of them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "probes/pci_line.h"
#include "tests/lib/fake_machine.h"

extern const struct probe probe_pci;

Test(pci, line)
{
	static const char line[] = "0000:0b:00.0 0200 15ad:07B0 15ad:07b1";
	struct pci_line parsed;
	cr_assert(pci_line_parse(line, strlen(line), &parsed));
	cr_assert_eq(parsed.class, 0x0200);
	cr_assert_eq(parsed.vendor, 0x15ad);
	cr_assert_eq(parsed.device, 0x07b0);
	cr_assert_eq(parsed.subvendor, 0x15ad);
	cr_assert_eq(parsed.subdevice, 0x07b1);
	for (size_t length = 0; length < strlen(line); length++)
		cr_assert_not(pci_line_parse(line, length, &parsed), "%zu", length);
}

Test(pci, line_refused)
{
	static const char *const lines[] = {
		" 0200 15ad:07b0 15ad:07b0",          "0b:00.0  0200 15ad:07b0 15ad:07b0",
		"0b:00.0 020000 15ad:07b0 15ad:07b0", "0b:00.0 0200 15ad-07b0 15ad:07b0",
		"0b:00.0 0200 15ad:07g0 15ad:07b0",   "0b:00.0 0200 15ad:+7b0 15ad:07b0",
		"0b:00.0 0200 15ad:07b0 15ad:07b0 ",  "0b:00.0 0200 15ad:07b0 15ad:07b",
		"0b:00.0\t0200 15ad:07b0 15ad:07b0",
	};
	struct pci_line parsed;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		cr_assert_not(pci_line_parse(lines[i], strlen(lines[i]), &parsed), "%s", lines[i]);
}

static struct fact_set *facts_of(struct fake_machine *fake)
{
	struct fact_set *facts = run_probe(&probe_pci, fake, NULL);
	fake_machine_free(fake);
	return facts;
}

static struct fact_set *facts_of_lines(const char *lines)
{
	struct fake_machine *fake = fake_machine_new();
	fake_pci(fake, lines);
	return facts_of(fake);
}

Test(pci, each_model_once_in_the_order_of_the_bus)
{
	struct fact_set *facts = facts_of_lines("0000:00:00.0 0600 8086:7190 15ad:1976\n"
	                                        "0000:00:07.1 0101 8086:7111 15ad:1976\n"
	                                        "0000:03:00.0 0107 15ad:07c0 15ad:07c0\n"
	                                        "0000:0b:00.0 0200 15ad:07b0 15ad:07b0\n"
	                                        "0000:13:00.0 0200 8086:10d3 15ad:07d0\n"
	                                        "0000:1b:00.0 0200 15ad:07b0 15ad:07b0\n");
	expect_value(facts, "pci.nics", "['15ad:07b0', '8086:10d3']");
	expect_value(facts, "pci.storage", "['8086:7111', '15ad:07c0']");
	fact_set_free(facts);
}

Test(pci, a_bus_without_adapters_has_empty_lists)
{
	struct fact_set *facts = facts_of_lines("");
	expect_value(facts, "pci.nics", "[]");
	expect_value(facts, "pci.storage", "[]");
	fact_set_free(facts);
}

Test(pci, a_line_that_is_none_fails_both)
{
	struct fact_set *facts = facts_of_lines("0000:0b:00.0 0200 15ad:07b0 15ad:07b0\n"
	                                        "\n");
	expect_status(facts, "pci.nics", STATUS_FAILED);
	expect_why(facts, "pci.storage", "line 2 is no PCI function");
	fact_set_free(facts);
}

Test(pci, no_bus_and_no_permission)
{
	struct fake_machine *fake = fake_machine_new();
	fake_status(fake, "pci", STATUS_ABSENT, ENOENT);
	struct fact_set *facts = facts_of(fake);
	expect_status(facts, "pci.nics", STATUS_ABSENT);
	fact_set_free(facts);

	fake = fake_machine_new();
	fake_status(fake, "pci", STATUS_DENIED, EACCES);
	facts = facts_of(fake);
	expect_status(facts, "pci.storage", STATUS_DENIED);
	fact_set_free(facts);
}

Test(pci, virtual_functions_are_told_by_their_numbers)
{
	struct fact_set *facts = facts_of_lines("0000:0b:00.0 0200 15ad:07b0 15ad:07b0\n"
	                                        "0000:13:00.0 0200 8086:154c 8086:0000\n"
	                                        "0000:1b:00.0 0200 15b3:1016 15b3:0080\n"
	                                        "0000:1c:00.0 0b40 8086:1520 8086:0000\n");
	expect_value(facts, "pci.virtual-functions", "['8086:154c', '15b3:1016']");
	fact_set_free(facts);
}
