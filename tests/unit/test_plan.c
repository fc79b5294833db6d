/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work in its order, one power-off for all of it, nothing twice. */
#include <criterion/criterion.h>
#include <string.h>

#include "report/plan.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct finding failed = { .outcome = OUTCOME_FAIL };
static const struct finding unknown = { .outcome = OUTCOME_UNKNOWN };

static const struct gap first_gap = { .id = "l0.first", .layer = "L0" };
static const struct gap second_gap = { .id = "l0.second",
	                               .layer = "L0",
	                               .after = (const char *const[]){ "l0.first", NULL } };
static const struct gap third_gap = { .id = "l0.third",
	                              .layer = "L0",
	                              .after = (const char *const[]){ "l0.second", NULL } };
static const struct gap guest_gap = { .id = "l1.own", .layer = "L1" };

static struct item item_of(const struct gap *gap, const struct remedy *remedy)
{
	return (struct item){ .kind = ITEM_STOPS,
		              .first = &failed,
		              .gap_id = gap->id,
		              .gap = gap,
		              .remedy = remedy };
}

static struct plan plan;

static void fini(void)
{
	plan_clear(&plan);
}

TestSuite(plan, .fini = fini);

static void make(const struct item *items, size_t count)
{
	cr_assert_eq(plan_make(items, count, &plan), 0);
}

/* The plan's gaps in their order, "first second". */
static void expect_order(const char *expected)
{
	cleanup_text struct text order = TEXT_INIT;
	for (size_t i = 0; i < plan.count; i++)
		text_printf(&order, "%s%s", i == 0 ? "" : " ", plan.steps[i].item->gap_id + 3);
	cr_expect_str_eq(text_string(&order), expected);
}

static void expect_steps(size_t index, const char *const *expected)
{
	const char *const *steps = plan.steps[index].remedy.steps;
	for (; *expected != NULL; steps++, expected++) {
		cr_assert_not_null(*steps);
		cr_expect_str_eq(*steps, *expected);
	}
	cr_expect_null(*steps);
}

Test(plan, what_makes_another_possible_comes_first)
{
	const struct remedy remedy = { .steps = LIST("a"), .power_off = true };
	const struct item items[] = { item_of(&third_gap, &remedy), item_of(&second_gap, &remedy),
		                      item_of(&first_gap, &remedy) };
	make(items, 3);
	expect_order("first second third");
}

Test(plan, what_is_not_there_holds_nothing_up)
{
	const struct remedy remedy = { .steps = LIST("a"), .power_off = true };
	const struct item items[] = { item_of(&third_gap, &remedy), item_of(&first_gap, &remedy) };
	make(items, 2);
	expect_order("third first");
}

Test(plan, one_power_off_then_live_then_the_guest_then_what_cannot_be)
{
	const struct remedy off = { .steps = LIST("a"), .power_off = true };
	const struct remedy live = { .steps = LIST("b"), .power_off = false };
	const struct gap none = { .id = "l0.none", .layer = "L0" };
	const struct item items[] = { item_of(&none, NULL), item_of(&guest_gap, &live),
		                      item_of(&third_gap, &live), item_of(&first_gap, &off) };
	make(items, 4);
	expect_order("first third own none");
	for (enum plan_part part = PLAN_WINDOW; part < PLAN_PARTS; part++)
		cr_expect_eq(plan_count(&plan, part), 1);
}

Test(plan, what_the_window_waits_for_is_done_before_it)
{
	const struct remedy off = { .steps = LIST("a"), .power_off = true };
	const struct remedy live = { .steps = LIST("b"), .power_off = false };
	const struct item items[] = { item_of(&third_gap, &off), item_of(&second_gap, &live),
		                      item_of(&first_gap, &live) };
	make(items, 3);
	expect_order("first second third");
	cr_expect_eq(plan_count(&plan, PLAN_BEFORE), 2);
}

Test(plan, the_first_powers_off_and_the_last_on)
{
	const struct remedy a = { .steps = LIST("off", "a", "on"), .power_off = true };
	const struct remedy b = { .steps = LIST("off", "b 1", "b 2", "on"), .power_off = true };
	const struct remedy c = { .steps = LIST("off", "c", "on"), .power_off = true };
	const struct item items[] = { item_of(&first_gap, &a), item_of(&second_gap, &b),
		                      item_of(&third_gap, &c) };
	make(items, 3);
	expect_steps(0, LIST("off", "a"));
	expect_steps(1, LIST("b 1", "b 2"));
	expect_steps(2, LIST("c", "on"));
	cr_expect_str_eq(items[0].remedy->steps[2], "on", "the knowledge itself stays");
}

Test(plan, what_is_looked_at_before_the_power_off_stays)
{
	const struct remedy a = { .steps = LIST("off", "a", "on"), .power_off = true };
	const struct remedy b = { .steps = LIST("look", "off", "b", "on"), .power_off = true };
	const struct remedy c = { .steps = LIST("look", "off", "c", "on"), .power_off = true };
	const struct item items[] = { item_of(&first_gap, &a), item_of(&second_gap, &b),
		                      item_of(&third_gap, &c) };
	make(items, 3);
	expect_steps(0, LIST("off", "a"));
	expect_steps(1, LIST("look", "b"));
	expect_steps(2, LIST("look", "c", "on"));
}

Test(plan, a_part_of_the_first_change_is_no_change_of_its_own)
{
	const struct remedy a = { .steps = LIST("off", "a", "b", "on"), .power_off = true };
	const struct remedy b = { .steps = LIST("off", "b", "on"), .power_off = true };
	const struct remedy c = { .steps = LIST("off", "c", "on"), .power_off = true };
	const struct item items[] = { item_of(&first_gap, &a), item_of(&second_gap, &b),
		                      item_of(&third_gap, &c) };
	make(items, 3);
	cr_expect_eq(plan.steps[1].same_as, 1);
	expect_steps(2, LIST("c", "on"));
}

Test(plan, another_tool_keeps_its_own_power_off)
{
	const struct remedy a = { .steps = LIST("off", "a", "on"), .power_off = true };
	const struct remedy b = { .steps = LIST("Shut down.", "b", "Start."), .power_off = true };
	const struct item items[] = { item_of(&first_gap, &a), item_of(&second_gap, &b) };
	make(items, 2);
	expect_steps(0, LIST("off", "a", "on"));
	expect_steps(1, LIST("Shut down.", "b", "Start."));
}

Test(plan, the_same_change_is_made_once)
{
	const struct remedy a = { .steps = LIST("off", "a", "on"), .power_off = true };
	const struct remedy b = { .steps = LIST("off", "b", "on"), .power_off = true };
	const struct item items[] = { item_of(&first_gap, &a), item_of(&second_gap, &b),
		                      item_of(&third_gap, &a) };
	make(items, 3);
	expect_steps(0, LIST("off", "a"));
	expect_steps(1, LIST("b", "on"));
	cr_expect_eq(plan.steps[0].same_as, 0);
	cr_expect_eq(plan.steps[2].same_as, 1);
}

Test(plan, one_change_is_whole)
{
	const struct remedy a = { .steps = LIST("off", "a", "on"), .power_off = true };
	const struct item items[] = { item_of(&first_gap, &a) };
	make(items, 1);
	expect_steps(0, LIST("off", "a", "on"));
}

Test(plan, what_is_not_known_is_no_work)
{
	const struct item items[] = { { .kind = ITEM_UNSETTLED, .first = &unknown } };
	make(items, 1);
	cr_expect_eq(plan.count, 0);
}

Test(plan, nothing_to_do)
{
	make(NULL, 0);
	cr_expect_eq(plan.count, 0);
}
