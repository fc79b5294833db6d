/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See libpci.h. */
#include "machine/libpci.h"

#include <dlfcn.h>
#include <string.h>

/* The ABI that <pci/pci.h> describes has had this name since pciutils 3.0. */
#define LIBRARY "libpci.so.3"

bool libpci_load(struct libpci *libpci, struct answer *answer)
{
	const struct {
		const char *name;
		void *function; /* where to put it */
	} wanted[] = {
		{ "pci_alloc", &libpci->alloc },         { "pci_set_param", &libpci->set_param },
		{ "pci_init", &libpci->init },           { "pci_scan_bus", &libpci->scan_bus },
		{ "pci_fill_info", &libpci->fill_info }, { "pci_cleanup", &libpci->cleanup },
	};
	/* Never closed: that takes time, and a worker ends soon. */
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
	bool whole = library != NULL;
	for (size_t i = 0; whole && i < sizeof wanted / sizeof wanted[0]; i++) {
		void *function = dlsym(library, wanted[i].name);
		memcpy(wanted[i].function, &function, sizeof function);
		whole = function != NULL;
	}
	if (!whole)
		answer_set_status(answer, STATUS_FAILED, "%s", dlerror());
	return whole;
}
