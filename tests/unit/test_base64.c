/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 against the vectors of RFC 4648 section 10, there and back. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

static const char *const vectors[][2] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

Test(base64, encodes_and_decodes_the_vectors_of_the_rfc)
{
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		char *encoded = base64_encode(vectors[i][0], strlen(vectors[i][0]));
		cr_assert_str_eq(encoded, vectors[i][1]);
		unsigned char *bytes;
		size_t count;
		cr_assert_eq(base64_decode(encoded, strlen(encoded), &bytes, &count), 0);
		cr_assert_eq(count, strlen(vectors[i][0]));
		cr_assert_eq(memcmp(bytes, vectors[i][0], count), 0);
		free(bytes);
		free(encoded);
	}
}

Test(base64, keeps_every_byte)
{
	unsigned char all[256];
	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	char *encoded = base64_encode(all, sizeof all);
	unsigned char *bytes;
	size_t count;
	cr_assert_eq(base64_decode(encoded, strlen(encoded), &bytes, &count), 0);
	cr_assert_eq(count, sizeof all);
	cr_assert_eq(memcmp(bytes, all, sizeof all), 0);
	free(bytes);
	free(encoded);
}

Test(base64, refuses_what_is_cut_or_foreign)
{
	static const char *const broken[] = { "Zg",   "Zg=",      "Z===",  "====", "Zm 9",
		                              "Zm9-", "Zg==Zg==", "=Zg==", "Zm9\n" };
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		unsigned char *bytes;
		size_t count;
		cr_assert_eq(base64_decode(broken[i], strlen(broken[i]), &bytes, &count), -EINVAL,
		             "%s", broken[i]);
	}
}
