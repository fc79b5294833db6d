/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of the machine port's list of PCI functions. */
#ifndef NESTREADY_PROBES_PCI_LINE_H
#define NESTREADY_PROBES_PCI_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pci_line {
	uint16_t class; /* base class and subclass */
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor;
	uint16_t subdevice;
};

/*
 * Reads "SLOT CLASS VENDOR:DEVICE SUBVENDOR:SUBDEVICE", four hex digits each
 * but the slot, which is any one word.  False when the line is anything else.
 */
bool pci_line_parse(const char *line, size_t length, struct pci_line *parsed);

#endif
