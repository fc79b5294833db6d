/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libpci, loaded when PCI is first asked.  It brings libz and libudev along:
 * linked, the three would delay the start of every worker; this way they are
 * loaded while other probes run, and a machine without them loses two facts.
 */
#ifndef NESTREADY_MACHINE_LIBPCI_H
#define NESTREADY_MACHINE_LIBPCI_H

#include <pci/pci.h>
#include <stdbool.h>

#include "machine/machine.h"

/* What is used of it, under its own names. */
struct libpci {
	__typeof__(pci_alloc) *alloc;
	__typeof__(pci_set_param) *set_param;
	__typeof__(pci_init) *init;
	__typeof__(pci_scan_bus) *scan_bus;
	__typeof__(pci_fill_info) *fill_info;
	__typeof__(pci_cleanup) *cleanup;
};

/* False, and the answer `failed` with the loader's words, when it is not there or lacks a function.
 */
bool libpci_load(struct libpci *libpci, struct answer *answer);

#endif
