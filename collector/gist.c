/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See gist.h. */
#include "collector/gist.h"

#include <stdio.h>
#include <stdlib.h>

#include "collector/grow.h"

#define NUMBER_SIZE 24 /* of 64 bits, signed and terminated */

static const struct gist_place agent[] = { { "version", NULL, GIST_AGENT }, { NULL, NULL, 0 } };

static const struct gist_place guest[] = { { "system_uuid", NULL, GIST_UUID },
	                                   { "hostname", NULL, GIST_HOSTNAME },
	                                   { NULL, NULL, 0 } };

static const struct gist_place platform[] = { { "id", NULL, GIST_PLATFORM },
	                                      { "version", NULL, GIST_PLATFORM_VERSION },
	                                      { NULL, NULL, 0 } };

static const struct gist_place target[] = { { "id", NULL, GIST_TARGET }, { NULL, NULL, 0 } };

static const struct gist_place finding[] = { { "id", NULL, GIST_FINDING },
	                                     { "outcome", NULL, GIST_OUTCOME },
	                                     { "severity", NULL, GIST_SEVERITY },
	                                     { "gap", NULL, GIST_GAP },
	                                     { NULL, NULL, 0 } };

#define FACT(name, word)                                                                           \
	static const struct gist_place name[] = { { "value", NULL, word }, { NULL, NULL, 0 } }
FACT(hyperv_version, GIST_HYPERV_VERSION);
FACT(xen_version, GIST_XEN_VERSION);
FACT(vmware_product, GIST_VMWARE_PRODUCT);
FACT(cpu_name, GIST_CPU_NAME);
FACT(cpu_microcode, GIST_CPU_MICROCODE);
FACT(kernel, GIST_KERNEL);

static const struct gist_place facts[] = {
	{ "hyperv.version", hyperv_version, 0 },
	{ "xen.version", xen_version, 0 },
	{ "vmware.product", vmware_product, 0 },
	{ "cpu.name", cpu_name, 0 },
	{ "cpu.microcode", cpu_microcode, 0 },
	{ "os.kernel", kernel, 0 },
	{ NULL, NULL, 0 },
};

const struct gist_place gist_report[] = {
	{ "id", NULL, GIST_ID },
	{ "time", NULL, GIST_TIME },
	{ "verdict", NULL, GIST_VERDICT },
	{ "basis", NULL, GIST_BASIS },
	{ "agent", agent, 0 },
	{ "guest", guest, 0 },
	{ "platform", platform, 0 },
	{ "target", target, 0 },
	{ "findings", finding, 0 },
	{ "facts", facts, 0 },
	{ NULL, NULL, 0 },
};

bool gist_add_finding(struct gist *gist)
{
	struct gist_finding *findings =
	        grow(gist->findings, gist->count, &gist->room, sizeof *findings);
	if (findings == NULL) {
		gist->failed = true;
		return false;
	}
	gist->findings = findings;
	gist->findings[gist->count++] = (struct gist_finding){ { NULL } };
	return true;
}

void gist_set(struct gist *gist, enum gist_word word, const char *text)
{
	if (word < GIST_COUNT)
		gist->words[word] = text;
	else
		gist->findings[gist->count - 1].words[word - GIST_ROW] = text;
}

const char *gist_text(const struct gist *gist, enum gist_word word)
{
	return gist->words[word] == NULL ? "" : gist->words[word];
}

/* The one number that is wanted is a version, and has a place for its digits. */
static void read_word(struct gist *gist, const json_t *value, enum gist_word word)
{
	if (!json_is_integer(value)) {
		gist_set(gist, word, json_string_value(value));
	} else if (word == GIST_PLATFORM_VERSION) {
		gist->letters = malloc(NUMBER_SIZE);
		gist->failed = gist->letters == NULL;
		if (gist->failed)
			return;
		snprintf(gist->letters, NUMBER_SIZE, "%" JSON_INTEGER_FORMAT,
		         json_integer_value(value));
		gist_set(gist, word, gist->letters);
	}
}

/* As deep as the tables. */
static void read_object(struct gist *gist, const json_t *object, const struct gist_place *places)
{
	for (; places->name != NULL && !gist->failed; places++) {
		const json_t *value = json_object_get(object, places->name);
		if (places->inner == NULL)
			read_word(gist, value, places->word);
		else if (json_is_object(value))
			read_object(gist, value, places->inner);
		for (size_t i = 0; i < json_array_size(value) && places->inner != NULL; i++) {
			if (gist_add_finding(gist))
				read_object(gist, json_array_get(value, i), places->inner);
		}
	}
}

void gist_read(struct gist *gist, const json_t *report)
{
	*gist = (struct gist){ .failed = false };
	read_object(gist, report, gist_report);
}

void gist_clear(struct gist *gist)
{
	free(gist->findings);
	free(gist->letters);
	*gist = (struct gist){ .failed = false };
}
