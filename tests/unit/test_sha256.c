/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests as others work them out: FIPS 180-2 appendix B, RFC 4231. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/sha256.h"

Test(sha256, of_the_standard_examples)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	char hex[SHA256_HEX_SIZE];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sha256_hex(rows[i].text, strlen(rows[i].text), hex);
		cr_assert_str_eq(hex, rows[i].hex);
	}
}

Test(sha256, hmac_of_rfc_4231)
{
	static const struct {
		const char *key, *text, *hex;
	} rows[] = {
		{ "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
		  "\x0b",
		  "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ "Jefe", "what do ya want for nothing?",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	};
	char hex[SHA256_HEX_SIZE], key[132] = "";
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		sha256_hmac_hex(rows[i].key, rows[i].text, strlen(rows[i].text), hex);
		cr_assert_str_eq(hex, rows[i].hex);
	}
	/* test case 6: a key longer than a block */
	static const char text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	memset(key, '\xaa', 131);
	sha256_hmac_hex(key, text, sizeof text - 1, hex);
	cr_assert_str_eq(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
