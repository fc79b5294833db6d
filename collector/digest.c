/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By GnuTLS, which the HTTP library brings for its TLS anyway. */
#include "collector/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>

void digest_hex(const void *bytes, size_t length, size_t count, char *hex)
{
	unsigned char digest[DIGEST_SIZE];
	/* Fails only where the library forbids SHA-256, and then nothing here can be promised. */
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, length, digest) != 0)
		abort();
	for (size_t i = 0; i < count; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

bool digest_equal(const void *a, const void *b, size_t length)
{
	return gnutls_memcmp(a, b, length) == 0;
}
