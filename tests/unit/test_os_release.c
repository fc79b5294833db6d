/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distributions, as their os-release files say it. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "probes/os_release.h"

static void expect_ids(const char *text, const char *expected)
{
	json_t *ids = os_release_ids(text);
	char *found = json_dumps(ids, JSON_COMPACT);
	cr_assert_str_eq(found, expected);
	free(found);
	json_decref(ids);
}

Test(os_release, ids)
{
	expect_ids("NAME=\"Debian GNU/Linux\"\nID=debian\n", "[\"debian\"]");
	expect_ids("ID_LIKE=debian\nID=ubuntu\n", "[\"ubuntu\",\"debian\"]");
	expect_ids("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
	           "[\"rocky\",\"rhel\",\"centos\",\"fedora\"]");
	expect_ids("ID='opensuse-leap'\nID_LIKE='suse opensuse'",
	           "[\"opensuse-leap\",\"suse\",\"opensuse\"]");
	expect_ids("VERSION_ID=12\nBUILD_ID=x\nID=\n", "[]");
	expect_ids("ID=arch\nID=arch\nID_LIKE=arch\n", "[\"arch\"]");
}
