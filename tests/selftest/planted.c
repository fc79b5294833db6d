/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests that pass and yet are wrong, planted so that the runner can be seen to
 * notice: one leaks, one overflows an int.  tests/selftest/test_runner.py runs them.
 */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdlib.h>

Test(planted, passes_and_is_clean)
{
	void *memory = malloc(7);
	cr_assert_not_null(memory);
	free(memory);
}

Test(planted, passes_and_leaks)
{
	void *volatile memory = malloc(4242);
	cr_assert_not_null(memory);
	memory = NULL;
}

Test(planted, passes_and_overflows)
{
	volatile int big = INT_MAX;
	big = big + 1;
	cr_assert_lt(big, 0);
}

Test(planted, crashes)
{
	abort();
}
