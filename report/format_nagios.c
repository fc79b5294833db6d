/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A monitoring plug-in's answer for Nagios, Icinga, Naemon and their like
 * (Monitoring Plugins Development Guidelines): a line, performance data, and
 * what stands in the way below.  The state is the exit status.
 */
#include <stdlib.h>

#include "report/escape.h"
#include "report/items.h"
#include "report/report.h"
#include "report/text_frame.h"

/* "|" begins performance data. */
static const struct escape escapes[] = { { '|', "/" }, { 0, NULL } };

/* Nagios 4 keeps 8192 bytes of an answer, NRPE before 3.0 kept 1024. */
#define ITEMS_MAX 6

static const char *state(const struct report *report, const struct format_options *options)
{
	static const char *const states[] = {
		[VERDICT_READY] = "OK",
		[VERDICT_DEGRADED] = "WARNING",
		[VERDICT_NOT_READY] = "CRITICAL",
		[VERDICT_INDETERMINATE] = "UNKNOWN",
	};
	enum verdict verdict = report->judgment.verdict;
	if (verdict == VERDICT_DEGRADED && options->accept_degraded)
		verdict = VERDICT_READY;
	return states[verdict];
}

static size_t count_bearing(const struct judgment *judgment, enum bearing bearing)
{
	size_t count = 0;
	for (size_t i = 0; i < judgment->finding_count; i++)
		count += finding_bearing(&judgment->findings[i]) == bearing;
	return count;
}

/* A fact that counts `parts` of a unit (1 or 1000); "U" when it is not known. */
static void put_fact(const struct report *report, const char *label, const char *key,
                     unsigned parts, const char *unit, struct text *out)
{
	const struct fact *fact = fact_set_find(report->facts, key);
	if (fact == NULL || !json_is_integer(fact->value)) {
		text_printf(out, " %s=U", label);
		return;
	}
	json_int_t value = json_integer_value(fact->value);
	text_printf(out, " %s=%" JSON_INTEGER_FORMAT, label, value / parts);
	if (parts > 1)
		text_printf(out, ".%03" JSON_INTEGER_FORMAT, value % parts);
	text_printf(out, "%s;;;0", unit);
}

/* The same labels in every run, whatever was found: graphs are made of them. */
static void write_performance(const struct report *report, const struct format_options *options,
                              struct text *out)
{
	const struct judgment *judgment = &report->judgment;
	text_printf(out, " | stops=%zu;;0;0", count_bearing(judgment, BEARING_STOPS));
	text_printf(out, " degrades=%zu;%s;;0", count_bearing(judgment, BEARING_DEGRADES),
	            options->accept_degraded ? "" : "0");
	text_printf(out, " undecided=%zu;;;0", count_bearing(judgment, BEARING_HOLDS_UP));
	text_printf(out, " not_proven=%zu;;;0", judgment->not_proven_count);
	put_fact(report, "cpus", "cpu.count", 1, "", out);
	put_fact(report, "memory", "memory.total", 1, "B", out);
	put_fact(report, "l2_exit", "l2.exit-ns", 1000, "us", out);
}

static void write_nagios(const struct report *report, const struct format_options *options,
                         struct text *out)
{
	const struct judgment *judgment = &report->judgment;
	const char *reason = judgment_reason(judgment);
	cleanup_text struct text line = TEXT_INIT;
	struct item *items;
	size_t count;
	if (items_collect(judgment, report->platform.platform, report->facts, options->tool, &items,
	                  &count) != 0) {
		out->failed = true;
		return;
	}
	text_printf(&line, "NESTREADY %s - %s for %s", state(report, options),
	            verdict_name(judgment->verdict), judgment->target->title);
	if (reason != NULL)
		text_printf(&line, ": %s", reason);
	text_add(&line, "; ");
	text_platform(report, &line);
	escape_add(out, escapes, text_string(&line));
	write_performance(report, options, out);
	text_add(out, "\n");
	for (size_t i = 0; i < count && i < ITEMS_MAX; i++) {
		cleanup_text struct text title = TEXT_INIT;
		item_title(&items[i], judgment, &title);
		escape_add(out, escapes, text_string(&title));
		if (items[i].gap_id != NULL)
			text_printf(out, " (%s)", items[i].gap_id);
		text_add(out, "\n");
	}
	out->failed = out->failed || line.failed;
	free(items);
}

static void write_error(const char *message, struct text *out)
{
	text_add(out, "NESTREADY UNKNOWN - ");
	escape_add(out, escapes, message);
	text_add(out, "\n");
}

const struct format format_nagios = {
	.name = "nagios",
	.help = "a monitoring plug-in's answer, performance data included",
	.write = write_nagios,
	.write_error = write_error
};
