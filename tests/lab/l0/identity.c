/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The products.  Strings are those that their guests print at boot ("DMI: ...")
 * and systemd's and virt-what's tables of them.
 */
#include "tests/lab/l0/identity.h"

#include <string.h>

/* Hyper-V's leaves: Microsoft's Hypervisor Top-Level Functional Specification, 2.4. */
#define HV_INTERFACE 0x31237648 /* "Hv#1" */
/* Linux does without Hyper-V's help when hypercalls or the index of a CPU are missing. */
#define HV_FEATURES      (1 << 5 | 1 << 6 | 1 << 1 | 1 << 11) /* and clock, frequencies */
#define HV_MORE_FEATURES (1 << 8)                             /* frequencies can be read */

#define VIRTUALBOX_STRINGS                                                                         \
	{                                                                                          \
		.bios_vendor = "innotek GmbH", .bios_version = "VirtualBox",                       \
		.bios_date = "12/01/2006", .system_vendor = "innotek GmbH",                        \
		.product = "VirtualBox", .product_version = "1.2",                                 \
		.board_vendor = "Oracle Corporation", .board = "VirtualBox",                       \
		.chassis_vendor = "Oracle Corporation",                                            \
		.notes = { "vboxVer_7.0.18", "vboxRev_162988" },                                   \
	}

static const struct identity identities[] = {
	{
	        .name = "kvm",
	        .strings = {
	                .bios_vendor = "SeaBIOS",
	                .bios_version = "1.16.2-debian-1.16.2-1",
	                .bios_date = "04/01/2014",
	                .system_vendor = "QEMU",
	                .product = "Standard PC (Q35 + ICH9, 2009)",
	                .product_version = "pc-q35-7.2",
	                .chassis_vendor = "QEMU",
	        },
	},
	{
	        .name = "vmware",
	        .signature = "VMwareVMware",
	        .last_leaf = 0x40000010,
	        .timing_leaf = true,
	        .backdoor = true,
	        .strings = {
	                .bios_vendor = "Phoenix Technologies LTD",
	                .bios_version = "6.00",
	                .bios_date = "11/12/2020",
	                .system_vendor = "VMware, Inc.",
	                .product = "VMware Virtual Platform",
	                .product_version = "None",
	                .board_vendor = "Intel Corporation",
	                .board = "440BX Desktop Reference Platform",
	                .chassis_vendor = "No Enclosure",
	        },
	},
	{
	        /* With --paravirtprovider minimal (VMM/VMMR3/GIMMinimal.cpp). */
	        .name = "virtualbox",
	        .signature = "VBoxVBoxVBox",
	        .last_leaf = 0x40000010,
	        .timing_leaf = true,
	        .strings = VIRTUALBOX_STRINGS,
	},
	{
	        /* With --paravirtprovider kvm, the default for Linux guests (its manual). */
	        .name = "virtualbox-as-kvm",
	        .strings = VIRTUALBOX_STRINGS,
	},
	{
	        .name = "hyperv",
	        .signature = "Microsoft Hv",
	        .last_leaf = 0x40000005,
	        .leaves = {
	                { 0x40000001, .eax = HV_INTERFACE },
	                { 0x40000002, .eax = 20348, .ebx = 10 << 16 }, /* 10.0, Server 2022 */
	                { 0x40000003, .eax = HV_FEATURES, .edx = HV_MORE_FEATURES },
	                { 0x40000004, .ebx = 0xffffffff }, /* spin before saying so: never */
	                { 0x40000005, .eax = 64, .ebx = 64 }, /* CPUs at most */
	        },
	        .strings = {
	                .bios_vendor = "American Megatrends Inc.",
	                .bios_version = "090008",
	                .bios_date = "12/07/2018",
	                .system_vendor = "Microsoft Corporation",
	                .product = "Virtual Machine",
	                .product_version = "7.0",
	                .board_vendor = "Microsoft Corporation",
	                .board = "Virtual Machine",
	                .chassis_vendor = "Microsoft Corporation",
	        },
	},
};

const struct identity *identity_find(const char *name)
{
	for (size_t i = 0; i < sizeof identities / sizeof identities[0]; i++)
		if (strcmp(identities[i].name, name) == 0)
			return &identities[i];
	return NULL;
}
