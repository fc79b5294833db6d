/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See vendor.h. */
#include "import/vendor.h"

#include <stdio.h>
#include <string.h>

static const struct maker {
	const char *name;
	const char *extension; /* the fact */
} makers[] = {
	{ "GenuineIntel", "cpu.vmx" },
	{ "AuthenticAMD", "cpu.svm" },
	{ "HygonGenuine", "cpu.svm" },
	{ "CentaurHauls", "cpu.vmx" },
};

#define MAKERS (sizeof makers / sizeof makers[0])

void vendor_find(struct span span, char *vendor, size_t size)
{
	for (size_t i = 0; i < MAKERS; i++)
		if (span_find(span, makers[i].name) != NULL)
			snprintf(vendor, size, "%s", makers[i].name);
}

void vendor_facts(struct record *record, const char *vendor, const char *source)
{
	if (vendor[0] != '\0')
		fact_text(&record->sink, "cpu.vendor", vendor, source);
}

void vendor_extension(struct record *record, const char *vendor, bool there, const char *source)
{
	fact_bool(&record->sink, "cpu.virtualization", there, source);
	for (size_t i = 0; i < MAKERS; i++)
		if (strcmp(makers[i].name, vendor) == 0 || !there)
			fact_bool(&record->sink, makers[i].extension, there, source);
}
