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
static void fill(struct census *census, struct store_alike *alike, size_t good, size_t lost,
                 size_t kept)
{
	alike[0] = (struct store_alike){ "esxi", OLD, "ready", (int64_t)good, 0 };
	alike[1] = (struct store_alike){ "esxi", NEW, "not-ready", (int64_t)lost, 1 };
	alike[2] = (struct store_alike){ "esxi", NEW, "ready", (int64_t)kept, 0 };
	*census = (struct census){ .alike = alike, .alike_count = 3 };
}

Test(cohorts, the_new_kernel_stands_out)
{
	struct store_alike alike[3];
	struct census census;
	struct cohort *list;
	size_t count;
	fill(&census, alike, 80, 18, 2);
	cr_assert(cohorts_of(&census, TRAIT_KERNEL, &list, &count));
	cr_assert_eq(count, 2);
	cr_assert(list[0].sum.rows == 80 && !list[0].outlier && list[0].sum.stale == 0);
	cr_assert(list[1].sum.rows == 20 && list[1].outlier && list[1].sum.by_verdict[2] == 18);
	cr_assert(list[1].sum.by_verdict[0] == 2 && list[1].sum.stale == 1);
	free(list);
	cr_assert(cohorts_of(&census, TRAIT_CPU, &list, &count));
	cr_assert(count == 1 && !list[0].outlier, "all are alike: nothing stands out");
	free(list);
}

Test(cohorts, chance_is_no_outlier)
{
	struct store_alike alike[3];
	struct census census;
	struct cohort *list;
	size_t count;
	fill(&census, alike, 90, 1, 9);
	cr_assert(cohorts_of(&census, TRAIT_KERNEL, &list, &count));
	cr_assert(!list[1].outlier, "one in ten");
	free(list);
	fill(&census, alike, 96, 4, 0);
	cr_assert(cohorts_of(&census, TRAIT_KERNEL, &list, &count));
	cr_assert(!list[1].outlier, "too few to say");
	free(list);
}

Test(cohorts, what_came_before_there_were_traits_names_its_platform)
{
	struct store_alike alike[3];
	struct census census;
	struct cohort *list;
	size_t count;
	fill(&census, alike, 7, 2, 1);
	alike[0].traits = "";
	cr_assert(cohorts_of(&census, TRAIT_PLATFORM, &list, &count));
	cr_assert(count == 1 && list[0].sum.rows == 10 && strcmp(list[0].value, "esxi") == 0);
	free(list);
	cr_assert(cohorts_of(&census, TRAIT_KERNEL, &list, &count));
	cr_assert(count == 2 && list[0].sum.rows == 7 && list[0].length == 0);
	free(list);
}

Test(cohorts, losses_name_the_change)
{
	struct store_alike alike[3];
	struct store_loss losses[] = { { OLD, NEW, 18, 9, 11 }, { OLD, OLD, 1, 5, 5 } };
	struct census census;
	struct loss *list;
	size_t count;
	fill(&census, alike, 80, 18, 2);
	census.losses = losses;
	census.loss_count = 2;
	cr_assert(cohorts_losses(&census, &list, &count));
	cr_assert_eq(count, 2);
	cr_assert_eq(list[0].trait, TRAIT_KERNEL);
	cr_assert(list[0].lost == 18 && list[0].kept == 2);
	cr_assert(list[0].first == 9 && list[0].last == 11);
	cr_assert(strncmp(list[0].before, "6.1", 3) == 0 && strncmp(list[0].after, "6.2", 3) == 0);
	cr_assert(list[1].trait == TRAIT_COUNT && list[1].lost == 1,
	          "nothing changed but the verdict");
	free(list);
}
