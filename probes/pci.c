/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Models of the network and storage adapters, because a target without a
 * driver for them will not install.  Adapters on other buses (virtio-mmio,
 * vmbus, Xen) have no PCI id and are not in these lists.
 */
#include <stdio.h>
#include <string.h>

#include "probes/lines.h"
#include "probes/pci_line.h"
#include "probes/probe.h"

static const char source[] = "PCI configuration space";

/* Base classes: PCI Code and ID Assignment Specification, section 1. */
static const struct list {
	unsigned base_class;
	const char *key;
} lists[] = {
	{ 0x02, "pci.nics" },
	{ 0x01, "pci.storage" },
};

#define LISTS (sizeof lists / sizeof *lists)

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

/* Adds a function to the list of its class, each model once.  0, or -1 on lack of memory. */
static int add(json_t *models[LISTS], const struct pci_line *function)
{
	char model[10];
	snprintf(model, sizeof model, "%04x:%04x", function->vendor, function->device);
	for (size_t i = 0; i < LISTS; i++)
		if (function->class >> 8 == lists[i].base_class && !listed(models[i], model))
			return json_array_append_new(models[i], json_string(model));
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
	{ NULL, NULL },
};

const struct probe probe_pci = {
	.id = "pci",
	.title = "models of network and storage adapters",
	.deadline_ms = 1000,
	.facts = facts,
	.run = run_pci,
};
