/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The short code survives being read aloud, and betrays a mistake. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

#include "report/code.h"
#include "tests/lib/judged.h"

static struct text out = TEXT_INIT;
static struct error err;

static void begin(void)
{
	err = (struct error)ERROR_INIT;
}

static void end(void)
{
	text_clear(&out);
}

TestSuite(code, .init = begin, .fini = end);

/* Two targets, two gaps; by hand after the layout in code.h:
 * 0001 00010 00010 | 0000001 0001001 | 000001 10 01 10 | 000011 01 00 01 | 00, five bits a letter:
 * 00010 00100 00100 00000 10001 00100 00011 00110 00001 10100 01000 */
static const struct code sample = {
	.targets = { { 1, VERDICT_NOT_READY, BASIS_FLAGS, 1 },
	             { 3, VERDICT_DEGRADED, BASIS_PROVEN, 2 } },
	.target_count = 2,
	.gaps = { 1, 9 },
	.gap_count = 2,
};

static const char *written(const struct code *code)
{
	text_clear(&out);
	code_write(code, &out);
	cr_assert_not(out.failed);
	return text_string(&out);
}

static bool reads(const char *string)
{
	struct code code;
	err = (struct error)ERROR_INIT;
	return code_read(string, &code, &err) == 0 && memcmp(&code, &sample, sizeof code) == 0;
}

Test(code, is_laid_out_as_documented)
{
	cr_assert(strncmp(written(&sample), "2440-H436-1M8", 13) == 0, "%s", written(&sample));
	cr_assert_eq(out.length, strlen("XXXX-XXXX-XXXX-XX"));
}

Test(code, is_read_in_any_case_and_grouping_and_with_look_alikes)
{
	char word[64];
	snprintf(word, sizeof word, "%s", written(&sample));
	cr_assert(reads(word), "%s", err.message);
	for (char *c = word; *c != '\0'; c++)
		*c = *c == '-' ? ' ' : (char)(*c == '1' ? 'l' : tolower((unsigned char)*c));
	cr_assert(reads(word), "%s: %s", word, err.message);
}

Test(code, one_wrong_letter_is_always_noticed)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char word[64];
	snprintf(word, sizeof word, "%s", written(&sample));
	for (char *c = word; *c != '\0'; c++) {
		char right = *c;
		for (const char *wrong = letters; *wrong != '\0' && right != '-'; wrong++) {
			*c = *wrong;
			cr_assert_eq(reads(word), *wrong == right, "%s", word);
		}
		*c = right;
	}
}

Test(code, two_letters_changed_over_are_always_noticed)
{
	char word[64];
	snprintf(word, sizeof word, "%s", written(&sample));
	for (char *c = word; c[1] != '\0'; c++) {
		char swapped[64];
		size_t at = (size_t)(c - word);
		snprintf(swapped, sizeof swapped, "%s", word);
		swapped[at] = c[1];
		swapped[at + 1] = c[0];
		bool same = c[0] == c[1] || c[0] == '-' || c[1] == '-';
		cr_assert_eq(reads(swapped), same, "%s", swapped);
	}
}

Test(code, what_is_no_code_is_refused_with_a_reason)
{
	static const struct {
		const char *word;
		const char *reason;
	} rows[] = {
		{ "", "no code" },          { "123", "no code" },        { "l0.virt", "no code" },
		{ "UUUU-UUUU", "no code" }, { "2441-28C6", "mistyped" }, { "Z000", "mistyped" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cr_assert_not(reads(rows[i].word));
		cr_assert_eq(err.code, ERROR_BAD_INPUT);
		cr_assert_not_null(strstr(err.message, rows[i].reason), "%s", err.message);
	}
}

Test(code, the_largest_one_fits)
{
	struct code code = { .target_count = CODE_TARGETS_MAX, .gap_count = CODE_GAPS_MAX };
	struct code back;
	for (unsigned i = 0; i < CODE_TARGETS_MAX; i++) {
		code.targets[i] = (struct code_target){ 63 - i, VERDICT_INDETERMINATE,
			                                BASIS_IMPORTED, 0x7fffffff };
		code.gaps[i] = 127 - i;
	}
	cr_assert_eq(code_read(written(&code), &back, &err), 0, "%s", err.message);
	cr_assert_eq(memcmp(&code, &back, sizeof code), 0);
}

/* Those that every code tells of. */
static size_t in_codes(void)
{
	size_t count = 0;
	for (size_t i = 0; knowledge_targets[i].id != NULL; i++)
		count += knowledge_targets[i].in_codes;
	return count;
}

Test(code, takes_the_targets_of_every_code_and_shares_their_gaps, .init = judged_begin,
     .fini = judged_end)
{
	struct code code;
	with(machine_hidden);
	judged("kvm");
	cr_assert_eq(code_take(&judged_report, &code), 0);
	cr_assert_eq(code.target_count, in_codes());
	cr_assert_gt(code.target_count, 3);
	cr_assert_str_eq(code_find_target(code.targets[0].number)->id, "kvm");
	cr_assert_str_eq(code_find_gap(code.gaps[0])->id, "l0.virt-not-exposed");
	for (size_t i = 0; i < code.target_count; i++) {
		cr_assert_eq(code.targets[i].verdict, VERDICT_NOT_READY);
		cr_assert(code.targets[i].gaps & 1, "every target needs the extension");
	}
}

Test(code, numbers_of_nothing_are_nothing)
{
	cr_assert_null(code_find_target(0));
	cr_assert_null(code_find_gap(0));
}
