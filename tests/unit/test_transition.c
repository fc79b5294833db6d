/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of a guest whose verdict goes up and down. */
#include <criterion/criterion.h>
#include <string.h>

#include "collector/transition.h"

#define SETTLE 10

/* Whether the last letter of a history is told, a letter a minute: u(sable), n(ot ready), ?. */
static bool told(const char *history, int64_t lasted)
{
	struct moment moments[40];
	size_t count = strlen(history);
	for (size_t i = 0; i < count; i++) {
		char letter = history[count - 1 - i];
		moments[i].at = (int64_t)(count - 1 - i);
		moments[i].readiness = letter == 'u'   ? READINESS_USABLE
		                       : letter == 'n' ? READINESS_NONE
		                                       : READINESS_UNSURE;
	}
	return transition_is(moments + 1, count - 1, &moments[0], moments[0].at + lasted, SETTLE);
}

Test(transition, of_a_state_that_lasts)
{
	static const struct {
		const char *history;
		int64_t lasted;
		bool told;
	} rows[] = {
		{ "n", 99, false },             /* a state, no transition */
		{ "un", 10, true },             /* lost */
		{ "un", 9, false },             /* not yet, or only for a moment */
		{ "unn", 99, false },           /* told when it began */
		{ "nu", 99, true },             /* ready again */
		{ "uuuuuuuuuuunu", 99, false }, /* it was gone for a moment, and nobody heard */
		{ "uuuuuuuuuuunun", 99, true }, /* and now it is gone */
		{ "uuuuuuuuuuu?n", 99, true },  /* not knowing is neither */
		{ "u?", 99, false },
		{ "n?n", 99, false },
		{ "uuuuuuuuuuunnnnnnnnnnnu", 99, true },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		cr_expect_eq(told(rows[i].history, rows[i].lasted), rows[i].told, "%s for %d",
		             rows[i].history, (int)rows[i].lasted);
}

Test(transition, words)
{
	cr_assert_eq(readiness_of("degraded"), READINESS_USABLE);
	cr_assert_eq(readiness_of("not-ready"), READINESS_NONE);
	cr_assert_eq(readiness_of("indeterminate"), READINESS_UNSURE);
}
