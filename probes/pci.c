/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Models of the network and storage adapters, because a target without a
 * driver for them will not install.  Adapters on other buses (virtio-mmio,
 * vmbus, Xen) have no PCI id and are not in these lists.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "probes/lines.h"
#include "probes/pci_line.h"
#include "probes/probe.h"

static const char source[] = "PCI configuration space";

/* Base classes: PCI Code and ID Assignment Specification, section 1. */
static const struct list {
	unsigned base_class;
	bool of_virtual_functions;
	const char *key;
} lists[] = {
	{ 0x02, false, "pci.nics" },
	{ 0x01, false, "pci.storage" },
	{ 0x02, true, "pci.virtual-functions" },
};

#define LISTS (sizeof lists / sizeof *lists)

/*
 * Virtual functions of network adapters (SR-IOV).  In a guest nothing but the
 * number tells: the physical function is not there.  From pci.ids: Intel,
 * Broadcom, Mellanox, Marvell, Microsoft (Azure's MANA).
 */
static const struct maker {
	uint16_t vendor;
	uint16_t devices[28]; /* 0 ends them */
} virtual_functions[] = {
	{ 0x8086,
	  { 0x0dd5, 0x10ca, 0x10ed, 0x1515, 0x1520, 0x152e, 0x152f, 0x1530, 0x154c, 0x1564,
	    0x1565, 0x1571, 0x15a8, 0x15a9, 0x15b4, 0x15c5, 0x1889, 0x1f44, 0x37cd, 0x37d9 } },
	{ 0x14e4,
	  { 0x1609, 0x163f, 0x166f, 0x16a9, 0x16ad, 0x16af, 0x16cb, 0x16d3, 0x16dc, 0x16e1, 0x1806,
	    0x1808 } },
	{ 0x15b3, { 0x0263, 0x1002, 0x1004, 0x1014, 0x1016, 0x1018, 0x101a, 0x101c, 0x101e } },
	{ 0x1077, { 0x1664, 0x8090, 0x8430 } },
	{ 0x1414, { 0x00ba } },
};

static bool is_virtual(const struct pci_line *function)
{
	for (size_t i = 0; i < sizeof virtual_functions / sizeof *virtual_functions; i++) {
		const struct maker *maker = &virtual_functions[i];
		for (const uint16_t *device = maker->devices;
		     maker->vendor == function->vendor && *device != 0; device++)
			if (*device == function->device)
				return true;
	}
	return false;
}

static void none(const struct probe_run *run, enum status status, const char *why)
{
	for (size_t i = 0; i < LISTS; i++)
		fact_none(run->facts, lists[i].key, status, why, source);
}

static bool listed(const json_t *models, const char *model)
{
	for (size_t i = 0; i < json_array_size(models); i++)
		if (strcmp(json_string_value(json_array_get(models, i)), model) == 0)
			return true;
	return false;
}

/* Adds a function to the lists of its class, each model once.  0, or -1 on lack of memory. */
static int add(json_t *models[LISTS], const struct pci_line *function)
{
	char model[10];
	snprintf(model, sizeof model, "%04x:%04x", function->vendor, function->device);
	for (size_t i = 0; i < LISTS; i++) {
		if (function->class >> 8 != lists[i].base_class || listed(models[i], model) ||
		    (lists[i].of_virtual_functions && !is_virtual(function)))
			continue;
		if (json_array_append_new(models[i], json_string(model)) != 0)
			return -1;
	}
	return 0;
}

/* Reads every line.  0, or -1 with the reason in `why`. */
static int add_all(json_t *models[LISTS], const char *text, char *why, size_t size)
{
	struct line line;
	for (unsigned number = 1; lines_next(&text, &line); number++) {
		struct pci_line function;
		if (!pci_line_parse(line.start, line.length, &function)) {
			snprintf(why, size, "line %u is no PCI function", number);
			return -1;
		}
		if (add(models, &function) != 0) {
			snprintf(why, size, "out of memory");
			return -1;
		}
	}
	return 0;
}

static void run_pci(const struct probe_run *run)
{
	cleanup_answer struct answer answer = ANSWER_INIT;
	if (machine_pci(run->machine, &answer) != STATUS_OBSERVED) {
		none(run, answer.status, answer.why);
		return;
	}
	char why[64];
	json_t *models[LISTS];
	for (size_t i = 0; i < LISTS; i++)
		models[i] = json_array();
	bool whole = add_all(models, answer.text, why, sizeof why) == 0;
	for (size_t i = 0; i < LISTS; i++) {
		if (whole)
			fact_list(run->facts, lists[i].key, models[i], source);
		else
			json_decref(models[i]);
	}
	if (!whole)
		none(run, STATUS_FAILED, why);
}

static const struct fact_declaration facts[] = {
	{ "pci.nics", "network adapters on the PCI bus, vendor:device, each model once" },
	{ "pci.storage", "storage adapters on the PCI bus, vendor:device, each model once" },
	{ "pci.virtual-functions", "those of pci.nics that are virtual functions (SR-IOV)" },
	{ NULL, NULL },
};

const struct probe probe_pci = {
	.id = "pci",
	.title = "models of network and storage adapters",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_pci,
};
