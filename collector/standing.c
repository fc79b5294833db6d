/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See standing.h. */
#include "collector/standing.h"

#include <stdbool.h>
#include <string.h>

/* A value is cut there: it is for comparing, and the report has all of it. */
#define VALUE_MAX 120

const char *const standing_trait_names[TRAIT_COUNT] = {
	[TRAIT_PLATFORM] = "platform", [TRAIT_PLATFORM_VERSION] = "platform-version",
	[TRAIT_CPU] = "cpu",           [TRAIT_MICROCODE] = "microcode",
	[TRAIT_KERNEL] = "kernel",
};

/* Facts that say a version of L0 where the platform's own member does not. */
static const enum gist_word version_facts[] = { GIST_HYPERV_VERSION, GIST_XEN_VERSION,
	                                        GIST_VMWARE_PRODUCT };

/* Bytes of a character are kept together. */
static void add_line(struct text *out, const char *value)
{
	size_t length = strnlen(value, VALUE_MAX);
	while (length > 0 && value[length] != '\0' && ((unsigned char)value[length] & 0xc0) == 0x80)
		length--;
	for (size_t i = 0; i < length; i++)
		text_add_bytes(out, (unsigned char)value[i] < ' ' ? " " : &value[i], 1);
	text_add(out, "\n");
}

static const char *version(const struct gist *gist)
{
	const char *text = gist->words[GIST_PLATFORM_VERSION];
	for (size_t i = 0; text == NULL && i < sizeof version_facts / sizeof version_facts[0];
	     i++) {
		const char *found = gist_text(gist, version_facts[i]);
		text = found[0] == '\0' ? NULL : found;
	}
	return text == NULL ? "" : text;
}

void standing_traits(const struct gist *gist, struct text *out)
{
	add_line(out, gist_text(gist, GIST_PLATFORM));
	add_line(out, version(gist));
	add_line(out, gist_text(gist, GIST_CPU_NAME));
	add_line(out, gist_text(gist, GIST_CPU_MICROCODE));
	add_line(out, gist_text(gist, GIST_KERNEL));
}

const char *standing_trait(const char *traits, enum trait trait, size_t *length)
{
	const char *end = strchr(traits, '\n');
	for (int i = 0; i < (int)trait && end != NULL; i++) {
		traits = end + 1;
		end = strchr(traits, '\n');
	}
	*length = end == NULL ? 0 : (size_t)(end - traits);
	return end == NULL ? "" : traits;
}

struct standing standing_next(const struct standing *before, const char *verdict,
                              const char *traits, int64_t at)
{
	bool usable = strcmp(verdict, "ready") == 0 || strcmp(verdict, "degraded") == 0;
	struct standing next = *before;
	next.traits = traits;
	if (usable) {
		next.traits_ready = traits;
		next.traits_lost = "";
		next.lost = 0;
	} else if (strcmp(verdict, "not-ready") == 0 && next.lost == 0 &&
	           next.traits_ready[0] != '\0') {
		next.traits_lost = traits;
		next.lost = at;
	}
	return next;
}
