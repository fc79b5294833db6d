/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units and words for values; which unit a number has is told by its key (doc/facts.md). */
#include "report/human.h"

#include <stdio.h>
#include <string.h>

/* More elements of a list than this say less, not more. */
#define LIST_MAX 4

/* One digit after the point below ten, none above: "1.9", "16". */
static void quantity(double value, const char *unit, struct text *out)
{
	text_printf(out, "%.*f %s", value < 9.95 ? 1 : 0, value, unit);
}

void human_bytes(uint64_t bytes, struct text *out)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)bytes;
	size_t unit = 0;
	/* 1023.5 would be printed as 1024 */
	while (value >= 1023.5 && unit + 1 < sizeof units / sizeof units[0]) {
		value /= 1024;
		unit++;
	}
	if (unit == 0)
		text_printf(out, "%u B", (unsigned)bytes);
	else
		quantity(value, units[unit], out);
}

void human_nanoseconds(uint64_t nanoseconds, struct text *out)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = (double)nanoseconds;
	size_t unit = 0;
	while (value >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
		value /= 1000;
		unit++;
	}
	if (unit == 0)
		text_printf(out, "%u ns", (unsigned)nanoseconds);
	else
		quantity(value, units[unit], out);
}

static bool key_is_bytes(const char *key)
{
	return strncmp(key, "memory.", 7) == 0 || strncmp(key, "disk.", 5) == 0;
}

static bool key_is_nanoseconds(const char *key)
{
	size_t length = strlen(key);
	return length > 3 && strcmp(key + length - 3, "-ns") == 0;
}

static void integer(const char *key, json_int_t value, struct text *out)
{
	if (value >= 0 && key_is_bytes(key))
		human_bytes((uint64_t)value, out);
	else if (value >= 0 && key_is_nanoseconds(key))
		human_nanoseconds((uint64_t)value, out);
	else
		text_printf(out, "%lld", (long long)value);
}

/* A register without the zeros that fill it up to 64 bits. */
static void string(const char *value, struct text *out)
{
	if (strncmp(value, "0x", 2) == 0) {
		size_t zeros = strspn(value + 2, "0");
		if (zeros > 0 && value[2 + zeros] == '\0')
			zeros--;
		text_printf(out, "0x%s", value + 2 + zeros);
	} else {
		text_add(out, value[0] == '\0' ? "(empty)" : value);
	}
}

static void json_value(const char *key, const json_t *value, struct text *out)
{
	if (json_is_boolean(value)) {
		text_add(out, json_is_true(value) ? "yes" : "no");
	} else if (json_is_integer(value)) {
		integer(key, json_integer_value(value), out);
	} else if (json_is_string(value)) {
		string(json_string_value(value), out);
	} else if (json_array_size(value) == 0) {
		text_add(out, "none");
	} else {
		size_t index;
		const json_t *element;
		json_array_foreach(value, index, element)
		{
			if (index == LIST_MAX) {
				text_add(out, " ...");
				break;
			}
			text_add(out, index == 0 ? "" : " ");
			json_value(key, element, out);
		}
	}
}

void human_value(const struct fact *fact, struct text *out)
{
	if (fact->status == STATUS_OBSERVED)
		json_value(fact->key, fact->value, out);
	else if (fact->why == NULL || fact->status == STATUS_ABSENT)
		text_add(out, status_name(fact->status));
	else
		text_printf(out, "%s (%s)", status_name(fact->status), fact->why);
}

void human_fact(const struct fact *fact, struct text *out)
{
	text_printf(out, "%s ", fact->key);
	human_value(fact, out);
	size_t index;
	const json_t *exception;
	json_array_foreach(fact->exceptions, index, exception)
	{
		const char *cpus = json_string_value(json_object_get(exception, "cpus"));
		const json_t *value = json_object_get(exception, "value");
		text_printf(out, ", on CPU %s ", cpus == NULL ? "?" : cpus);
		if (value != NULL) {
			json_value(fact->key, value, out);
		} else {
			const char *word = json_string_value(json_object_get(exception, "status"));
			text_add(out, word == NULL ? "?" : word);
		}
	}
}

/* "works" is what people report, against or without the vendors' word. */
void human_support(const struct matrix_entry *entry, struct text *out)
{
	text_add(out, strcmp(entry->support, "works") == 0 ? "works, unsupported" : entry->support);
	if (entry->note != NULL)
		text_printf(out, "; %s", entry->note);
	if (entry->uncertain)
		text_add(out, " (uncertain)");
}
