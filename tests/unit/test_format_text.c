/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text format on made-up judgments: what is promised of every screen. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"
#include "report/text_remedy.h"

#define VIRT "l0.virt-not-exposed"
#define SLAT "l0.slat-not-exposed"

static const struct condition vmx = { .kind = CONDITION_IS, .fact = "cpu.vmx" };
static const struct condition slat = { .kind = CONDITION_IS, .fact = "slat.present" };
static const struct requirement requirements[] = {
	{ .id = "cpu.extension", .group = "cpu", .title = "VMX or SVM", .condition = &vmx },
	{ .id = "cpu.slat", .group = "slat", .title = "SLAT", .condition = &slat },
	{ .id = "kvm.device", .group = "kvm", .title = "/dev/kvm answers", .condition = &vmx },
	{ .id = "memory.total", .group = "resources", .title = "Memory", .condition = &vmx },
};

#define COUNT 4

static const struct target target = { .id = "made-up", .title = "Made Up 8" };
static struct finding findings[COUNT];
static struct report report;
static struct text out = TEXT_INIT;

static void begin(void)
{
	json_t *memory = json_integer((json_int_t)16 << 30);
	json_t *no = json_false();
	for (size_t i = 0; i < COUNT; i++)
		findings[i] = (struct finding){ &requirements[i], OUTCOME_PASS, NULL, NULL, false };
	report = (struct report){ .facts = fact_set_new() };
	report.judgment.target = &target;
	report.judgment.findings = findings;
	report.judgment.finding_count = COUNT;
	fact_set_add(report.facts, &(struct fact){ .key = "memory.total", .value = memory });
	fact_set_add(report.facts, &(struct fact){ .key = "cpu.vmx", .value = no });
	json_decref(memory);
}

static void end(void)
{
	fact_set_free(report.facts);
	text_clear(&out);
}

TestSuite(format_text, .init = begin, .fini = end);

static const char *write(const struct format_options *options)
{
	text_clear(&out);
	format_find("text")->write(&report, options, &out);
	cr_assert_not(out.failed);
	return text_string(&out);
}

static bool has(const char *part)
{
	return strstr(text_string(&out), part) != NULL;
}

static void fail_everything(void)
{
	report.judgment.verdict = VERDICT_NOT_READY;
	for (size_t i = 0; i < COUNT; i++) {
		findings[i].outcome = OUTCOME_FAIL;
		findings[i].gap = i == 0 ? VIRT : i == 1 ? SLAT : NULL;
	}
}

Test(format_text, ready_says_what_it_rests_on_and_what_nobody_proved)
{
	report.judgment.not_proven[0] = "network";
	report.judgment.not_proven_count = 1;
	cr_assert_str_eq(write(&(struct format_options){ .columns = 80 }),
	                 "READY for Made Up 8; network for nested VMs NOT PROVEN"
	                 "         platform: unknown\n"
	                 " proven by a VM that ran here\n"
	                 " + CPU; SLAT; KVM; memory: 16 GiB\n");
}

/* Where frames prove it; not in a recording, and not beside what stops the target. */
Test(format_text, what_is_not_proven_comes_with_its_proof)
{
	static const struct requirement network = {
		.id = FINDING_NETWORK, .group = "network", .title = "Network", .condition = &vmx
	};
	findings[3] = (struct finding){ &network, OUTCOME_NOT_CHECKED, NULL, NULL, false };
	write(&(struct format_options){ .columns = 80, .program = "build/nestready" });
	cr_expect(has("\n to prove network for nested VMs: sudo build/nestready mac\n"), "%s",
	          text_string(&out));
	report.judgment.basis = BASIS_IMPORTED;
	write(&(struct format_options){ .columns = 80 });
	cr_expect_not(has("to prove"));
	report.judgment.basis = BASIS_FLAGS;
	report.judgment.verdict = VERDICT_NOT_READY;
	write(&(struct format_options){ .columns = 80 });
	cr_expect_not(has("to prove"));
	report.judgment.verdict = VERDICT_READY;
	findings[3].outcome = OUTCOME_PASS;
	write(&(struct format_options){ .columns = 80 });
	cr_expect_not(has("to prove"));
}

Test(format_text, what_stops_it_and_how_to_mend_it)
{
	report.judgment.verdict = VERDICT_NOT_READY;
	findings[0] = (struct finding){ &requirements[0], OUTCOME_FAIL, VIRT, NULL, false };
	write(&(struct format_options){ .columns = 80 });
	cr_assert(has("NOT READY for Made Up 8"));
	cr_assert(has(" 1 x CPU virtualization is hidden from this VM"));
	cr_assert(has(VIRT "\n"));
	cr_assert(has("seen: cpu.vmx no\n"));
	cr_assert(has("VM powered off: a reboot from inside is not"));
	cr_assert(has("undo"));
	cr_assert_not(has("; CPU"), "the group is not folded among what is well");
}

Test(format_text, what_is_no_obstacle_is_said_all_the_same)
{
	static const struct requirement slow = { .id = "l2.exit-cost",
		                                 .severity = SEVERITY_INFORMATIONAL,
		                                 .group = "kvm",
		                                 .title = "Exits are quick",
		                                 .condition = &vmx };
	findings[3] = (struct finding){ &slow, OUTCOME_FAIL, NULL, NULL, false };
	write(&(struct format_options){ .columns = 80 });
	cr_assert(
	        has(" + CPU; SLAT; KVM\n not so, but no obstacle: Exits are quick (cpu.vmx no)\n"));
}

Test(format_text, one_power_off_for_all)
{
	fail_everything();
	write(&(struct format_options){ .columns = 80, .rows = 100 });
	cr_assert(has("in the same power-off as 1"));
}

Test(format_text, one_screen_and_whole_words)
{
	fail_everything();
	const char *text = write(&(struct format_options){ .columns = 50, .rows = 24 });
	size_t rows = 0;
	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
		cr_expect_leq(strcspn(line, "\n"), 50);
		rows++;
	}
	cr_assert_lt(rows, 24);
	cr_assert(has("other fixes: nestready explain ID"),
	          "what was left out can be asked for:\n%s", text);
}

Test(format_text, colour_changes_no_character)
{
	fail_everything();
	char plain[4000] = "";
	strcpy(plain, write(&(struct format_options){ .columns = 80 }));
	const char *from = write(&(struct format_options){ .columns = 80, .colour = true });
	char stripped[4000];
	size_t length = 0;
	cr_assert_not_null(strchr(from, '\033'));
	while (*from != '\0') {
		if (*from == '\033')
			from = strchr(from, 'm') + 1;
		else
			stripped[length++] = *from++;
	}
	stripped[length] = '\0';
	cr_assert_str_eq(stripped, plain);
	cr_assert_null(strchr(plain, '\033'));
}

Test(format_text, unknown_is_settled_by_one_command)
{
	report.judgment.verdict = VERDICT_INDETERMINATE;
	findings[2] =
	        (struct finding){ &requirements[2], OUTCOME_UNKNOWN, NULL, "no rights", false };
	write(&(struct format_options){ .columns = 80 });
	cr_assert(has("INDETERMINATE for Made Up 8"));
	cr_assert(has("because: no rights\n"));
	cr_assert(has("to settle it: sudo nestready\n"));
	write(&(struct format_options){ .columns = 80, .root = true });
	cr_assert_not(has("sudo"));
}

Test(format_text, commands_as_they_have_to_be_typed)
{
	static const struct {
		bool root;
		const char *command;
		const char *typed;
	} cases[] = {
		{ false, "sudo nestready", "sudo ./nestready --target x" },
		{ true, "sudo nestready", "./nestready --target x" },
		{ true, "sudo modprobe msr && sudo nestready",
		  "modprobe msr && ./nestready --target x" },
		{ false, "nestready explain l0.x", "./nestready explain l0.x" },
		{ false, "nestready && true", "./nestready --target x && true" },
		{ true, "echo sudo nestready", "echo sudo nestready" },
		{ true, "sudo rmmod a; sudo modprobe a", "rmmod a; modprobe a" },
		{ false, "", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct format_options options = { .root = cases[i].root,
			                                .program = "./nestready",
			                                .again = "./nestready --target x" };
		text_clear(&out);
		text_as_typed(cases[i].command, &options, &out);
		cr_expect_str_eq(text_string(&out), cases[i].typed);
	}
}

Test(format_text, steps_are_commands_sentences_or_both)
{
	static const char *const steps[] = { "virsh shutdown NAME",
		                             "Ask for nested virtualization of this VM.",
		                             "Stop QEMU, then: qemu-system-x86_64 -cpu host",
		                             "Set-VMProcessor -VMName NAME -X:$true", NULL };
	const struct remedy remedy = { .tool = "x", .who = "somebody", .steps = steps };
	const struct page page = { .out = &out, .columns = 40 };
	text_fix(&page, &remedy, 0, &(struct format_options){ .columns = 40 });
	cr_assert_str_eq(text_string(&out), "     fix (somebody; no power-off):\n"
	                                    "       virsh shutdown NAME\n"
	                                    "       Ask for nested virtualization of\n"
	                                    "       this VM.\n"
	                                    "       Stop QEMU, then:\n"
	                                    "         qemu-system-x86_64 -cpu host\n"
	                                    "       Set-VMProcessor -VMName NAME -X:$true\n");
}

/* Targets of a family and one apart, all judged the same but for what the test changes. */
#define OTHERS 24

static struct judgment others[OTHERS];
static struct target other_targets[OTHERS];
static char other_ids[OTHERS][16];

static void judge_others(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		snprintf(other_ids[i], sizeof other_ids[i], i == 0 ? "solo" : "many-%zu", i);
		other_targets[i] = (struct target){ .id = other_ids[i] };
		others[i] = (struct judgment){ .target = &other_targets[i],
			                       .verdict = VERDICT_READY,
			                       .basis = BASIS_FLAGS };
	}
	report.others = others;
	report.other_count = count;
}

Test(format_text, other_targets_with_the_same_answer_share_a_line)
{
	judge_others(5);
	others[2].verdict = VERDICT_NOT_READY;
	write(&(struct format_options){ .columns = 80 });
	cr_expect(has("Other targets\n ready, by flags: solo, many-1/3/4\n not ready: many-2\n"),
	          "%s", text_string(&out));
}

Test(format_text, causes_of_other_targets_are_left_out_before_they_fill_the_screen)
{
	static const char *const words[] = {
		"one", "two", "three", "four", "five", "six", "seven"
	};
	judge_others(OTHERS);
	for (size_t i = 0; i < 7; i++) {
		others[i].not_proven[0] = words[i];
		others[i].not_proven_count = 1;
	}
	write(&(struct format_options){ .columns = 80 });
	cr_expect(has("Other targets\n ready, by flags, not all proven: solo, many-1/2/3/4/5/6\n "
	              "ready, by flags:"),
	          "%s", text_string(&out));
	cr_expect_not(has("NOT PROVEN: one"));
	judge_others(5);
	others[1].not_proven[0] = "one";
	others[1].not_proven_count = 1;
	write(&(struct format_options){ .columns = 80 });
	cr_expect(has("NOT PROVEN: one: many-1\n"));
}

Test(format_text, who_is_not_the_administrator_is_shown_how_to_ask)
{
	struct format_options options = { .program = "prog",
		                          .again = "prog --target x",
		                          .tool = "gui" };
	findings[0] = (struct finding){ &requirements[0], OUTCOME_FAIL, VIRT, NULL, false };
	report.judgment.verdict = VERDICT_NOT_READY;
	report.judgment.basis = BASIS_FLAGS;
	write(&options);
	cr_expect(has("\nNot the administrator? prog ask --target x --tool gui\n"));
	report.judgment.basis = BASIS_IMPORTED;
	write(&(struct format_options){ .root = true });
	cr_expect(has("\nNot the administrator? nestready ask --snapshot FILE\n"));
	findings[0].gap = "l1.module-not-loaded";
	write(&options);
	cr_expect_not(has("Not the administrator?"), "that is this guest's own affair");
}
