/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces of this network namespace, by rtnetlink: /sys may show another one's. */
#ifndef NESTREADY_MACHINE_LIVE_NICS_H
#define NESTREADY_MACHINE_LIVE_NICS_H

#include <stdint.h>

#include "machine/nics.h"

/* 0, or an errno; `why` is then what it is about. */
int live_nics_read(struct nics *nics, char *why, size_t size);

/* Frames that the interface has counted as sent, modulo 2^32.  0, or an errno. */
int live_nics_sent(unsigned index, uint32_t *frames);

#endif
