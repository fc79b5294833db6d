/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line that is accepted says, written again, what it said before. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/pci_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* " CCCC VVVV:DDDD SSSS:TTTT" */
#define TAIL 25

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pci_line parsed;
	if (!pci_line_parse((const char *)data, size, &parsed))
		return 0;
	char again[TAIL + 1];
	snprintf(again, sizeof again, " %04x %04x:%04x %04x:%04x", parsed.class, parsed.vendor,
	         parsed.device, parsed.subvendor, parsed.subdevice);
	if (size <= TAIL)
		abort();
	for (size_t i = 0; i < TAIL; i++)
		if (tolower(data[size - TAIL + i]) != again[i])
			abort();
	return 0;
}
