/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's SMBIOS tables, which Linux shows in /sys/class/dmi/id. */
#ifndef NESTREADY_LAB_L0_SMBIOS_H
#define NESTREADY_LAB_L0_SMBIOS_H

#include <stdint.h>

#include "tests/lab/l0/identity.h"

/* Writes them where a BIOS puts them, into 0xf0000 to 0xfffff of guest memory. */
void smbios_write(uint8_t *memory, const struct identity_strings *strings);

#endif
