/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a product shows of itself to its guests: its range of CPUID, the strings
 * in its SMBIOS, its backdoor.  A new product is a row of the table.
 */
#ifndef NESTREADY_LAB_L0_IDENTITY_H
#define NESTREADY_LAB_L0_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDENTITY_LEAVES 6
#define IDENTITY_NOTES  2

struct identity_leaf {
	uint32_t leaf, eax, ebx, ecx, edx;
};

/* NULL is a string that the product leaves out. */
struct identity_strings {
	const char *bios_vendor, *bios_version, *bios_date;
	const char *system_vendor, *product, *product_version;
	const char *board_vendor, *board;
	const char *chassis_vendor;
	const char *notes[IDENTITY_NOTES]; /* SMBIOS type 11, "OEM strings" */
};

struct identity {
	const char *name;
	const char *signature; /* at 0x40000000; NULL: what KVM itself shows there stays */
	uint32_t last_leaf;
	bool timing_leaf; /* 0x40000010 has the frequencies of TSC and local APIC */
	bool backdoor;    /* it is VMware */
	struct identity_leaf leaves[IDENTITY_LEAVES]; /* after the signature's */
	struct identity_strings strings;
};

/* NULL when there is no such product. */
const struct identity *identity_find(const char *name);

#endif
