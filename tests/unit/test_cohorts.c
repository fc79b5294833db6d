/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a guest's readiness went, and what those have in common that lost it. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/cleanup.h"
#include "collector/cohort_place.h"

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

/* What a store groups guests into. */
struct fake_store {
	struct store store;
	const struct store_cohort *cohorts;
	const struct store_loss *losses;
	unsigned traits; /* what was asked for */
};

static int fake_cohorts(struct store *store, const struct store_filter *filter, int64_t stale,
                        unsigned traits, store_take_cohort take, void *context, struct error *err)
{
	struct fake_store *fake = (struct fake_store *)(void *)store;
	(void)filter, (void)stale, (void)err;
	fake->traits = traits;
	for (const struct store_cohort *row = fake->cohorts; row->value != NULL; row++) {
		if (row->trait == STORE_ALL_GUESTS || (traits >> row->trait & 1) != 0)
			take(context, row);
	}
	return 0;
}

static int fake_losses(struct store *store, const struct store_filter *filter, store_take_loss take,
                       void *context, struct error *err)
{
	struct fake_store *fake = (struct fake_store *)(void *)store;
	(void)filter, (void)err;
	for (const struct store_loss *row = fake->losses; row->before != NULL; row++)
		take(context, row);
	return 0;
}

static const struct store_type fake_type = { .cohorts = fake_cohorts, .losses = fake_losses };
static const struct store_loss no_losses[] = { { .before = NULL } };

static void read_fake(struct fake_store *fake, const struct cohorts_wanted *wanted,
                      struct cohorts *cohorts)
{
	struct error err = ERROR_INIT;
	fake->store.type = &fake_type;
	if (fake->losses == NULL)
		fake->losses = no_losses;
	cr_assert_eq(cohorts_read(&fake->store, NULL, 0, wanted, cohorts, &err), 0, "%s",
	             err.message);
}

static const struct cohorts_wanted all = { .traits = COHORTS_EVERY_TRAIT, .limit = 10 };

#define ALL(guests, bad)                                                                           \
	{                                                                                          \
		STORE_ALL_GUESTS, "", guests, (guests) - (bad), 0, bad, 0, 1                       \
	}
#define KERNEL(value, guests, bad)                                                                 \
	{                                                                                          \
		TRAIT_KERNEL, value, guests, (guests) - (bad), 0, bad, 0, 1                        \
	}
#define END                                                                                        \
	{                                                                                          \
		.value = NULL                                                                      \
	}

Test(cohorts, the_new_kernel_stands_out_and_comes_first)
{
	const struct store_cohort rows[] = { ALL(100, 18),
		                             KERNEL("6.1", 80, 0),
		                             KERNEL("6.2", 20, 18),
		                             { TRAIT_CPU, "Xeon", 100, 82, 0, 18, 0, 1 },
		                             END };
	struct fake_store fake = { .cohorts = rows };
	struct cohorts cohorts;
	read_fake(&fake, &all, &cohorts);
	const struct cohort_list *kernels = &cohorts.of[TRAIT_KERNEL];
	cr_assert(kernels->best.count == 2 && kernels->cohorts == 2 && kernels->guests == 100);
	const struct cohort *first = cohorts_at(kernels, 0), *second = cohorts_at(kernels, 1);
	cr_assert_str_eq(first->value, "6.2");
	cr_assert(first->sum.rows == 20 && first->outlier && first->sum.by_verdict[2] == 18);
	cr_assert(first->sum.by_verdict[0] == 2 && first->sum.stale == 1);
	cr_assert(second->sum.rows == 80 && !second->outlier);
	cr_assert(!cohorts_at(&cohorts.of[TRAIT_CPU], 0)->outlier, "all are alike");
	cr_assert(cohorts.all.rows == 100 && cohorts.all.by_verdict[2] == 18);
	cohorts_clear(&cohorts);
}

Test(cohorts, chance_is_no_outlier)
{
	const struct store_cohort one_in_ten[] = { ALL(100, 1), KERNEL("6.1", 90, 0),
		                                   KERNEL("6.2", 10, 1), END };
	const struct store_cohort too_few[] = { ALL(100, 4), KERNEL("6.1", 96, 0),
		                                KERNEL("6.2", 4, 4), END };
	struct fake_store fake = { .cohorts = one_in_ten };
	struct cohorts cohorts;
	read_fake(&fake, &all, &cohorts);
	cr_assert(!cohorts_at(&cohorts.of[TRAIT_KERNEL], 1)->outlier);
	cohorts_clear(&cohorts);
	fake.cohorts = too_few;
	read_fake(&fake, &all, &cohorts);
	cr_assert(!cohorts_at(&cohorts.of[TRAIT_KERNEL], 1)->outlier);
	cohorts_clear(&cohorts);
}

Test(cohorts, only_the_first_are_kept_and_an_outlier_is_one_of_them_however_small)
{
	struct store_cohort rows[1003] = { ALL(10005, 5) };
	char names[1000][8];
	struct fake_store fake = { .cohorts = rows };
	struct cohorts cohorts;
	for (int i = 0; i < 1000; i++) {
		snprintf(names[i], sizeof names[i], "k%d", (i * 7) % 1000);
		rows[i + 1] = (struct store_cohort)KERNEL(names[i], 10, 0);
	}
	rows[1001] = (struct store_cohort)KERNEL("bad", 5, 5);
	read_fake(&fake, &all, &cohorts);
	const struct cohort_list *kernels = &cohorts.of[TRAIT_KERNEL];
	cr_assert(kernels->best.count == 10 && kernels->cohorts == 1001 &&
	          kernels->guests == 10005);
	static const char *const first[] = { "bad", "k0", "k1", "k10", "k100", "k101" };
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		cr_assert_str_eq(cohorts_at(kernels, i)->value, first[i]);
	cohorts_clear(&cohorts);
}

Test(cohorts, pages_hold_each_of_all_traits_once)
{
	const struct store_cohort rows[] = { ALL(12, 0),
		                             { TRAIT_CPU, "a", 7, 7, 0, 0, 0, 0 },
		                             { TRAIT_CPU, "b", 5, 5, 0, 0, 0, 0 },
		                             KERNEL("", 3, 0),
		                             KERNEL("6.1", 3, 0),
		                             KERNEL("6.2", 6, 0),
		                             END };
	static const char *const order[] = { "a", "6.2", "b", "", "6.1" };
	struct fake_store fake = { .cohorts = rows };
	struct cohort_place place;
	struct cohorts_wanted wanted = { .traits = COHORTS_EVERY_TRAIT, .limit = 2 };
	for (size_t i = 0; i < 5; i++) {
		struct cohorts cohorts;
		size_t at[TRAIT_COUNT] = { 0 };
		cleanup_text struct text cursor = TEXT_INIT;
		read_fake(&fake, &wanted, &cohorts);
		const struct cohort *first = cohorts_next(&cohorts, at);
		cr_assert_str_eq(first->value, order[i]);
		const struct cohort *second = cohorts_next(&cohorts, at);
		cr_assert(i == 4 ? second == NULL : strcmp(second->value, order[i + 1]) == 0);
		cohort_place_write(first, &cursor);
		cohorts_clear(&cohorts);
		cr_assert(cohort_place_read(text_string(&cursor), &place), "%s",
		          text_string(&cursor));
		wanted.after = &place.cohort;
	}
}

Test(cohorts, losses_name_the_change)
{
	const struct store_cohort rows[] = { ALL(100, 18), KERNEL("6.1", 80, 0),
		                             KERNEL("6.2", 20, 18), END };
	const struct store_loss losses[] = { { TRAIT_COUNT, "", "", 19, 5, 5 },
		                             { TRAIT_CPU, "a", "b", 2, 9, 11 },
		                             { TRAIT_KERNEL, "6.1", "6.2", 18, 9, 11 },
		                             { .before = NULL } };
	const struct cohorts_wanted platforms = { .traits = 1u << TRAIT_PLATFORM, .limit = 1 };
	struct fake_store fake = { .cohorts = rows, .losses = losses };
	struct cohorts cohorts;
	read_fake(&fake, &platforms, &cohorts);
	cr_assert_eq(fake.traits, 1u << TRAIT_PLATFORM | 1u << TRAIT_CPU | 1u << TRAIT_KERNEL,
	             "what kept well is counted, too");
	cr_assert(cohorts.losses.count == 3 && cohorts.loss_count == 3);
	const struct loss *kernel = cohorts_loss(&cohorts, 0);
	cr_assert(kernel->trait == TRAIT_KERNEL && kernel->lost == 18 && kernel->kept == 82 - 80);
	cr_assert(kernel->first == 9 && kernel->last == 11);
	cr_assert_str_eq(kernel->before, "6.1");
	cr_assert_str_eq(kernel->after, "6.2");
	cr_assert_eq(cohorts_loss(&cohorts, 1)->trait, TRAIT_CPU);
	cr_assert_eq(cohorts_loss(&cohorts, 2)->trait, TRAIT_COUNT,
	             "what explains nothing is last");
	cr_assert_eq(cohorts.of[TRAIT_KERNEL].best.count, 0, "it was not asked for");
	cohorts_clear(&cohorts);
}

Test(cohorts, no_more_losses_than_somebody_reads)
{
	struct store_loss losses[202] = { { .before = NULL } };
	const struct store_cohort rows[] = { ALL(9, 9), END };
	struct fake_store fake = { .cohorts = rows, .losses = losses };
	struct cohorts cohorts;
	for (int i = 0; i < 200; i++)
		losses[i] = (struct store_loss){ TRAIT_KERNEL, "6.1", "6.2", i + 1, 1, 1 };
	losses[200] = (struct store_loss){ TRAIT_COUNT, "", "", 1000, 1, 1 };
	read_fake(&fake, &all, &cohorts);
	cr_assert(cohorts.losses.count == LOSSES_MAX && cohorts.loss_count == 201);
	for (size_t i = 0; i < LOSSES_MAX; i++)
		cr_assert_eq(cohorts_loss(&cohorts, i)->lost, 200 - i);
	cohorts_clear(&cohorts);
}

Test(cohorts, a_cursor_is_exactly_one)
{
	static const char *const wrong[] = { "",
		                             "1",
		                             "2.5.kernel.36",
		                             "1.5.kernel",
		                             "1.5.colour.36",
		                             "1.x.kernel.36",
		                             "1..kernel.36",
		                             "1.-5.kernel.36",
		                             "1.99999999999999999999.kernel.36",
		                             "1.5.kernel.3",
		                             "1.5.kernel.3G",
		                             "1.5.kernel.00",
		                             "1.5.kernel.36.",
		                             "1.5.kernel.36x" };
	struct cohort_place place;
	char longest[700] = "0.1.platform.";
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		cr_assert(!cohort_place_read(wrong[i], &place), "%s", wrong[i]);
	cr_assert(cohort_place_read("1.5.kernel.362e", &place));
	cr_assert(place.cohort.outlier && place.cohort.sum.rows == 5);
	cr_assert_str_eq(place.cohort.value, "6.");
	memset(longest + 13, '6', 510);
	cr_assert(cohort_place_read(longest, &place));
	memset(longest + 13, '6', 512);
	cr_assert(!cohort_place_read(longest, &place));
}
