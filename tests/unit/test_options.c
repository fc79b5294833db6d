/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines: what is understood, and one clear line about what is not. */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/options.h"

#define ALL ((unsigned)OPTION_HELP - 1)

static struct options options;
static struct error err = ERROR_INIT;

/* Parses the words of `line`, which are separated by single blanks. */
static int parse(const char *line, unsigned accepted, const char *operand)
{
	static char words[200];
	char *argv[20];
	int argc = 0;
	err = (struct error)ERROR_INIT;
	strcpy(words, line);
	for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return options_parse(argc, argv, "check", accepted, operand, &options, &err);
}

Test(options, every_form_of_a_value)
{
	static const char *const forms[] = { "--target kvm", "--target=kvm", "-t kvm", "-tkvm" };
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		cr_assert_eq(parse(forms[i], ALL, NULL), 0, "%s: %s", forms[i], err.message);
		cr_assert_str_eq(options.target, "kvm");
	}
}

Test(options, flags_and_values_side_by_side)
{
	cr_assert_eq(parse("-p -o out.json --colour never --every-cpu", ALL, NULL), 0);
	cr_assert(options.passive && options.every_cpu && !options.risky_l2);
	cr_assert_str_eq(options.output, "out.json");
	cr_assert_str_eq(options.colour, "never");
	cr_assert_null(options.target);
}

Test(options, a_lone_dash_and_what_follows_two_are_operands)
{
	cr_assert_eq(parse("-o -", ALL, NULL), 0);
	cr_assert_str_eq(options.output, "-");
	cr_assert_eq(parse("-- --odd", ALL, "ID"), 0);
	cr_assert_str_eq(options.operand, "--odd");
}

Test(options, mistakes_are_usage_errors_that_help)
{
	static const struct {
		const char *line;
		const char *message;
	} cases[] = {
		{ "--target kmv",
		  "unknown target 'kmv': did you mean 'kvm'? `nestready targets` lists them" },
		{ "--target qqqq",
		  "unknown target 'qqqq': `nestready targets` lists what there is" },
		{ "--format txt", "unknown format 'txt': did you mean 'text'?" },
		{ "--colour blue", "unknown colour 'blue': expected one of auto, always, never" },
		{ "--accept ready", "unknown accept 'ready': expected one of degraded" },
		{ "--tarjet=kvm",
		  "unknown option 'tarjet': did you mean 'target'? `nestready --help` lists them" },
		{ "-z", "unknown option '-z': `nestready --help` lists what there is" },
		{ "--target", "--target needs a value: --target TARGET" },
		{ "--output=", "--output: its FILE is empty" },
		{ "--passive=yes", "--passive takes no value" },
		{ "-px", "--passive takes no value" },
		{ "here", "`check` takes no argument, and 'here' is one: "
		          "`nestready help` shows what can be typed" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cr_expect_eq(parse(cases[i].line, ALL, NULL), -1, "%s", cases[i].line);
		cr_expect_eq(err.code, ERROR_USAGE);
		cr_expect_str_eq(err.message, cases[i].message);
	}
}

Test(options, another_command_s_option_is_refused)
{
	cr_assert_eq(parse("--target kvm", OPTION_OUTPUT, NULL), -1);
	cr_assert_str_eq(err.message, "`check` takes no --target: "
	                              "`nestready check --help` lists what it takes");
	cr_assert_eq(parse("a b", OPTION_OUTPUT, "ID"), -1);
	cr_assert_str_eq(err.message, "`check` takes one ID: 'b' is one too many");
}

Test(options, help_names_what_is_accepted_and_nothing_else)
{
	cleanup_text struct text out = TEXT_INIT;
	options_help(OPTION_OUTPUT | OPTION_FACTS, &out);
	cr_assert_not_null(strstr(text_string(&out), "  -o, --output FILE"));
	cr_assert_not_null(strstr(text_string(&out), "      --facts"));
	cr_assert_not_null(strstr(text_string(&out), "  -h, --help"));
	cr_assert_null(strstr(text_string(&out), "--target"));
}
