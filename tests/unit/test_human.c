/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values in the units that people use. */
#include <criterion/criterion.h>

#include "report/human.h"

static void expect_bytes(uint64_t bytes, const char *expected)
{
	cleanup_text struct text out = TEXT_INIT;
	human_bytes(bytes, &out);
	cr_expect_str_eq(text_string(&out), expected);
}

Test(human, bytes)
{
	expect_bytes(0, "0 B");
	expect_bytes(1023, "1023 B");
	expect_bytes(1024, "1.0 KiB");
	expect_bytes((uint64_t)16 << 30, "16 GiB");
	expect_bytes(2040109466, "1.9 GiB");
	expect_bytes(((uint64_t)1 << 30) - 1, "1.0 GiB");
	expect_bytes(UINT64_MAX, "16384 PiB");
}

static void expect_nanoseconds(uint64_t nanoseconds, const char *expected)
{
	cleanup_text struct text out = TEXT_INIT;
	human_nanoseconds(nanoseconds, &out);
	cr_expect_str_eq(text_string(&out), expected);
}

Test(human, times)
{
	expect_nanoseconds(38, "38 ns");
	expect_nanoseconds(1940, "1.9 us");
	expect_nanoseconds(999999, "1.0 ms");
	expect_nanoseconds(3000000000, "3.0 s");
}

/* Steals `value` and `exceptions`. */
static void expect_fact(const char *key, enum status status, json_t *value, const char *why,
                        json_t *exceptions, const char *expected)
{
	cleanup_text struct text out = TEXT_INIT;
	const struct fact fact = {
		.key = key, .status = status, .value = value, .why = why, .exceptions = exceptions
	};
	human_fact(&fact, &out);
	cr_expect_str_eq(text_string(&out), expected);
	json_decref(value);
	json_decref(exceptions);
}

Test(human, facts)
{
	expect_fact("cpu.vmx", STATUS_OBSERVED, json_false(), NULL, NULL, "cpu.vmx no");
	expect_fact("cpu.count", STATUS_OBSERVED, json_integer(4), NULL, NULL, "cpu.count 4");
	expect_fact("memory.total", STATUS_OBSERVED, json_integer(17179869184), NULL, NULL,
	            "memory.total 16 GiB");
	expect_fact("l2.exit-ns", STATUS_OBSERVED, json_integer(1234), NULL, NULL,
	            "l2.exit-ns 1.2 us");
	expect_fact("msr.efer", STATUS_OBSERVED, json_string("0x0000000000000d01"), NULL, NULL,
	            "msr.efer 0xd01");
	expect_fact("msr.vm-cr", STATUS_OBSERVED, json_string("0x0000000000000000"), NULL, NULL,
	            "msr.vm-cr 0x0");
	expect_fact("dmi.sys-vendor", STATUS_OBSERVED, json_string(""), NULL, NULL,
	            "dmi.sys-vendor (empty)");
	expect_fact("pci.nics", STATUS_OBSERVED, json_pack("[ss]", "15ad:07b0", "8086:10d3"), NULL,
	            NULL, "pci.nics 15ad:07b0 8086:10d3");
	expect_fact("pci.nics", STATUS_OBSERVED, json_array(), NULL, NULL, "pci.nics none");
	expect_fact("kvm.device", STATUS_ABSENT, NULL, "No such file", NULL, "kvm.device absent");
	expect_fact("msr.efer", STATUS_DENIED, NULL, "/dev/cpu/0/msr: Permission denied", NULL,
	            "msr.efer denied (/dev/cpu/0/msr: Permission denied)");
}

Test(human, cpus_that_differ)
{
	expect_fact("cpu.vmx", STATUS_OBSERVED, json_true(), NULL,
	            json_pack("[{ss,sb},{ss,ss}]", "cpus", "2-3", "value", 0, "cpus", "5", "status",
	                      "failed"),
	            "cpu.vmx yes, on CPU 2-3 no, on CPU 5 failed");
}
