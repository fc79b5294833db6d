/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in addresses, read strictly. */
#ifndef NESTREADY_TRANSPORT_NUMBER_H
#define NESTREADY_TRANSPORT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads decimal digits and nothing else, without a leading zero, up to `most`. */
bool number_read(const char *text, uint32_t most, uint32_t *number);

/* Reads two of them with a colon in between, each below UINT32_MAX, which stands for any. */
bool number_read_pair(const char *text, uint32_t *first, uint32_t *second);

#endif
