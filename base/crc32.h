/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32 (IEEE 802.3, as in zlib and PNG): whether bytes came over a line as they were sent. */
#ifndef NESTREADY_BASE_CRC32_H
#define NESTREADY_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *bytes, size_t length);

#endif
