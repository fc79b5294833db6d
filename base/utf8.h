/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes from outside become text that JSON and terminals can carry. */
#ifndef NESTREADY_BASE_UTF8_H
#define NESTREADY_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Length in bytes of the well-formed UTF-8 character (RFC 3629) at `bytes`; 0 when there is none.
 */
size_t utf8_character(const char *bytes, size_t length);

bool utf8_valid(const char *bytes, size_t length);

/* Replaces, in place, every byte that is not UTF-8 and every control character but tab by '?'. */
void utf8_sanitize(char *bytes, size_t length);

/* How many bytes at the start a JSON string carries as they are: printable ASCII but " and \\. */
size_t utf8_plain_run(const char *bytes, size_t length);

#endif
