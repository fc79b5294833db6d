/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The receipt comes over a network: every text in it is a stranger's. */
#include <string.h>

#include "agent/submit.h"
#include "base/json_at.h"
#include "report/escape.h"

static const struct escape none[] = { { 0, NULL } };

static void add(struct text *out, const json_t *holder, const char *key)
{
	const char *text = json_string_value(json_object_get(holder, key));
	escape_add(out, none, text == NULL ? "" : text);
}

static void add_fix(struct text *out, const json_t *fix)
{
	const json_t *steps = json_object_get(fix, "steps");
	if (json_array_size(steps) == 0)
		return;
	text_add(out, "      to fix (");
	add(out, fix, "who");
	text_add(out, json_is_true(json_object_get(fix, "power_off"))
	                      ? "; the VM powered off and on, a reboot is not enough):\n"
	                      : "):\n");
	for (size_t i = 0; i < json_array_size(steps); i++) {
		const char *step = json_string_value(json_array_get(steps, i));
		text_add(out, "        ");
		escape_add(out, none, step == NULL ? "" : step);
		text_add(out, "\n");
	}
}

static void add_item(struct text *out, const json_t *item)
{
	const char *state = json_string_value(json_object_get(item, "state"));
	const char *reason = json_string_value(json_object_get(item, "reason"));
	text_printf(out, "  %g/%g  ", json_at_number(item, "points"),
	            json_at_number(item, "possible"));
	add(out, item, "state");
	text_add(out, ": ");
	add(out, item, "title");
	text_add(out, "\n");
	if (state != NULL && strcmp(state, "met") == 0)
		return;
	if (reason != NULL && reason[0] != '\0') {
		text_add(out, "      ");
		escape_add(out, none, reason);
		text_add(out, "\n");
	}
	if (json_string_length(json_object_get(item, "note")) > 0) {
		text_add(out, "      note: ");
		add(out, item, "note");
		text_add(out, "\n");
	}
	add_fix(out, json_object_get(item, "fix"));
}

void submit_head(const json_t *enrolled, struct text *out)
{
	add(out, enrolled, "lab");
	text_add(out, ": ");
	add(out, enrolled, "title");
	text_add(out, "\nstudent ");
	add(out, enrolled, "student");
	if (json_object_get(enrolled, "deadline") != NULL) {
		text_add(out, ", due ");
		add(out, enrolled, "deadline");
	}
	text_add(out, "\n");
}

void submit_receipt(const json_t *marks, struct text *out)
{
	const json_t *items = json_object_get(marks, "items");
	text_printf(out, "points: %g of %g\n", json_at_number(marks, "points"),
	            json_at_number(marks, "possible"));
	for (size_t i = 0; i < json_array_size(items); i++)
		add_item(out, json_array_get(items, i));
}
