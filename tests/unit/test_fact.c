/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts keep their strings, are found by key, and carry bytes of any kind as text. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "report/fact.h"

struct set_sink {
	struct fact_sink sink;
	struct fact_set *set;
};

static void add_to_set(struct fact_sink *sink, const struct fact *fact)
{
	cr_assert_eq(fact_set_add(((struct set_sink *)sink)->set, fact), 0);
}

Test(fact, a_set_finds_every_key_whatever_the_order_of_arrival)
{
	struct set_sink sink = { { add_to_set }, fact_set_new() };
	for (int i = 0; i < 500; i++) {
		char key[16];
		snprintf(key, sizeof key, "k%d", (i * 7919) % 500);
		fact_int(&sink.sink, key, (i * 7919) % 500, "test");
	}
	cr_assert_eq(fact_set_count(sink.set), 500);
	for (int i = 0; i < 500; i++) {
		char key[16];
		snprintf(key, sizeof key, "k%d", i);
		const struct fact *fact = fact_set_find(sink.set, key);
		cr_assert_not_null(fact, "%s", key);
		cr_assert_eq(json_integer_value(fact->value), i);
	}
	cr_assert_null(fact_set_find(sink.set, "k500"));
	for (size_t i = 1; i < fact_set_count(sink.set); i++)
		cr_assert_lt(
		        strcmp(fact_set_at(sink.set, i - 1)->key, fact_set_at(sink.set, i)->key),
		        0);
	fact_set_free(sink.set);
}

Test(fact, a_later_fact_takes_the_place_of_the_earlier)
{
	struct set_sink sink = { { add_to_set }, fact_set_new() };
	fact_bool(&sink.sink, "cpu.vmx", true, "a");
	fact_none(&sink.sink, "cpu.vmx", STATUS_DENIED, "EACCES", "b");
	const struct fact *fact = fact_set_find(sink.set, "cpu.vmx");
	cr_assert_eq(fact_set_count(sink.set), 1);
	cr_assert_eq(fact->status, STATUS_DENIED);
	cr_assert_null(fact->value);
	cr_assert_str_eq(fact->why, "EACCES");
	cr_assert_str_eq(fact->source, "b");
	fact_set_free(sink.set);
}

Test(fact, hex_keeps_all_64_bits_and_text_becomes_utf8)
{
	struct set_sink sink = { { add_to_set }, fact_set_new() };
	fact_hex(&sink.sink, "r", UINT64_MAX - 1, "MSR");
	fact_text(&sink.sink, "t", "a\x80\x1b[31mé\xed\xa0\x80", "DMI");
	cr_assert_str_eq(json_string_value(fact_set_find(sink.set, "r")->value),
	                 "0xfffffffffffffffe");
	cr_assert_str_eq(json_string_value(fact_set_find(sink.set, "t")->value), "a??[31mé???");
	fact_set_free(sink.set);
}
