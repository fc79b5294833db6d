/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a guest's readiness went, and what those have in common that lost it. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/cohorts.h"

#define OLD "esxi\n8.0\nXeon\n0x1\n6.1\n"
#define NEW "esxi\n8.0\nXeon\n0x1\n6.2\n"

Test(standing, traits_of_a_report)
{
	cleanup_text struct text out = TEXT_INIT;
	json_t *report = json_pack("{s:{s:s, s:i}, s:{s:{s:s}, s:{s:s}}}", "platform", "id", "esxi",
	                           "version", 8, "facts", "cpu.name", "value", "Xe\non",
	                           "os.kernel", "value", "6.1");
	size_t length;
	struct gist gist;
	gist_read(&gist, report);
	standing_traits(&gist, &out);
	gist_clear(&gist);
	cr_assert_str_eq(text_string(&out), "esxi\n8\nXe on\n\n6.1\n");
	const char *kernel = standing_trait(text_string(&out), TRAIT_KERNEL, &length);
	cr_assert(length == 3 && strncmp(kernel, "6.1", 3) == 0);
	standing_trait(text_string(&out), TRAIT_MICROCODE, &length);
	cr_assert_eq(length, 0);
	standing_trait("", TRAIT_KERNEL, &length);
	cr_assert_eq(length, 0);
	json_decref(report);
}

Test(standing, a_long_value_is_cut_between_characters)
{
	cleanup_text struct text out = TEXT_INIT;
	char name[300] = "x";
	for (size_t i = 1; i + 2 < sizeof name; i += 2)
		memcpy(name + i, "\xc3\xa9", 3);
	json_t *report = json_pack("{s:{s:{s:s}}}", "facts", "cpu.name", "value", name);
	size_t length;
	struct gist gist;
	gist_read(&gist, report);
	standing_traits(&gist, &out);
	gist_clear(&gist);
	standing_trait(text_string(&out), TRAIT_CPU, &length);
	cr_assert_eq(length, 119);
	json_decref(report);
}

Test(standing, readiness_is_lost_once_and_comes_back)
{
	struct standing at = { "", "", "", 0 };
	at = standing_next(&at, "not-ready", OLD, 1);
	cr_assert_eq(at.lost, 0, "what never was cannot be lost");
	at = standing_next(&at, "ready", OLD, 2);
	cr_assert_str_eq(at.traits_ready, OLD);
	at = standing_next(&at, "indeterminate", NEW, 3);
	cr_assert_eq(at.lost, 0);
	at = standing_next(&at, "not-ready", NEW, 4);
	at = standing_next(&at, "not-ready", OLD, 5);
	cr_assert_eq(at.lost, 4);
	cr_assert_str_eq(at.traits_lost, NEW, "the first one counts");
	at = standing_next(&at, "degraded", NEW, 6);
	cr_assert_eq(at.lost, 0);
	cr_assert_str_eq(at.traits_lost, "");
}

/* A fleet of `good` ready guests with the old kernel, and of those with the new one. */
static void fill(struct fleet *fleet, struct store_report *rows, size_t good, size_t lost,
                 size_t kept)
{
	fleet->count = good + lost + kept;
	for (size_t i = 0; i < fleet->count; i++) {
		bool is_lost = i >= good && i < good + lost;
		rows[i] = (struct store_report){
			.verdict = is_lost ? "not-ready" : "ready",
			.standing = { i < good ? OLD : NEW, OLD, is_lost ? NEW : "",
			              is_lost ? 9 : 0 },
		};
		fleet->rows[i] = &rows[i];
	}
}

Test(cohorts, the_new_kernel_stands_out)
{
	struct store_report rows[100], *places[100];
	struct fleet fleet = { .rows = places };
	struct cohort *list;
	size_t count;
	fill(&fleet, rows, 80, 18, 2);
	cr_assert(cohorts_of(&fleet, TRAIT_KERNEL, 0, &list, &count));
	cr_assert_eq(count, 2);
	cr_assert(list[0].sum.rows == 80 && !list[0].outlier);
	cr_assert(list[1].sum.rows == 20 && list[1].outlier && list[1].sum.by_verdict[2] == 18);
	free(list);
	cr_assert(cohorts_of(&fleet, TRAIT_CPU, 0, &list, &count));
	cr_assert(count == 1 && !list[0].outlier, "all are alike: nothing stands out");
	free(list);
}

Test(cohorts, chance_is_no_outlier)
{
	struct store_report rows[100], *places[100];
	struct fleet fleet = { .rows = places };
	struct cohort *list;
	size_t count;
	fill(&fleet, rows, 90, 1, 9);
	cr_assert(cohorts_of(&fleet, TRAIT_KERNEL, 0, &list, &count));
	cr_assert(!list[1].outlier, "one in ten");
	free(list);
	fill(&fleet, rows, 96, 4, 0);
	cr_assert(cohorts_of(&fleet, TRAIT_KERNEL, 0, &list, &count));
	cr_assert(!list[1].outlier, "too few to say");
	free(list);
}

Test(cohorts, losses_name_the_change)
{
	struct store_report rows[100], *places[100];
	struct fleet fleet = { .rows = places };
	struct drift drift;
	struct loss *list;
	size_t count;
	fill(&fleet, rows, 80, 18, 2);
	rows[0].verdict = "not-ready"; /* nothing changed but the verdict */
	rows[0].standing = (struct standing){ OLD, OLD, OLD, 5 };
	cr_assert(drift_of(&fleet, &drift));
	cr_assert(cohorts_losses(&drift, &list, &count));
	cr_assert_eq(count, 2);
	cr_assert_eq(list[0].trait, TRAIT_KERNEL);
	cr_assert(list[0].lost == 18 && list[0].kept == 2 && list[0].first == 9);
	cr_assert(strncmp(list[0].before, "6.1", 3) == 0 && strncmp(list[0].after, "6.2", 3) == 0);
	cr_assert(list[1].trait == TRAIT_COUNT && list[1].lost == 1);
	free(list);
	drift_clear(&drift);
}
