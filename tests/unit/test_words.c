/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of reports as the collector reads them; tests/collector holds the patterns against the
 * schema. */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "collector/words.h"

Test(words, times_are_moments)
{
	static const struct {
		const char *word;
		int64_t ms; /* by date(1) */
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01T00:00:00.0Z", 0 },
		{ "2024-02-29T12:34:56.789Z", 1709210096789 },
		{ "2024-02-29T12:34:56.7Z", 1709210096700 },
		{ "2024-02-29T12:34:56.078999Z", 1709210096078 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
		{ "1969-12-31T23:59:59Z", -1 },
		{ "2023-02-29T00:00:00Z", -1 },
		{ "2024-13-01T00:00:00Z", -1 },
		{ "2024-00-01T00:00:00Z", -1 },
		{ "2024-01-01T24:00:00Z", -1 },
		{ "2024-01-01T00:60:00Z", -1 },
		{ "2024-01-01T00:00:60Z", -1 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		cr_assert(word_is_time(rows[i].word), "%s", rows[i].word);
		cr_assert(word_time_ms(rows[i].word) == rows[i].ms, "%s: %" PRId64, rows[i].word,
		          word_time_ms(rows[i].word));
	}
}

Test(words, moments_are_written_as_they_are_read)
{
	static const int64_t moments[] = { 0, 1, 1709210096789, 253402300799999 };
	char word[WORD_TIME_SIZE];
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		word_time_write(moments[i], word);
		cr_assert(word_is_time(word) && word_time_ms(word) == moments[i], "%s", word);
	}
	word_time_write(-1, word);
	cr_assert_str_eq(word, "1970-01-01T00:00:00.000Z");
	word_time_write(INT64_MAX, word);
	cr_assert_str_eq(word, "9999-12-31T23:59:59.999Z");
}

Test(words, forms)
{
	static const struct {
		bool (*is)(const char *word);
		const char *word;
		bool so;
	} rows[] = {
		{ word_is_time, "2024-01-01T00:00:00", false },
		{ word_is_time, "2024-01-01T00:00:00.Z", false },
		{ word_is_time, "2024-01-01 00:00:00Z", false },
		{ word_is_time, "2024-01-01T00:00:00ZZ", false },
		{ word_is_time, "", false },
		{ word_is_uuid7, "01a1f97f-5e43-74c1-bf6d-e158365fef0f", true },
		{ word_is_uuid7, "01a1f97f-5e43-44c1-bf6d-e158365fef0f", false },
		{ word_is_uuid7, "01a1f97f-5e43-74c1-7f6d-e158365fef0f", false },
		{ word_is_uuid7, "01A1f97f-5e43-74c1-bf6d-e158365fef0f", false },
		{ word_is_uuid7, "01a1f97f-5e43-74c1-bf6d-e158365fef0f0", false },
		{ word_is_uuid7, "01a1f97f-5e43-74c1-", false },
		{ word_is_id, "esxi-8", true },
		{ word_is_id, "a..b", false },
		{ word_is_id, "a.", false },
		{ word_is_id, ".a", false },
		{ word_is_id, "a{id}", false },
		{ word_is_fact, "msr.{id}.x", true },
		{ word_is_fact, "{id}", false },
		{ word_is_fact, "a.{id}b", false },
		{ word_is_gap, "l0.virt-not-exposed", true },
		{ word_is_gap, "net.x", true },
		{ word_is_gap, "l2.x", false },
		{ word_is_gap, "l0.", false },
		{ word_is_gap, "l0.a.b", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		cr_assert(rows[i].is(rows[i].word) == rows[i].so, "%s", rows[i].word);
}
