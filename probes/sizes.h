/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes out of the kernel's tables of text. */
#ifndef NESTREADY_PROBES_SIZES_H
#define NESTREADY_PROBES_SIZES_H

#include <stdbool.h>
#include <stdint.h>

/* The bytes in the line "NAME:   N kB" of /proc/meminfo.  False without such a line. */
bool sizes_meminfo(const char *text, const char *name, uint64_t *bytes);

/*
 * The bytes of the largest disk in /proc/partitions, 0 when there is none.
 * A partition is never larger than its disk; what is made of disks, memory or
 * files, or is removable by nature, does not count.  False when the text is no
 * such table.
 */
bool sizes_largest_disk(const char *text, uint64_t *bytes);

#endif
