/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test double itself: what it was told, it answers; what it was not, it remembers. */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/lib/fake_machine.h"

static void run_sample(const struct probe_run *run)
{
	struct answer answer = ANSWER_INIT;
	if (machine_read_file(run->machine, "/proc/version", &answer) == STATUS_OBSERVED)
		fact_text(run->facts, "sample.version", answer.text, "/proc/version");
	else
		fact_none(run->facts, "sample.version", answer.status, answer.why, "/proc/version");
	machine_cpuid(run->machine, 1, 0, 0, &answer);
	fact_int(run->facts, "sample.cpu1.leaves", (int64_t)answer.numbers[0], "CPUID.0:EAX");
	answer_clear(&answer);
}

static const struct fact_declaration sample_facts[] = { { "sample.version", "text" },
	                                                { "sample.*.leaves", "int" },
	                                                { NULL, NULL } };

static const struct probe sample = { .id = "sample", .facts = sample_facts, .run = run_sample };

Test(fake_machine, gives_a_probe_what_the_test_recorded)
{
	struct fake_machine *fake = fake_machine_new();
	fake_file(fake, "/proc/version", "Linux version 6.1\n");
	fake_cpuid(fake, 1, 0, 0, 0x16, 0, 0, 0);
	struct fact_set *facts = run_probe(&sample, fake, NULL);
	expect_text(facts, "sample.version", "Linux version 6.1?");
	expect_value(facts, "sample.version", "'Linux version 6.1?'");
	expect_source(facts, "sample.version", "/proc/version");
	expect_int(facts, "sample.cpu1.leaves", 0x16);
	expect_no_fact(facts, "sample.cpu0.leaves");
	cr_assert_eq(fake_asked(fake), 2);
	cr_assert_null(fake_missed(fake));
	fact_set_free(facts);
	fake_machine_free(fake);
}

Test(fake_machine, denied_and_open_world)
{
	struct fake_machine *fake = fake_machine_new();
	fake_open_world(fake);
	fake_status(fake, "file /proc/version", STATUS_DENIED, EACCES);
	struct fact_set *facts = run_probe(&sample, fake, NULL);
	expect_status(facts, "sample.version", STATUS_DENIED);
	expect_why(facts, "sample.version", "Permission denied");
	cr_assert_str_eq(fake_missed(fake), "cpuid 1 0x00000000 0x00000000");
	fact_set_free(facts);
	fake_machine_free(fake);
}
