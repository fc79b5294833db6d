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
static const char *const version_facts[] = { "hyperv.version", "xen.version", "vmware.product" };

static const char *fact_text(const json_t *report, const char *key)
{
	const json_t *fact = json_object_get(json_object_get(report, "facts"), key);
	const char *text = json_string_value(json_object_get(fact, "value"));
	return text == NULL ? "" : text;
}

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

static void add_version(const json_t *report, struct text *out)
{
	const json_t *version = json_object_get(json_object_get(report, "platform"), "version");
	const char *text = json_string_value(version);
	if (json_is_integer(version)) {
		text_printf(out, "%lld\n", (long long)json_integer_value(version));
		return;
	}
	for (size_t i = 0; text == NULL && i < sizeof version_facts / sizeof version_facts[0];
	     i++) {
		const char *found = fact_text(report, version_facts[i]);
		text = found[0] == '\0' ? NULL : found;
	}
	add_line(out, text == NULL ? "" : text);
}

void standing_traits(const json_t *report, struct text *out)
{
	const char *platform =
	        json_string_value(json_object_get(json_object_get(report, "platform"), "id"));
	add_line(out, platform == NULL ? "" : platform);
	add_version(report, out);
	add_line(out, fact_text(report, "cpu.name"));
	add_line(out, fact_text(report, "cpu.microcode"));
	add_line(out, fact_text(report, "os.kernel"));
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
