/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 (RFC 4648 section 4, padded): how bytes that are no text travel in JSON. */
#ifndef NESTREADY_BASE_BASE64_H
#define NESTREADY_BASE_BASE64_H

#include <stddef.h>

/* A new string; NULL on lack of memory. */
char *base64_encode(const void *bytes, size_t length);

/*
 * Decodes strictly: no white space, whole groups of four, nothing after the
 * padding.  `*bytes` becomes a new buffer of `*count` bytes, not NULL even
 * when empty.  0, -EINVAL or -ENOMEM.
 */
int base64_decode(const char *text, size_t length, unsigned char **bytes, size_t *count);

#endif
