/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mistyped words: what is suggested, and what is not. */
#include <criterion/criterion.h>

#include "agent/choice.h"

static const char *target_at(const void *context, size_t index)
{
	(void)context;
	static const char *const words[] = { "kvm", "proxmox", "esxi-8", "hyperv-2022", NULL };
	return words[index];
}

static const struct choice targets = { target_at, NULL };

Test(choice, finds_what_is_there)
{
	cr_assert(choice_has(&targets, "proxmox"));
	cr_assert_not(choice_has(&targets, "proxmo"));
	cr_assert_not(choice_has(&targets, ""));
}

Test(choice, suggests_what_was_probably_meant)
{
	static const char *const cases[][2] = {
		{ "proxmx", "proxmox" },        { "porxmox", "proxmox" },    { "esxi8", "esxi-8" },
		{ "esxi", "esxi-8" },           { "hyperv", "hyperv-2022" }, { "kmv", "kvm" },
		{ "hyperv2022", "hyperv-2022" }
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		cr_expect_str_eq(choice_nearest(&targets, cases[i][0]), cases[i][1], "%s",
		                 cases[i][0]);
}

Test(choice, suggests_nothing_for_another_word)
{
	static const char *const words[] = {
		"", "x", "vmware", "qqqqqq", "a-word-so-long-that-nobody-mistyped-it-from-anything"
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		cr_expect_null(choice_nearest(&targets, words[i]), "%s", words[i]);
}

Test(choice, says_what_was_expected)
{
	struct error err = ERROR_INIT;
	cr_assert_eq(choice_unknown(&err, "target", "proxmx", &targets, "`list`"), -1);
	cr_assert_eq(err.code, ERROR_USAGE);
	cr_assert_str_eq(err.message,
	                 "unknown target 'proxmx': did you mean 'proxmox'? `list` lists them");
	err = (struct error)ERROR_INIT;
	choice_unknown(&err, "target", "vmware", &targets, NULL);
	cr_assert_str_eq(
	        err.message,
	        "unknown target 'vmware': expected one of kvm, proxmox, esxi-8, hyperv-2022");
	err = (struct error)ERROR_INIT;
	choice_unknown(&err, "target", "vmware", &targets, "`list`");
	cr_assert_str_eq(err.message, "unknown target 'vmware': `list` lists what there is");
}
